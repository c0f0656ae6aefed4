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
)

// formFields are a form's, in their order: name, value, name, value. A name can be there twice.
type formFields []string

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
	k, other := w.folderOf(t, "alice"), w.folderOf(t, "alice2")
	const key = "users/alice/a b"
	f := k.sdkFields(t, key)
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
		{"token of another key", f.set(tokenName, other.token), "403 InvalidAccessKeyId"},
		{"signature and policy", f.set("policy", "e30="), "400 InvalidArgument"},
		{"signed for another path", f.set("Signature", k.signed(t, "POST /users/alice/a")), "403 SignatureDoesNotMatch"},
		{"key twice, in capitals", append(formFields{"Key", "users/alice2/x"}, f...), "400 MalformedPOSTRequest"},
		{"a field after the file", append(slices.Clone(f), "file", "body", "acl", "private"), "400 MalformedPOSTRequest"},
		{"a field that is long", f.set("x", strings.Repeat("x", mostField+1)), "400 MalformedPOSTRequest"},
		{"an ACL that is none", f.set("acl", "public"), "400 InvalidArgument"},
		{"not to overwrite", f.set("x-cos-forbid-overwrite", "true"), "501 NotImplemented"},
		{"MD5 of another file", f.set("Content-MD5", contentSum("x")), "400 BadDigest"},
		{"redirect", f.set("success_action_redirect", "http://localhost/"), "501 NotImplemented"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.store.remove(key)
			a := post(t, w.host, tt.fields, "body").want(t, tt.want)
			accepted := a.status < 300
			if !w.holds(key, map[bool]string{true: "body"}[accepted]) || len(w.store.objects) > 1 {
				t.Error("other objects are there")
			}
			h := a.header
			if accepted && (h.Get("Location") != "http://"+w.host+"/users/alice/a%20b" || h.Get("ETag") == "") {
				t.Errorf("%v", h)
			}
		})
	}
	post(t, w.host, f.set("key", "users/alice/${filename}"), "body").want(t, "200")
	b := w.store.object("users/alice/name.txt")
	if b == nil || b.header["Content-Type"] != "image/png" || b.header["X-Cos-Meta-Who"] != "alice" {
		t.Errorf("%+v", b)
	}
	got := w.Records()[0]
	if got.Action != "name/cos:PostObject" || got.Key != key || got.User == "" || got.Status != 200 {
		t.Errorf("%+v", got)
	}
	k.do(t, "POST /", "{}", "Content-Type", "application/json").want(t, "400 MalformedPOSTRequest")
}

// The function's forms are tried with real clients, in the tests of the whole. Here are others, signed rightly.
func TestFormPolicies(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	at := fmt.Sprintf("%d;%d", time.Now().Unix()-60, time.Now().Unix()+600)
	bind := `{"q-sign-algorithm":"sha1"},{"q-ak":"` + k.id + `"},{"q-sign-time":"` + at + `"}`
	soon := iso(time.Now().Add(time.Minute))
	policy := func(conditions string) string {
		return `{"expiration":"` + soon + `","conditions":[` + bind + conditions + `]}`
	}
	fieldsOf := func(policy string) formFields {
		return formFields{
			"key", "u/a", "policy", base64.StdEncoding.EncodeToString([]byte(policy)), "q-sign-algorithm", "sha1",
			"q-ak", k.id, "q-key-time", at, tokenName, k.token,
			"q-signature", hmacSHA1(hmacSHA1(k.secret, at), sha1Hex(policy)),
		}
	}
	ours := `{"bucket":"` + bucket + `"}`
	for _, tt := range []struct{ name, policy, want string }{
		{"starts-with", policy(`,["starts-with","$key","u/"]`), "204"},
		{"starts-with, not", policy(`,["starts-with","$key","v/"]`), "403 AccessDenied"},
		{"a field that isn't there", policy(`,{"x-cos-meta-a":"1"}`), "403 AccessDenied"},
		{"bucket", policy("," + ours), "204"},
		{"another bucket", policy(`,{"bucket":"other-1250000000"}`), "403 AccessDenied"},
		{"too small", policy(`,["content-length-range",5,10]`), "400 EntityTooSmall"},
		{"too large", policy(`,["content-length-range",1,10],["content-length-range",1,3]`), "400 EntityTooLarge"},
		{"unknown operator", policy(`,["ends-with","$key","a"]`), "400 MalformedPOSTRequest"},
		{"two fields in one", policy(`,{"key":"u/a","bucket":"` + bucket + `"}`), "400 MalformedPOSTRequest"},
		{"null", policy(`,null`), "400 MalformedPOSTRequest"},
		{"not bound", strings.Replace(policy(""), bind, ours, 1), "403 AccessDenied"},
		{"bound to other times", strings.Replace(policy(""), at, "1;2", 1), "403 AccessDenied"},
		{"expired", strings.Replace(policy(""), soon, "2020-01-01T00:00:00.000Z", 1), "403 AccessDenied"},
		{"no expiration", `{"conditions":[` + bind + `]}`, "400 MalformedPOSTRequest"},
		{"unknown member", strings.Replace(policy(""), `{"exp`, `{"x":1,"exp`, 1), "400 MalformedPOSTRequest"},
		{"text after its end", policy("") + "{}", "400 MalformedPOSTRequest"},
	} {
		t.Run(tt.name, func(t *testing.T) { post(t, w.host, fieldsOf(tt.policy), "body").want(t, tt.want) })
	}
	f := fieldsOf(policy(""))
	post(t, w.host, f.set("q-key-time", "1;9999999999"), "body").want(t, "403 SignatureDoesNotMatch")
	post(t, w.host, f.set("q-sign-algorithm", "sha256"), "body").want(t, "400 InvalidArgument")
}

// A condition on the length holds the whole form.
func TestFormsAndConditions(t *testing.T) {
	w := local(t)
	for most, want := range map[int]string{100: "403 AccessDenied", 10_000: "200"} {
		k := w.issue(t, allow(where{"numeric_less_than_equal": {"cos:content-length": most}}, "*", "PostObject"))
		post(t, w.host, k.sdkFields(t, "a"), "body").want(t, want)
	}
}
