package cos

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cos-credentials/function/credential"
)

// formFields are a form's, in their order: name, value, name, value. A name can be there twice.
type formFields []string

func (f formFields) get(name string) string { return f[slices.Index(f, name)+1] }

func (f formFields) set(name, value string) formFields {
	out := slices.Clone(f)
	if i := slices.Index(f, name); i >= 0 {
		out[i+1] = value
		return out
	}
	return append(formFields{name, value}, out...)
}

func (f formFields) without(name string) formFields {
	i := slices.Index(f, name)
	return slices.Delete(slices.Clone(f), i, i+2)
}

// post sends fields and then, if it isn't among them, the file.
func post(t *testing.T, host string, f formFields, content string) answer {
	t.Helper()
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	if !slices.Contains(f, "file") {
		f = append(slices.Clone(f), "file", content)
	}
	for i := 0; i < len(f); i += 2 {
		if f[i] == "file" {
			target, _ := writer.CreateFormFile("file", "C:/x/../name.txt")
			target.Write([]byte(f[i+1]))
		} else {
			writer.WriteField(f[i], f[i+1])
		}
	}
	writer.Close()
	r, err := http.NewRequest("POST", "http://"+host+"/", &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", writer.FormDataContentType())
	return send(t, r)
}

// sdkFields are what wx.uploadFile sends for the Mini Program's SDK.
func (k holder) sdkFields(t *testing.T, object string) formFields {
	t.Helper()
	return formFields{
		"key", object, "success_action_status", "200", "Signature", k.signed(t, "POST /"), tokenName, k.token,
		"Content-Type", "image/png", "x-cos-meta-who", "alice",
	}
}

// signed is a signature of the line and the host, without the token's header.
func (k holder) signed(t *testing.T, line string) string {
	k.token = ""
	return k.request(t, line, "").Header.Get("Authorization")
}

func TestFormsOfTheSDK(t *testing.T) {
	w := local(t)
	k, other := w.issue(t, folderOf("alice")...), w.issue(t, folderOf("alice2")...)
	f := k.sdkFields(t, "users/alice/a b")
	for _, tt := range []struct {
		name   string
		fields formFields
		want   string
	}{
		{"as it is", f, "200"},
		{"default status", f.without("success_action_status"), "204"},
		{"another's folder", f.set("key", "users/alice2/a b"), "403 AccessDenied"},
		{"out of the folder", f.set("key", "users/alice/../alice2/a b"), "400 InvalidURI"},
		{"no key", f.without("key"), "400 InvalidURI"},
		{"not signed", f.without("Signature"), "403 AccessDenied"},
		{"no token", f.without(tokenName), "403 InvalidAccessKeyId"},
		{"token of another key", f.set(tokenName, other.token), "403 InvalidAccessKeyId"},
		{"tampered token", f.set(tokenName, "x"+k.token), "403 AccessDenied"},
		{"signature and policy", f.set("policy", "e30="), "400 InvalidArgument"},
		{"signed as another method", f.set("Signature", k.signed(t, "PUT /")), "403 SignatureDoesNotMatch"},
		{"signed for another path", f.set("Signature", k.signed(t, "POST /users/alice/a")), "403 SignatureDoesNotMatch"},
		{"key twice", append(formFields{"key", "users/alice2/x"}, f...), "400 MalformedPOSTRequest"},
		{"key twice, in capitals", append(formFields{"Key", "users/alice2/x"}, f...), "400 MalformedPOSTRequest"},
		{"a field after the file", append(slices.Clone(f), "file", "body", "acl", "private"), "400 MalformedPOSTRequest"},
		{"an ACL that is none", f.set("acl", "public"), "400 InvalidArgument"},
		{"not to overwrite", f.set("x-cos-forbid-overwrite", "true"), "501 NotImplemented"},
		{"private", f.set("acl", "private"), "200"},
		{"right MD5", f.set("Content-MD5", contentSum("body")), "200"},
		{"MD5 of another file", f.set("Content-MD5", contentSum("x")), "400 BadDigest"},
		{"redirect", f.set("success_action_redirect", "http://localhost/"), "501 NotImplemented"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.store.put("users/alice/a b", nil, false)
			a := post(t, w.host, tt.fields, "body").want(t, tt.want)
			accepted := a.status < 300
			if !w.holds("users/alice/a b", map[bool]string{true: "body"}[accepted]) || len(w.all()) > 1 {
				t.Error("other objects are there")
			}
			h := a.header
			if accepted && (h.Get("Location") != "http://"+w.host+"/users/alice/a%20b" || h.Get("ETag") == "") {
				t.Errorf("%v", h)
			}
		})
	}
	post(t, w.host, f, "body").want(t, "200")
	if h := w.store.Objects["users/alice/a b"].Header; h["Content-Type"] != "image/png" || h["X-Cos-Meta-Who"] != "alice" {
		t.Errorf("%v", h)
	}
	a := post(t, w.host, f.set("key", "users/alice/${filename}").set("success_action_status", "201"), "body")
	a.want(t, "201")
	if !strings.Contains(a.body, "<Key>users/alice/name.txt</Key>") || !w.holds("users/alice/name.txt", "body") {
		t.Errorf("%+v", a)
	}
	got := w.Records()[0]
	if got.Action != "name/cos:PostObject" || got.Key != "users/alice/a b" || got.User == "" || got.Status != 200 {
		t.Errorf("%+v", got)
	}
}

// form is one as the function's /post-policy hands it out.
func (k holder) form(f credential.Form, life time.Duration) formFields {
	now := time.Now()
	f.Start = now.Add(-time.Minute)
	s := credential.Credential{SecretID: k.id, SecretKey: k.secret, Token: k.token, Expires: now.Add(life)}.Sign(f)
	return formFields{
		"key", f.Key, "success_action_status", "200", "Content-Type", "image/png", "q-sign-algorithm", s.Algorithm,
		"q-ak", s.AK, "q-key-time", s.KeyTime, "q-signature", s.Signature, "policy", s.Policy, tokenName, s.Token,
	}
}

func TestFormsOfTheFunction(t *testing.T) {
	w := local(t)
	k, whole := w.issue(t, allow(nil, "u/a.png", "PostObject")), w.everything(t)
	wanted := credential.Form{Bucket: bucket, Key: "u/a.png", MaxBytes: 4, ContentType: "image/*"}
	otherBucket, exact := wanted, wanted
	otherBucket.Bucket, exact.ContentType = "other-1250000000", "image/png"
	f, typed := k.form(wanted, time.Hour), k.form(exact, time.Hour)
	policy, _ := base64.StdEncoding.DecodeString(f.get("policy"))
	changed := base64.StdEncoding.EncodeToString(bytes.Replace(policy, []byte(",4]"), []byte(",9]"), 1))
	for _, tt := range []struct {
		name   string
		fields formFields
		file   string
		want   string
	}{
		{"as it is", f, "1234", "200"},
		{"nothing in it", f, "", "200"},
		{"too large", f, "12345", "400 EntityTooLarge"},
		{"one byte of the policy", f.set("policy", changed), "12345", "403 SignatureDoesNotMatch"},
		{"policy that is no base64", f.set("policy", "{"), "1", "400 MalformedPOSTRequest"},
		{"another key", f.set("key", "u/b.png"), "1", "403 AccessDenied"},
		{"another key, whose policy is wide", whole.form(wanted, time.Hour).set("key", "u/b.png"), "1", "403 AccessDenied"},
		{"another type", f.set("Content-Type", "text/html"), "1", "403 AccessDenied"},
		{"no type", f.without("Content-Type"), "1", "403 AccessDenied"},
		{"exactly this type", typed, "1", "200"},
		{"not exactly this type", typed.set("Content-Type", "image/pngx"), "1", "403 AccessDenied"},
		{"another bucket", k.form(otherBucket, time.Hour), "1", "403 AccessDenied"},
		{"ended", k.form(wanted, -time.Second), "1", "403 AccessDenied"},
		{"other times", f.set("q-key-time", "1;9999999999"), "1", "403 SignatureDoesNotMatch"},
		{"no times", f.without("q-key-time"), "1", "400 InvalidArgument"},
		{"other algorithm", f.set("q-sign-algorithm", "sha256"), "1", "400 InvalidArgument"},
		{"other id", f.set("q-ak", whole.id), "1", "403 InvalidAccessKeyId"},
		{"no signature", f.without("q-signature"), "1", "403 SignatureDoesNotMatch"},
		{"no token", f.without(tokenName), "1", "403 InvalidAccessKeyId"},
		{"token of another key", f.set(tokenName, whole.token), "1", "403 InvalidAccessKeyId"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.store.put("u/a.png", nil, false)
			post(t, w.host, tt.fields, tt.file).want(t, tt.want)
			if (tt.want == "200") != (w.store.Objects["u/a.png"] != nil) || tt.want != "200" && len(w.all()) > 0 {
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
	ours := `{"bucket":"` + bucket + `"}`
	for _, tt := range []struct{ name, policy, want string }{
		{"no more than binds it", policy(""), "204"},
		{"starts-with", policy(`,["starts-with","$key","u/"]`), "204"},
		{"starts-with nothing", policy(`,["starts-with","$key",""]`), "204"},
		{"starts-with, not", policy(`,["starts-with","$key","v/"]`), "403 AccessDenied"},
		{"eq", policy(`,["eq","$key","u/a"]`), "204"},
		{"eq, not", policy(`,["eq","$key","u/"]`), "403 AccessDenied"},
		{"a field that isn't there", policy(`,{"x-cos-meta-a":"1"}`), "403 AccessDenied"},
		{"bucket", policy("," + ours), "204"},
		{"acl", policy(`,{"acl":"private"}`), "403 AccessDenied"},
		{"large enough", policy(`,["content-length-range",4,10]`), "204"},
		{"too small", policy(`,["content-length-range",5,10]`), "400 EntityTooSmall"},
		{"too large", policy(`,["content-length-range",1,3]`), "400 EntityTooLarge"},
		{"two ranges", policy(`,["content-length-range",1,10],["content-length-range",1,3]`), "400 EntityTooLarge"},
		{"a range backwards", policy(`,["content-length-range",10,1]`), "400 MalformedPOSTRequest"},
		{"a range of texts", policy(`,["content-length-range","1","10"]`), "400 MalformedPOSTRequest"},
		{"unknown operator", policy(`,["ends-with","$key","a"]`), "400 MalformedPOSTRequest"},
		{"field without $", policy(`,["eq","key","u/a"]`), "400 MalformedPOSTRequest"},
		{"two fields in one", policy(`,{"key":"u/a","bucket":"` + bucket + `"}`), "400 MalformedPOSTRequest"},
		{"empty condition", policy(`,{}`), "400 MalformedPOSTRequest"},
		{"null", policy(`,null`), "400 MalformedPOSTRequest"},
		{"not bound", strings.Replace(policy(""), bind, ours, 1), "403 AccessDenied"},
		{"bound to other times", strings.Replace(policy(""), at, "1;2", 1), "403 AccessDenied"},
		{"expired", strings.Replace(policy(""), soon, "2020-01-01T00:00:00.000Z", 1), "403 AccessDenied"},
		{"no expiration", `{"conditions":[` + bind + `]}`, "400 MalformedPOSTRequest"},
		{"unknown member", strings.Replace(policy(""), `{"exp`, `{"x":1,"exp`, 1), "400 MalformedPOSTRequest"},
		{"text after its end", policy("") + "{}", "400 MalformedPOSTRequest"},
		{"no JSON", "x", "400 MalformedPOSTRequest"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			post(t, w.host, formFields{
				"key", "u/a", "policy", base64.StdEncoding.EncodeToString([]byte(tt.policy)), "q-sign-algorithm", "sha1",
				"q-ak", k.id, "q-key-time", at, tokenName, k.token,
				"q-signature", hmacSHA1(hmacSHA1(k.secret, at), sha1Hex(tt.policy)),
			}, "body").want(t, tt.want)
		})
	}
}

// A condition on the length holds the whole form, on the type its field.
func TestFormsAndConditions(t *testing.T) {
	w := local(t)
	for _, tt := range []struct {
		operator, name string
		value          any
		want           string
	}{
		{"numeric_less_than_equal", "cos:content-length", 100, "403 AccessDenied"},
		{"numeric_less_than_equal", "cos:content-length", 10_000, "200"},
		{"string_like", "cos:content-type", "image/*", "200"},
		{"string_like", "cos:content-type", "text/*", "403 AccessDenied"},
	} {
		k := w.issue(t, allow(where{tt.operator: {tt.name: tt.value}}, "*", "PostObject"))
		post(t, w.host, k.sdkFields(t, "a"), "body").want(t, tt.want)
	}
}

func TestFormsThatAreNone(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	for kind, body := range map[string]string{"application/json": "{}", "multipart/form-data; boundary=x": "x"} {
		k.do(t, "POST /", body, "Content-Type", kind).want(t, "400 MalformedPOSTRequest")
	}
	f := k.sdkFields(t, "a")
	post(t, w.host, append(f, "long", strings.Repeat("x", mostField+1)), "").want(t, "400 MalformedPOSTRequest")
	for i := range mostFields {
		f = append(f, fmt.Sprint("x", i), "")
	}
	post(t, w.host, f, "").want(t, "400 MalformedPOSTRequest")
}
