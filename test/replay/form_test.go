package replay

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cos-credentials/test/sts"
)

// signedForm is a form as the contract has it, and the grant of the key that signed it.
func signedForm() (form, sts.Grant) {
	start := time.Now().Unix() - 60
	f := form{
		CosHost: "b-1.cos.ap-x.myqcloud.com", Bucket: "b-1", Region: "ap-x", Key: "users/a.png", CosKey: "users/a.png",
		QSignAlgorithm: "sha1", QAk: "AKID-of-the-form", QKeyTime: fmt.Sprintf("%d;%d", start, start+960),
		SecurityToken: "token-of-the-form", StartTime: start, ExpiredTime: start + 960, RequestID: "id",
	}
	g := sts.Grant{
		TmpSecretID: f.QAk, TmpSecretKey: "key-behind-the-form", Expires: f.ExpiredTime,
		Policy: `{"version":"2.0","statement":[{"effect":"allow","action":["name/cos:PostObject"],` +
			`"resource":["qcs::cos:ap-x:uid/1:b-1/users/a.png"]}]}`,
	}
	f.sign(g, fmt.Sprintf(`{"expiration":%q,"conditions":[{"q-sign-algorithm":"sha1"},{"q-ak":%q},{"q-sign-time":%q},`+
		`{"bucket":"b-1"},{"key":"users/a.png"},["content-length-range",0,9]]}`,
		time.Unix(f.ExpiredTime, 0).UTC().Format("2006-01-02T15:04:05.000Z"), f.QAk, f.QKeyTime))
	return f, g
}

func (f *form) sign(g sts.Grant, policy string) {
	f.Policy = base64.StdEncoding.EncodeToString([]byte(policy))
	f.QSignature = f.signature(g.TmpSecretKey)
	conditions, _ := f.conditions()
	f.Fields = f.sent(conditions)
}

// What is wrong with a form that is signed anew is what its policy says.
func TestBadFormsAreNoticed(t *testing.T) {
	resigned := func(was, is string) func(*form, *sts.Grant) {
		return func(f *form, g *sts.Grant) {
			text, _ := base64.StdEncoding.DecodeString(f.Policy)
			f.sign(*g, strings.Replace(string(text), was, is, 1))
		}
	}
	for _, tt := range []struct {
		what   string // "" for what is right
		change func(f *form, g *sts.Grant)
	}{
		{"", func(*form, *sts.Grant) {}},
		{"cosHost", func(f *form, _ *sts.Grant) { f.CosHost = "https://" + f.CosHost }},
		{"key", func(f *form, _ *sts.Grant) { f.CosKey = "users/b.png" }},
		{"startTime", func(f *form, _ *sts.Grant) { f.StartTime += 60 }},
		{"requestId", func(f *form, _ *sts.Grant) { f.RequestID = "another" }},
		{"qSignAlgorithm", func(f *form, _ *sts.Grant) { f.QSignAlgorithm = "sha256" }},
		{"qKeyTime", func(f *form, _ *sts.Grant) { f.QKeyTime += "0" }},
		{"qSignature", func(f *form, _ *sts.Grant) { f.QSignature = strings.ToUpper(f.QSignature) }},
		{"fields", func(f *form, _ *sts.Grant) { delete(f.Fields, "success_action_status") }},
		{"fields", func(f *form, _ *sts.Grant) { f.Fields["acl"] = "public-read" }},
		{"fields", func(f *form, _ *sts.Grant) { f.Fields["key"] += "x" }},
		{"body", func(f *form, g *sts.Grant) { f.Region = g.TmpSecretKey }},
		{"qAk and expiredTime", func(f *form, g *sts.Grant) { g.Expires-- }},
		{"policy behind the form", func(f *form, g *sts.Grant) { g.Policy = strings.Replace(g.Policy, "a.png", "*", 1) }},
		{"policy behind the form", func(f *form, g *sts.Grant) {
			g.Policy = strings.Replace(g.Policy, `"name/cos:PostObject"`, `"name/cos:PostObject","name/cos:PutObject"`, 1)
		}},
		{"form policy", resigned(`{"key":"users/a.png"}`, `["starts-with","$key","users/"]`)},
		{"form policy", resigned(`{"bucket":"b-1"},`, ``)},
		{"form policy", resigned(`"2`, `"3`)}, // of the expiration
		{"form policy", func(f *form, g *sts.Grant) { f.Policy = strings.TrimRight(f.Policy, "=") + "!" }},
		{"form", resigned(`"conditions":[`, `"conditions":[{"acl":"public-read"},`)},
	} {
		f, g := signedForm()
		called := time.Unix(f.StartTime+60, 0)
		tt.change(&f, &g)
		body, _ := json.Marshal(f)
		headers := map[string]string{"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
		r := response{StatusCode: 200, Body: string(body), Headers: headers}
		want := &Answer{Status: 200, Form: json.RawMessage(`[["content-length-range", 0, 9]]`)}
		o := Outcome{Case: Case{Answer: want}, began: called, ended: called}
		o.conform(r, "id")
		o.openForm(f, g, r)
		o.compare(r, g, "id", nil)
		noticed := slices.ContainsFunc(o.Differences, func(d Difference) bool { return d.What == tt.what })
		if noticed != (tt.what != "") || tt.what == "" && !o.OK() {
			t.Errorf("%s: got %+v", tt.what, o.Differences)
		}
	}
}
