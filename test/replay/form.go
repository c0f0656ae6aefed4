package replay

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"cos-credentials/test/cam"
	"cos-credentials/test/sts"
)

// form is the answer of /post-policy.
type form struct {
	CosHost       string `json:"cosHost"`
	CosKey        string `json:"cosKey"`
	Bucket        string `json:"bucket"`
	Region        string `json:"region"`
	Key           string `json:"key"`
	Policy        string `json:"policy"`
	Algorithm     string `json:"qSignAlgorithm"`
	AK            string `json:"qAk"`
	KeyTime       string `json:"qKeyTime"`
	Signature     string `json:"qSignature"`
	SecurityToken string `json:"securityToken"`
	StartTime     int64  `json:"startTime"`
	ExpiredTime   int64  `json:"expiredTime"`
	RequestID     string `json:"requestId"`
}

// form reads the answer as an upload form; it is one if it has a form policy.
func (r response) form() (f form, ok bool) {
	json.Unmarshal([]byte(r.Body), &f)
	return f, r.StatusCode == 200 && f.Policy != ""
}

// token is the session token of a key or of a form.
func (r response) token() string {
	if f, ok := r.form(); ok {
		return f.SecurityToken
	}
	return r.success().Credentials.SessionToken
}

// key is the object key of a form, or the one that the function chose.
func (r response) key() string {
	if f, ok := r.form(); ok {
		return f.Key
	}
	return r.success().Key
}

func (o *Outcome) conformForm(r response, id string) {
	var f form
	if !o.reads(r.Body, &f, "body", "the contract's upload form") {
		return
	}
	o.backdated(f.StartTime)
	o.equal("requestId", id, f.RequestID)
	o.equal("cosHost", f.Bucket+".cos."+f.Region+".myqcloud.com", f.CosHost)
	o.expect(f.Key != "" && !strings.ContainsAny(f.Key, "*$") && f.Key == f.CosKey,
		"key", "one key, twice", f.Key+" and "+f.CosKey)
	o.equal("qSignAlgorithm", "sha1", f.Algorithm)
	o.equal("qKeyTime", fmt.Sprintf("%d;%d", f.StartTime, f.ExpiredTime), f.KeyTime)
	if _, err := f.conditions(); err != nil {
		o.differ("form policy", "one that COS takes and that holds the form to its key", err.Error())
	}
}

// conditions reads the form policy, and returns what it asks of a form beside what every form of this function is held
// to: bucket, key, algorithm, access key and time.
// https://cloud.tencent.com/document/product/436/14690
func (f form) conditions() ([]any, error) {
	text, err := base64.StdEncoding.Strict().DecodeString(f.Policy)
	if err != nil {
		return nil, err
	}
	var policy struct {
		Expiration string `json:"expiration"`
		Conditions []any  `json:"conditions"`
	}
	if err := strict(string(text), &policy); err != nil {
		return nil, err
	}
	if end := time.Unix(f.ExpiredTime, 0).UTC().Format("2006-01-02T15:04:05.000Z"); policy.Expiration != end {
		return nil, fmt.Errorf("it expires at %s, and the form at %s", policy.Expiration, end)
	}
	held := map[string]string{
		"q-sign-algorithm": f.Algorithm, "q-ak": f.AK, "q-sign-time": f.KeyTime, "bucket": f.Bucket, "key": f.Key,
	}
	rest := []any{}
	for _, c := range policy.Conditions {
		name, value := equality(c)
		if want, ok := held[name]; ok && want == value {
			delete(held, name)
		} else {
			rest = append(rest, c)
		}
	}
	for name := range held {
		return nil, fmt.Errorf("it doesn't hold %s to the form's", name)
	}
	return rest, nil
}

// equality takes {"name":"value"} apart.
func equality(condition any) (name string, value any) {
	if members, _ := condition.(map[string]any); len(members) == 1 {
		for name, value = range members {
		}
	}
	return name, value
}

// openForm checks what COS would check of the form, and that the key behind it is for that form only.
func (o *Outcome) openForm(f form, grant sts.Grant, r response) {
	o.expect(f.AK == grant.TmpSecretID && f.ExpiredTime == grant.Expires,
		"qAk and expiredTime", "those of the key that the security token is for", "others")
	o.expect(!strings.Contains(r.Body, grant.TmpSecretKey), "body", "no secret key in it", Shorten(r.Body))
	o.expect(f.Signature == f.signature(grant.TmpSecretKey),
		"qSignature", "the one that the policy and the key give", "another")
	p, err := cam.Parse(grant.Policy)
	ok := err == nil && len(p.Statements) == 1 && len(p.Statements[0].Resources) == 1 &&
		strings.HasSuffix(p.Statements[0].Resources[0], ":"+f.Bucket+"/"+f.Key) &&
		slices.Equal(p.Statements[0].Actions, []string{"name/cos:PostObject"})
	o.expect(ok, "policy behind the form", "PostObject of the form's object and nothing else", grant.Policy)
	conditions, _ := f.conditions()
	o.Opens = "one form upload " + f.Key + words(conditions)
}

// signature is the q-signature that the form's policy and time have with a key.
func (f form) signature(secretKey string) string {
	policy, _ := base64.StdEncoding.DecodeString(f.Policy)
	digest := sha1.Sum(policy)
	signKey := hex.EncodeToString(sts.HMAC(sha1.New, []byte(secretKey), f.KeyTime))
	return hex.EncodeToString(sts.HMAC(sha1.New, []byte(signKey), hex.EncodeToString(digest[:])))
}

// words says what a form is held to, in the words of a CAM policy's summary.
func words(conditions []any) string {
	var out []string
	for _, c := range conditions {
		name, value := equality(c)
		list, _ := c.([]any)
		switch {
		case name != "":
			out = append(out, fmt.Sprint(strings.ToLower(name), " is ", value))
		case len(list) == 3 && list[0] == "content-length-range" && list[1] == 0.:
			out = append(out, fmt.Sprintf("size ≤ %.0f", list[2]))
		case len(list) == 3 && list[0] == "starts-with":
			field := strings.ToLower(strings.TrimPrefix(fmt.Sprint(list[1]), "$"))
			out = append(out, fmt.Sprintf("%s is like %v*", field, list[2]))
		default:
			out = append(out, fmt.Sprint(c))
		}
	}
	if out == nil {
		return ""
	}
	return " if " + strings.Join(out, " and ")
}

// compareForm compares all that the form policy asks of this form.
func (o *Outcome) compareForm(r response) {
	f, ok := r.form()
	if !ok {
		o.differ("form", "an upload form", Shorten(r.Body))
		return
	}
	got, _ := f.conditions() // an error was reported already
	text, _ := json.Marshal(got)
	o.compareJSON("form", o.Case.Answer.Form, text)
}
