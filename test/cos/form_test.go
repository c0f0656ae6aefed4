package cos

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/tencentyun/cos-go-sdk-v5"

	"cos-credentials/function/credential"
)

// field is a field of a form: they have an order, and can be there twice.
type field struct{ name, value string }

func set(fields []field, name, value string) []field {
	out := slices.Clone(fields)
	for i := range out {
		if out[i].name == name {
			out[i].value = value
			return out
		}
	}
	return append([]field{{name, value}}, out...)
}

func without(fields []field, name string) []field {
	return slices.DeleteFunc(slices.Clone(fields), func(f field) bool { return f.name == name })
}

// post sends fields and then, if it isn't among them, the file.
func post(t *testing.T, host string, fields []field, file string) answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	sent := false
	for _, f := range fields {
		if f.name == "file" {
			part, _ := form.CreateFormFile("file", "name.txt")
			part.Write([]byte(f.value))
			sent = true
			continue
		}
		form.WriteField(f.name, f.value)
	}
	if !sent {
		part, _ := form.CreateFormFile("file", "C:/x/../name.txt")
		part.Write([]byte(file))
	}
	form.Close()
	r, err := http.NewRequest("POST", "http://"+host+"/", &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	return send(t, r)
}

// sdkFields are what wx.uploadFile sends for the Mini Program's SDK.
func (k key) sdkFields(t *testing.T, host, object string) []field {
	t.Helper()
	r := k.request(t, "POST", host, "/", "")
	r.Header = http.Header{}
	sdk.AddAuthorizationHeader(k.id, k.secret, "", r, sdk.NewAuthTime(time.Minute))
	return []field{
		{"key", object}, {"success_action_status", "200"}, {"Signature", r.Header.Get("Authorization")}, {tokenName, k.token},
		{"Content-Type", "image/png"}, {"x-cos-meta-who", "alice"},
	}
}

func TestFormsOfTheSDK(t *testing.T) {
	w := local(t)
	k, other := w.issue(t, folderOf("alice")...), w.issue(t, folderOf("alice2")...)
	fields := k.sdkFields(t, w.host, "users/alice/a b")
	for _, tt := range []struct {
		name   string
		fields []field
		status int
		code   string
	}{
		{"as it is", fields, 200, ""},
		{"default status", without(fields, "success_action_status"), 204, ""},
		{"another's folder", set(fields, "key", "users/alice2/a b"), 403, "AccessDenied"},
		{"out of the folder", set(fields, "key", "users/alice/../alice2/a b"), 400, "InvalidURI"},
		{"no key", without(fields, "key"), 400, "InvalidURI"},
		{"not signed", without(fields, "Signature"), 403, "AccessDenied"},
		{"no token", without(fields, tokenName), 403, "InvalidAccessKeyId"},
		{"token of another key", set(fields, tokenName, other.token), 403, "InvalidAccessKeyId"},
		{"tampered token", set(fields, tokenName, "x"+k.token), 403, "AccessDenied"},
		{"signature and policy", set(fields, "policy", "e30="), 400, "InvalidArgument"},
		{"signed as another method", set(fields, "Signature", k.request(t, "PUT", w.host, "/", "").Header.Get("Authorization")), 403, "SignatureDoesNotMatch"},
		{"signed for another path", set(fields, "Signature", k.request(t, "POST", w.host, "/users/alice/a", "").Header.Get("Authorization")), 403, "SignatureDoesNotMatch"},
		{"key twice", append([]field{{"key", "users/alice2/x"}}, fields...), 400, "MalformedPOSTRequest"},
		{"key twice, in capitals", append([]field{{"Key", "users/alice2/x"}}, fields...), 400, "MalformedPOSTRequest"},
		{"a field after the file", append(slices.Clone(fields), field{"file", "body"}, field{"acl", "private"}), 400, "MalformedPOSTRequest"},
		{"public", set(fields, "acl", "public-read"), 501, "NotImplemented"},
		{"private", set(fields, "acl", "private"), 200, ""},
		{"right MD5", set(fields, "Content-MD5", contentSum("body")), 200, ""},
		{"MD5 of another file", set(fields, "Content-MD5", contentSum("x")), 400, "BadDigest"},
		{"redirect to nowhere", set(fields, "success_action_redirect", "javascript://x/"), 400, "InvalidArgument"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.store.delete("users/alice/a b")
			a := post(t, w.host, tt.fields, "body")
			a.want(t, tt.status, tt.code)
			if !w.holds("users/alice/a b", map[bool]string{true: "body"}[tt.code == ""]) || len(w.store.sorted("")) > 1 {
				t.Error("other objects are there")
			}
			if tt.code == "" && (a.header.Get("Location") != "http://"+w.host+"/users/alice/a%20b" || a.header.Get("ETag") == "") {
				t.Errorf("%v", a.header)
			}
		})
	}
	post(t, w.host, fields, "body").want(t, 200, "")
	if h := w.store.get("users/alice/a b").Header; h["Content-Type"] != "image/png" || h["X-Cos-Meta-Who"] != "alice" {
		t.Errorf("%v", h)
	}
	a := post(t, w.host, set(set(fields, "key", "users/alice/${filename}"), "success_action_status", "201"), "body")
	if a.status != 201 || !strings.Contains(a.body, "<Key>users/alice/name.txt</Key>") || !w.holds("users/alice/name.txt", "body") {
		t.Errorf("%+v", a)
	}
	a = post(t, w.host, set(fields, "success_action_redirect", "http://localhost:1/done?a=b"), "body")
	if u, err := url.Parse(a.header.Get("Location")); a.status != 303 || err != nil || u.Query().Get("key") != "users/alice/a b" || u.Query().Get("a") != "b" || u.Query().Get("bucket") != bucket {
		t.Errorf("%+v", a)
	}
	if got := w.Records()[0]; got.Action != "name/cos:PostObject" || got.Key != "users/alice/a b" || got.User == "" || got.Status != 200 {
		t.Errorf("%+v", got)
	}
}

// signed is a form as the function's /post-policy hands it out.
func (k key) signed(f credential.Form, life time.Duration) []field {
	now := time.Now()
	f.Start = now.Add(-time.Minute)
	s := credential.Credential{SecretID: k.id, SecretKey: k.secret, Token: k.token, Expires: now.Add(life)}.Sign(f)
	return []field{
		{"key", f.Key}, {"success_action_status", "200"}, {"Content-Type", "image/png"}, {"q-sign-algorithm", s.Algorithm}, {"q-ak", s.AK},
		{"q-key-time", s.KeyTime}, {"q-signature", s.Signature}, {"policy", s.Policy}, {tokenName, s.Token},
	}
}

func TestFormsOfTheFunction(t *testing.T) {
	w := local(t)
	k := w.issue(t, allow(nil, "u/a.png", "PostObject"))
	whole := w.everything(t)
	form := credential.Form{Bucket: bucket, Key: "u/a.png", MaxBytes: 4, ContentType: "image/*"}
	fields := k.signed(form, time.Hour)
	policyOf := func(fields []field) string {
		for _, f := range fields {
			if f.name == "policy" {
				text, _ := base64.StdEncoding.DecodeString(f.value)
				return string(text)
			}
		}
		return ""
	}
	otherBucket, exact := form, form
	otherBucket.Bucket, exact.ContentType = "other-1250000000", "image/png"
	for _, tt := range []struct {
		name   string
		fields []field
		file   string
		status int
		code   string
	}{
		{"as it is", fields, "1234", 200, ""},
		{"nothing in it", fields, "", 200, ""},
		{"too large", fields, "12345", 400, "EntityTooLarge"},
		{"one byte of the policy", set(fields, "policy", base64.StdEncoding.EncodeToString([]byte(strings.Replace(policyOf(fields), ",4]", ",9]", 1)))), "12345", 403, "SignatureDoesNotMatch"},
		{"policy that is no base64", set(fields, "policy", "{"), "1", 400, "MalformedPOSTRequest"},
		{"another key", set(fields, "key", "u/b.png"), "1", 403, "AccessDenied"},
		{"another key, whose policy is wide", set(whole.signed(form, time.Hour), "key", "u/b.png"), "1", 403, "AccessDenied"},
		{"another type", set(fields, "Content-Type", "text/html"), "1", 403, "AccessDenied"},
		{"no type", without(fields, "Content-Type"), "1", 403, "AccessDenied"},
		{"exactly this type", k.signed(exact, time.Hour), "1", 200, ""},
		{"not exactly this type", set(k.signed(exact, time.Hour), "Content-Type", "image/pngx"), "1", 403, "AccessDenied"},
		{"another bucket", k.signed(otherBucket, time.Hour), "1", 403, "AccessDenied"},
		{"ended", k.signed(form, -time.Second), "1", 403, "AccessDenied"},
		{"other times", set(fields, "q-key-time", "1;9999999999"), "1", 403, "SignatureDoesNotMatch"},
		{"no times", without(fields, "q-key-time"), "1", 400, "InvalidArgument"},
		{"other algorithm", set(fields, "q-sign-algorithm", "sha256"), "1", 400, "InvalidArgument"},
		{"other id", set(fields, "q-ak", whole.id), "1", 403, "InvalidAccessKeyId"},
		{"no signature", without(fields, "q-signature"), "1", 403, "SignatureDoesNotMatch"},
		{"no token", without(fields, tokenName), "1", 403, "InvalidAccessKeyId"},
		{"token of another key", set(fields, tokenName, whole.token), "1", 403, "InvalidAccessKeyId"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.store.delete("u/a.png")
			before := w.store.used
			post(t, w.host, tt.fields, tt.file).want(t, tt.status, tt.code)
			if tt.code == "" != (w.store.get("u/a.png") != nil) || tt.code != "" && w.store.used != before {
				t.Error("kept what was refused, or the other way about")
			}
		})
	}
}

// Policies that others may write, signed rightly.
func TestFormPolicies(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	at := fmt.Sprintf("%d;%d", time.Now().Unix()-60, time.Now().Unix()+600)
	bind := `{"q-sign-algorithm":"sha1"},{"q-ak":"` + k.id + `"},{"q-sign-time":"` + at + `"}`
	soon := time.Now().Add(time.Minute).UTC().Format(isoTime)
	policy := func(conditions string) string {
		return `{"expiration":"` + soon + `","conditions":[` + bind + conditions + `]}`
	}
	for _, tt := range []struct {
		name, policy string
		status       int
		code         string
	}{
		{"no more than binds it", policy(""), 204, ""},
		{"starts-with", policy(`,["starts-with","$key","u/"]`), 204, ""},
		{"starts-with nothing", policy(`,["starts-with","$key",""]`), 204, ""},
		{"starts-with, not", policy(`,["starts-with","$key","v/"]`), 403, "AccessDenied"},
		{"eq", policy(`,["eq","$key","u/a"]`), 204, ""},
		{"eq, not", policy(`,["eq","$key","u/"]`), 403, "AccessDenied"},
		{"a field that isn't there", policy(`,{"x-cos-meta-a":"1"}`), 403, "AccessDenied"},
		{"bucket", policy(`,{"bucket":"` + bucket + `"}`), 204, ""},
		{"acl", policy(`,{"acl":"private"}`), 403, "AccessDenied"},
		{"large enough", policy(`,["content-length-range",4,10]`), 204, ""},
		{"too small", policy(`,["content-length-range",5,10]`), 400, "EntityTooSmall"},
		{"too large", policy(`,["content-length-range",1,3]`), 400, "EntityTooLarge"},
		{"two ranges", policy(`,["content-length-range",1,10],["content-length-range",1,3]`), 400, "EntityTooLarge"},
		{"a range backwards", policy(`,["content-length-range",10,1]`), 400, "MalformedPOSTRequest"},
		{"a range of texts", policy(`,["content-length-range","1","10"]`), 400, "MalformedPOSTRequest"},
		{"unknown operator", policy(`,["ends-with","$key","a"]`), 400, "MalformedPOSTRequest"},
		{"field without $", policy(`,["eq","key","u/a"]`), 400, "MalformedPOSTRequest"},
		{"two fields in one", policy(`,{"key":"u/a","bucket":"` + bucket + `"}`), 400, "MalformedPOSTRequest"},
		{"empty condition", policy(`,{}`), 400, "MalformedPOSTRequest"},
		{"null", policy(`,null`), 400, "MalformedPOSTRequest"},
		{"not bound", `{"expiration":"` + soon + `","conditions":[{"key":"u/a"}]}`, 403, "AccessDenied"},
		{"bound to other times", strings.Replace(policy(""), at, "1;2", 1), 403, "AccessDenied"},
		{"expired", strings.Replace(policy(""), soon, "2020-01-01T00:00:00.000Z", 1), 403, "AccessDenied"},
		{"no expiration", `{"conditions":[` + bind + `]}`, 400, "MalformedPOSTRequest"},
		{"unknown member", strings.Replace(policy(""), `{"exp`, `{"x":1,"exp`, 1), 400, "MalformedPOSTRequest"},
		{"text after its end", policy("") + "{}", 400, "MalformedPOSTRequest"},
		{"no JSON", "x", 400, "MalformedPOSTRequest"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := post(t, w.host, []field{
				{"key", "u/a"}, {"policy", base64.StdEncoding.EncodeToString([]byte(tt.policy))}, {"q-sign-algorithm", "sha1"}, {"q-ak", k.id},
				{"q-key-time", at}, {"q-signature", hmacSHA1(hmacSHA1(k.secret, at), sha1Hex(tt.policy))}, {tokenName, k.token},
			}, "body")
			a.want(t, tt.status, tt.code)
		})
	}
}

// A condition on the length holds the whole form, on the type its field.
func TestFormsAndConditions(t *testing.T) {
	w := local(t)
	for _, tt := range []struct {
		operator, name string
		value          any
		allowed        bool
	}{
		{"numeric_less_than_equal", "cos:content-length", 100, false},
		{"numeric_less_than_equal", "cos:content-length", 10_000, true},
		{"string_like", "cos:content-type", "image/*", true},
		{"string_like", "cos:content-type", "text/*", false},
	} {
		k := w.issue(t, allow(map[string]map[string]any{tt.operator: {tt.name: tt.value}}, "*", "PostObject"))
		if a := post(t, w.host, k.sdkFields(t, w.host, "a"), "body"); (a.status == 200) != tt.allowed || !tt.allowed && a.code() != "AccessDenied" {
			t.Errorf("%v: %d %s", tt, a.status, a.body)
		}
	}
}

func TestFormsThatAreNone(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	k.do(t, "POST", w.host, "/", "{}", "Content-Type", "application/json").want(t, 400, "MalformedPOSTRequest")
	k.do(t, "POST", w.host, "/", "x", "Content-Type", "multipart/form-data; boundary=x").want(t, 400, "MalformedPOSTRequest")
	fields := k.sdkFields(t, w.host, "a")
	post(t, w.host, append(fields, field{"long", strings.Repeat("x", mostField+1)}), "").want(t, 400, "MalformedPOSTRequest")
	for i := range mostFields {
		fields = append(fields, field{fmt.Sprint("x", i), ""})
	}
	post(t, w.host, fields, "").want(t, 400, "MalformedPOSTRequest")
}
