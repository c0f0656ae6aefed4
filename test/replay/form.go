package replay

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
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

func (o *Outcome) conformForm(r response, id string, expect expectation) {
	var f form
	if err := strict(r.Body, &f); err != nil {
		o.differ("body", "the contract's upload form", err.Error()+": "+Shorten(r.Body))
		return
	}
	expectBackdated(f.StartTime, expect)
	expect("requestId", f.RequestID == id, id, f.RequestID)
	host := f.Bucket + ".cos." + f.Region + ".myqcloud.com"
	expect("cosHost", f.CosHost == host, host, f.CosHost)
	expect("key", f.Key != "" && !strings.ContainsAny(f.Key, "*$") && f.Key == f.CosKey, "one key, twice", f.Key+" and "+f.CosKey)
	expect("qSignAlgorithm", f.Algorithm == "sha1", "sha1", f.Algorithm)
	valid := strconv.FormatInt(f.StartTime, 10) + ";" + strconv.FormatInt(f.ExpiredTime, 10)
	expect("qKeyTime", f.KeyTime == valid, valid, f.KeyTime)
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
	held := map[string]string{"q-sign-algorithm": f.Algorithm, "q-ak": f.AK, "q-sign-time": f.KeyTime, "bucket": f.Bucket, "key": f.Key}
	rest := []any{}
	for _, c := range policy.Conditions {
		equal, _ := c.(map[string]any)
		of := len(held)
		for name, want := range held {
			if got, ok := equal[name]; ok && got == want && len(equal) == 1 {
				delete(held, name)
			}
		}
		if of == len(held) {
			rest = append(rest, c)
		}
	}
	for name := range held {
		return nil, fmt.Errorf("it doesn't hold %s to the form's", name)
	}
	return rest, nil
}

// openForm checks what COS would check of the form, and that the key behind it is for that form only.
func (o *Outcome) openForm(f form, grant sts.Grant, r response) {
	if f.AK != grant.TmpSecretID || f.ExpiredTime != grant.Expires {
		o.differ("qAk and expiredTime", "those of the key that the security token is for", "others")
	}
	if strings.Contains(r.Body, grant.TmpSecretKey) {
		o.differ("body", "no secret key in it", Shorten(r.Body))
	}
	text, _ := base64.StdEncoding.DecodeString(f.Policy)
	digest := sha1.Sum(text)
	if want := hmacSHA1(hmacSHA1(grant.TmpSecretKey, f.KeyTime), hex.EncodeToString(digest[:])); f.Signature != want {
		o.differ("qSignature", "the one that the policy and the key give", "another")
	}
	p, err := cam.Parse(grant.Policy)
	if err != nil || len(p.Statements) != 1 || !slices.Equal(p.Statements[0].Actions, []string{"name/cos:PostObject"}) ||
		len(p.Statements[0].Resources) != 1 || !strings.HasSuffix(p.Statements[0].Resources[0], ":"+f.Bucket+"/"+f.Key) {
		o.differ("policy behind the form", "PostObject of the form's object and nothing else", grant.Policy)
	}
	conditions, _ := f.conditions()
	o.Opens = "one form upload " + f.Key + words(conditions)
}

func hmacSHA1(key, text string) string {
	h := hmac.New(sha1.New, []byte(key))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

// words says what a form is held to, in the words of a CAM policy's summary.
func words(conditions []any) string {
	var out []string
	for _, c := range conditions {
		switch c := c.(type) {
		case map[string]any:
			for name, v := range c {
				out = append(out, strings.ToLower(name)+" is "+fmt.Sprint(v))
			}
		case []any:
			switch {
			case len(c) == 3 && c[0] == "content-length-range" && c[1] == 0.:
				out = append(out, fmt.Sprintf("size ≤ %.0f", c[2]))
			case len(c) == 3 && c[0] == "starts-with":
				out = append(out, fmt.Sprintf("%s is like %v*", strings.ToLower(strings.TrimPrefix(fmt.Sprint(c[1]), "$")), c[2]))
			default:
				out = append(out, fmt.Sprint(c...))
			}
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
	text, err := json.Marshal(got)
	if err != nil {
		o.differ("form", "conditions that can be shown", err.Error())
		return
	}
	o.compareJSON("form", o.Case.Answer.Form, text)
}
