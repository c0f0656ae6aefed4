package replay

import (
	"cmp"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cos-credentials/test/cam"
	"cos-credentials/test/sts"
)

// form is the answer of /post-policy.
type form struct {
	CosHost, CosKey, Bucket, Region, Key  string
	Policy, QSignAlgorithm, QAk, QKeyTime string
	QSignature, SecurityToken             string
	StartTime, ExpiredTime                int64
	RequestID, Pick, Domain               string
	Fields                                map[string]string
}

// form reads the answer as an upload form; it is one if it has a form policy.
func (r response) form() (f form, ok bool) {
	json.Unmarshal([]byte(r.Body), &f)
	return f, r.StatusCode == 200 && f.Policy != ""
}

// token is the session token of a key, of a form or of links.
func (r response) token() string {
	if l, ok := r.links(); ok {
		return l.token()
	}
	if f, ok := r.form(); ok {
		return f.SecurityToken
	}
	return r.success().Credentials.SessionToken
}

func (o *Outcome) conformForm(r response, id string) {
	var f form
	if !o.reads(r.Body, &f, "body", "the contract's upload form") {
		return
	}
	o.backdated(f.StartTime)
	o.equal("requestId", id, f.RequestID)
	o.equal("cosHost", cmp.Or(f.Domain, f.Bucket+".cos."+f.Region+".myqcloud.com"), f.CosHost)
	o.expect(f.Key != "" && !strings.ContainsAny(f.Key, "*$") && f.Key == f.CosKey,
		"key", "one key, twice", f.Key+" and "+f.CosKey)
	o.equal("qSignAlgorithm", "sha1", f.QSignAlgorithm)
	o.equal("qKeyTime", fmt.Sprintf("%d;%d", f.StartTime, f.ExpiredTime), f.QKeyTime)
	conditions, err := f.conditions()
	o.expect(err == nil, "form policy", "one that COS takes and that holds the form to its key", fmt.Sprint(err))
	want := f.sent(conditions)
	o.expect(maps.Equal(f.Fields, want), "fields", fmt.Sprint(want), fmt.Sprint(f.Fields))
}

// sent is what the form sends before the file. https://cloud.tencent.com/document/product/436/14690
func (f form) sent(conditions []any) map[string]string {
	fields := map[string]string{
		"key":                   f.Key,
		"success_action_status": "200",
		"policy":                f.Policy,
		"q-sign-algorithm":      f.QSignAlgorithm,
		"q-ak":                  f.QAk,
		"q-key-time":            f.QKeyTime,
		"q-signature":           f.QSignature,
		"x-cos-security-token":  f.SecurityToken,
	}
	for _, c := range conditions {
		equal, _ := c.(map[string]any)
		if pinned, ok := equal["Content-Type"].(string); ok {
			fields["Content-Type"] = pinned
		}
	}
	return fields
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
		Expiration string
		Conditions []any
	}
	if err := strict(string(text), &policy); err != nil {
		return nil, err
	}
	if end := time.Unix(f.ExpiredTime, 0).UTC().Format("2006-01-02T15:04:05.000Z"); policy.Expiration != end {
		return nil, fmt.Errorf("it expires at %s, and the form at %s", policy.Expiration, end)
	}
	held := map[string]any{
		"q-sign-algorithm": f.QSignAlgorithm, "q-ak": f.QAk, "q-sign-time": f.QKeyTime, "bucket": f.Bucket, "key": f.Key,
	}
	rest := slices.DeleteFunc(slices.Clone(policy.Conditions), func(c any) bool {
		name, value := equality(c)
		expected := name != "" && held[name] == value
		if expected {
			delete(held, name)
		}
		return expected
	})
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
	o.expect(f.QAk == grant.TmpSecretID && f.ExpiredTime == grant.Expires,
		"qAk and expiredTime", "those of the key that the security token is for", "others")
	o.expect(!strings.Contains(r.Body, grant.TmpSecretKey), "body", "no secret key in it", r.Body)
	o.expect(f.QSignature == f.signature(grant.TmpSecretKey),
		"qSignature", "the one that the policy and the key give", "another")
	p, err := cam.Parse(grant.Policy)
	allows := slices.DeleteFunc(slices.Clone(p.Statements), func(s cam.Statement) bool { return s.Deny })
	ok := err == nil && len(allows) == 1 && len(allows[0].Resources) == 1 &&
		strings.HasSuffix(allows[0].Resources[0], ":"+f.Bucket+"/"+f.Key) &&
		slices.Equal(allows[0].Actions, []string{"name/cos:PostObject"})
	o.expect(ok, "policy behind the form", "PostObject of the form's object and nothing else", grant.Policy)
	o.Opens = "one form upload " + f.Key
	if conditions, _ := f.conditions(); len(conditions) > 0 {
		text, _ := json.Marshal(conditions)
		o.Opens += " if " + string(text)
	}
}

// signature is the q-signature that the form's policy and time have with a key.
func (f form) signature(secretKey string) string {
	policy, _ := base64.StdEncoding.DecodeString(f.Policy)
	digest := sha1.Sum(policy)
	signKey := hex.EncodeToString(sts.HMAC(sha1.New, []byte(secretKey), f.QKeyTime))
	return hex.EncodeToString(sts.HMAC(sha1.New, []byte(signKey), hex.EncodeToString(digest[:])))
}

// compareForm compares all that the form policy asks of this form.
func (o *Outcome) compareForm(r response) {
	f, _ := r.form()
	got, _ := f.conditions() // an error was reported already
	text, _ := json.Marshal(got)
	o.compareJSON("form", o.Case.Answer.Form, text)
}
