package replay

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"cos-credentials/test/sts"
)

// signedForm is a form as the contract has it, with more conditions if need be, and the grant of the key that signed it.
func signedForm(more string) (form, sts.Grant) {
	start := time.Now().Unix() - 60
	f := form{
		CosHost: "b-1250000000.cos.ap-guangzhou.myqcloud.com", Bucket: "b-1250000000", Region: "ap-guangzhou",
		Key: "users/alice/a.png", CosKey: "users/alice/a.png", Algorithm: "sha1", AK: "AKID-of-the-form", SecurityToken: "token-of-the-form",
		StartTime: start, ExpiredTime: start + 960, RequestID: "id",
	}
	g := sts.Grant{
		TmpSecretID: f.AK, TmpSecretKey: "key-behind-the-form", Expires: f.ExpiredTime,
		Policy: `{"version":"2.0","statement":[{"effect":"allow","action":["name/cos:PostObject"],` +
			`"resource":["qcs::cos:ap-guangzhou:uid/1250000000:b-1250000000/users/alice/a.png"]}]}`,
	}
	f.KeyTime = fmt.Sprintf("%d;%d", f.StartTime, f.ExpiredTime)
	f.sign(g, fmt.Sprintf(`{"expiration":%q,"conditions":[{"q-sign-algorithm":"sha1"},{"q-ak":%q},{"q-sign-time":%q},`+
		`{"bucket":%q},{"key":%q}%s]}`,
		time.Unix(f.ExpiredTime, 0).UTC().Format("2006-01-02T15:04:05.000Z"), f.AK, f.KeyTime, f.Bucket, f.Key, more))
	return f, g
}

func (f *form) sign(g sts.Grant, policy string) {
	f.Policy = base64.StdEncoding.EncodeToString([]byte(policy))
	f.Signature = f.signature(g.TmpSecretKey)
}

// resign changes the form policy and signs it anew: what is wrong then is what it says.
func (f *form) resign(g sts.Grant, from, to string) {
	text, _ := base64.StdEncoding.DecodeString(f.Policy)
	f.sign(g, strings.Replace(string(text), from, to, 1))
}

func judgeForm(f form, g sts.Grant, more string, want Answer) Outcome {
	body, _ := json.Marshal(f)
	if more != "" {
		body = []byte(strings.Replace(string(body), "{", "{"+more+",", 1))
	}
	headers := map[string]string{"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
	r := response{StatusCode: 200, Body: string(body), Headers: headers}
	want.Status = 200
	o := Outcome{Case: Case{Answer: &want}}
	o.conform(r, "id")
	o.openForm(f, g, r)
	o.compare(r, g, nil)
	return o
}

func TestGoodForm(t *testing.T) {
	f, g := signedForm(`,["content-length-range",0,1000],["starts-with","$Content-Type","image/"],{"acl":"private"}`)
	o := judgeForm(f, g, "", Answer{
		Form: json.RawMessage(`[["content-length-range", 0, 1000], ["starts-with", "$Content-Type", "image/"], {"acl": "private"}]`),
		Body: json.RawMessage(`{"cosKey": "${KEY}"}`),
	})
	const opens = "one form upload users/alice/a.png if size ≤ 1000 and content-type is like image/* and acl is private"
	if !o.OK() || o.Opens != opens {
		t.Errorf("%q %+v", o.Opens, o.Differences)
	}
}

func TestBadFormsAreNoticed(t *testing.T) {
	for _, tt := range []struct {
		what   string
		change func(f *form, g *sts.Grant)
	}{
		{"cosHost", func(f *form, _ *sts.Grant) { f.CosHost = "https://" + f.CosHost }},
		{"key", func(f *form, _ *sts.Grant) { f.CosKey = "users/alice/b.png" }},
		{"startTime", func(f *form, _ *sts.Grant) { f.StartTime += 60 }},
		{"requestId", func(f *form, _ *sts.Grant) { f.RequestID = "another" }},
		{"qSignAlgorithm", func(f *form, _ *sts.Grant) { f.Algorithm = "sha256" }},
		{"qKeyTime", func(f *form, _ *sts.Grant) { f.KeyTime += "0" }},
		{"qSignature", func(f *form, _ *sts.Grant) { f.Signature = strings.ToUpper(f.Signature) }},
		{"body", func(f *form, g *sts.Grant) { f.Region = g.TmpSecretKey }},
		{"qAk and expiredTime", func(f *form, g *sts.Grant) { g.Expires-- }},
		{"policy behind the form", func(f *form, g *sts.Grant) { g.Policy = strings.Replace(g.Policy, "a.png", "*", 1) }},
		{"form policy", func(f *form, g *sts.Grant) {
			f.resign(*g, `{"key":"users/alice/a.png"}`, `["starts-with","$key","users/alice/"]`)
		}},
		{"form policy", func(f *form, g *sts.Grant) { f.resign(*g, `{"bucket":"b-1250000000"},`, ``) }},
		{"form policy", func(f *form, g *sts.Grant) { f.resign(*g, `"2`, `"3`) }}, // of the expiration
		{"form policy", func(f *form, g *sts.Grant) { f.Policy = strings.TrimRight(f.Policy, "=") + "!" }},
		{"form", func(f *form, g *sts.Grant) { f.resign(*g, `"conditions":[`, `"conditions":[{"acl":"public-read"},`) }},
		{"policy behind the form", func(f *form, g *sts.Grant) {
			g.Policy = strings.Replace(g.Policy, `"name/cos:PostObject"`, `"name/cos:PostObject","name/cos:PutObject"`, 1)
		}},
	} {
		f, g := signedForm("")
		tt.change(&f, &g)
		o := judgeForm(f, g, "", Answer{Form: json.RawMessage(`[]`)})
		noticed := false
		for _, d := range o.Differences {
			noticed = noticed || d.What == tt.what
		}
		if !noticed {
			t.Errorf("%s: got %+v", tt.what, o.Differences)
		}
	}
	f, g := signedForm("")
	if o := judgeForm(f, g, `"credentials":{}`, Answer{}); o.OK() {
		t.Error("a form with more members passes")
	}
	if o := judgeForm(f, g, "", Answer{Key: "users/alice/….png"}); o.OK() {
		t.Error("a key that everyone can guess passes for a chosen one")
	}
}

func TestChosenKeys(t *testing.T) {
	for key, want := range map[string]string{
		"users/alice/2026/11/23/abcdefghijklmnopqrstuvwx23.jpg": "users/alice/….jpg",
		"users/alice/2026/11/23/abcdefghijklmnopqrstuvwx23":     "users/alice/…",
		"":              "",
		"users/alice/a": "users/alice/a",
		"users/alice/2026/11/23/abcdefghijklmnopqrstuvwx2.jpg":   "!users/alice/….jpg", // too short
		"users/alice/2026/1/23/abcdefghijklmnopqrstuvwx23.jpg":   "!users/alice/….jpg",
		"users/alice/2026/11/23/abcdefghijklmnopqrstuvwx23xjpg":  "!users/alice/….jpg",
		"x/users/alice/2026/11/23/abcdefghijklmnopqrstuvwx23.jp": "!users/alice/….jp",
		"users/alice/b": "!", // none was expected
	} {
		o := Outcome{Case: Case{Answer: &Answer{Key: strings.TrimPrefix(want, "!")}}}
		o.compareKey(response{StatusCode: 200, Body: `{}`}, key)
		if o.OK() == strings.HasPrefix(want, "!") {
			t.Errorf("%q as %q: %+v", key, want, o.Differences)
		}
	}
}
