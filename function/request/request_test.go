package request

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cos-credentials/policy"
	"cos-credentials/test/cam"
)

const accessFile = `
issuers:
  - name: shop
    issuer: https://login.example.com/
    audiences: [cos-credentials]
    secret: 0123456789abcdef0123456789abcdef
grants:
  - name: own-files
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["avatars/{sub}.png", "users/{sub}/*"]
    allowActions: [upload, download, list, delete, "name/cos:PostObjectRestore"]
  - name: pictures
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["pictures/{sub}/*"]
    allowActions: [simpleUpload, formUpload]
    maxBytes: 1000
    contentTypes: [image/*]
  - name: two-types
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["types/{sub}/*"]
    allowActions: [formUpload]
    contentTypes: [image/png, video/*]
  - name: read
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["read/{sub}/*"]
    allowActions: [download]
  - name: avatar
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["avatar/{sub}.png"]
    allowActions: [upload]
`

// ask takes a request of user alice through the room: read, entitled, narrowed.
func ask(t *testing.T, kind *Kind, body string) (Narrowed, error) {
	t.Helper()
	access, err := policy.Load(policy.Source{Name: "access.yaml", YAML: []byte(accessFile)})
	if err != nil {
		t.Fatal(err)
	}
	asked, err := Read(kind, Choice{}, []byte(body))
	if err != nil {
		return Narrowed{}, err
	}
	alice := policy.Identity{Issuer: "shop", Claims: map[string]any{"sub": "alice"}}
	entitled, err := access.Entitle(alice, asked.Grant, "")
	if err != nil {
		t.Fatal(err)
	}
	return asked.Narrow(entitled, time.Now())
}

// codeOf names an error as clients meet it.
func codeOf(err error) string {
	var unread *Error
	var refusal *policy.Refusal
	switch {
	case errors.As(err, &unread) && unread.Message != "":
		return "InvalidRequest"
	case errors.As(err, &refusal):
		return map[policy.Kind]string{
			policy.NotEntitled:       "NotEntitled",
			policy.IdentityNotUsable: "IdentityNotUsable",
			policy.ScopeNotAllowed:   "ScopeNotAllowed",
			policy.ScopeTooLarge:     "ScopeTooLarge",
			policy.InvalidRequest:    "InvalidRequest",
		}[refusal.Kind]
	}
	return fmt.Sprint(err)
}

// document is the policy that a key would carry, ready to be asked.
func document(t *testing.T, narrowed Narrowed) cam.Policy {
	t.Helper()
	written, err := narrowed.Document()
	if err != nil {
		t.Fatal(err)
	}
	p, err := cam.Parse(string(written.JSON))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func allows(p cam.Policy, action, key string) bool {
	return p.Allows(cam.Request{
		Action:   "name/cos:" + action,
		Resource: "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/" + key,
		Context:  map[string][]string{"cos:content-type": {"image/png"}, "cos:content-length": {"10"}},
	})
}

// Every kind of answer is whole, and every member that it takes can be read.
func TestKindsAreWhole(t *testing.T) {
	taken := map[string]bool{}
	for name, kind := range map[string]*Kind{"Credentials": Credentials, "Form": Form, "Links": Links} {
		if len(kind.members) == 0 || kind.contradiction == nil || kind.narrow == nil {
			t.Errorf("%s lacks something", name)
		}
		for _, member := range kind.members {
			if taken[member] = true; readers[member] == nil {
				t.Errorf("%s takes %s, and nothing reads it", name, member)
			}
		}
	}
	for member := range readers {
		if !taken[member] {
			t.Errorf("no kind takes %s", member)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for _, c := range []struct {
		kind *Kind
		body string
		says string
	}{
		{Credentials, `{`, "not strict JSON: "},
		{Credentials, `{"grant":"a","grant":"a"}`, "member name occurs twice"},
		{Credentials, `null`, "must be a JSON object"},
		{Credentials, `{"allowPrefix":"*"}`, "it may have grant, pick, durationSeconds, bucket, region, scope, filename."},
		{Credentials, `{"key":"users/alice/a"}`, "not known here"},
		{Credentials, `{"contentType":"image/png"}`, "not known here"},
		{Credentials, `{"grant":"other"}`, "different grants"},
		{Credentials, `{"pick":"blue"}`, "different picks"},
		{Form, `{"pick":""}`, "body's pick must be a string that is not empty"},
		{Credentials, `{"grant":7}`, "body's grant must be a string"},
		{Credentials, `{"bucket":""}`, "body's bucket must be a string that is not empty"},
		{Credentials, `{"region":null}`, "body's region must be a string"},
		{Credentials, `{"durationSeconds":59}`, "durationSeconds must be at least 60"},
		{Credentials, `{"durationSeconds":"900"}`, "durationSeconds must be a number, without quotes"},
		{Credentials, `{"durationSeconds":9e2}`, "durationSeconds must be a whole number"},
		{Credentials, `{"scope":{}}`, "body's scope must be an array"},
		{Credentials, `[]`, "1 to 1,000 items"},
		{Credentials, `{"scope":[` + scopeItem("PutObject", "a") + `],"filename":"a"}`, "both a scope and a filename"},
		{Credentials, `{"filename":"` + strings.Repeat("x", 256) + `"}`, "longer than 255 bytes"},
		{Form, ``, "must name a filename"},
		{Form, `{}`, "must name a filename"},
		{Form, `[` + scopeItem("PostObject", "a") + `]`, "must be a JSON object"},
		{Form, `{"scope":[]}`, "not known here"},
		{Form, `{"key":"a","filename":"a"}`, "both a key and a filename"},
		{Form, `{"key":["a"]}`, "body's key must be a string"},
	} {
		asked, err := Read(c.kind, mine, []byte(c.body))
		var unread *Error
		if !errors.As(err, &unread) || !strings.Contains(unread.Message, c.says) || asked.kind != nil {
			t.Errorf("%.80s: %+v, %v", c.body, asked, err)
		}
	}
}

var mine = Choice{Grant: "mine", Pick: "red"} // what a query chooses

func TestRead(t *testing.T) {
	for body, want := range map[string]Asked{
		``:                           {Choice: mine},
		`{}`:                         {Choice: mine},
		`{"grant":"mine"}`:           {Choice: mine},
		`{"pick":"red"}`:             {Choice: mine},
		`{"durationSeconds":60}`:     {Choice: mine, Life: time.Minute},
		`{"durationSeconds":000900}`: {},
		`{"durationSeconds":99999999999999999999}`: {Choice: mine, Life: 1 << 30 * time.Second},
		`{"bucket":"b","region":"r"}`:              {Choice: mine, bucket: "b", region: "r"},
		`{"filename":"a.jpg"}`:                     {Choice: mine, filename: "a.jpg"},
	} {
		got, err := Read(Credentials, mine, []byte(body))
		got.kind = nil
		if fmt.Sprint(got) != fmt.Sprint(want) || (err == nil) != (want.Grant != "") {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
}

func TestOtherBucketOrRegion(t *testing.T) {
	for _, member := range []string{`"bucket":"other-1250000000"`, `"region":"ap-beijing"`} {
		for _, kind := range []*Kind{Credentials, Form} {
			if _, err := ask(t, kind, `{"filename":"a",`+member+`}`); codeOf(err) != "ScopeNotAllowed" {
				t.Errorf("%s: %v", member, err)
			}
		}
	}
}

func TestFormsAreRefused(t *testing.T) {
	for body, want := range map[string]string{
		``:   "InvalidRequest",
		`{}`: "InvalidRequest",
		`[` + scopeItem("PostObject", "users/alice/a") + `]`:                      "InvalidRequest",
		`{"key":"users/alice/a","filename":"a"}`:                                  "InvalidRequest",
		`{"key":""}`:                                                              "InvalidRequest",
		`{"key":"users/alice/a","scope":[]}`:                                      "InvalidRequest",
		`{"key":"users/alice/a","contentType":"image"}`:                           "InvalidRequest",
		`{"key":"users/alice/a","contentType":"image/png, text/html"}`:            "InvalidRequest",
		`{"key":"users/alice/a","contentType":"image/*"}`:                         "InvalidRequest",
		`{"key":"users/alice/a","contentType":"image/png;x=y"}`:                   "InvalidRequest",
		`{"key":"types/alice/a","grant":"two-types"}`:                             "InvalidRequest",
		`{"key":"types/alice/a","grant":"two-types","contentType":"image/jpeg"}`:  "ScopeNotAllowed",
		`{"key":"pictures/alice/a","grant":"pictures","contentType":"text/html"}`: "ScopeNotAllowed",
		`{"key":"users/bob/a"}`:                                                   "ScopeNotAllowed",
		`{"key":"users/alice/*"}`:                                                 "ScopeNotAllowed",
		`{"key":"users/alice/../bob/a"}`:                                          "ScopeNotAllowed",
		`{"key":"users/alice/${filename}"}`:                                       "ScopeNotAllowed",
		`{"filename":"a","grant":"read"}`:                                         "NotEntitled",
		`{"key":"read/alice/a","grant":"read"}`:                                   "NotEntitled",
		`{"filename":"a","grant":"avatar"}`:                                       "ScopeNotAllowed",
	} {
		if _, err := ask(t, Form, body); codeOf(err) != want {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
}

func TestForm(t *testing.T) {
	for body, want := range map[string]Narrowed{
		`{"key":"/users/alice/a.jpg"}`:                                                {Key: "users/alice/a.jpg"},
		`{"key":"pictures/alice/a.jpg","grant":"pictures"}`:                           {Key: "pictures/alice/a.jpg", Form: policy.Form{MaxBytes: 1000, ContentType: "image/*"}},
		`{"key":"pictures/alice/a.jpg","grant":"pictures","contentType":"image/png"}`: {Key: "pictures/alice/a.jpg", Form: policy.Form{MaxBytes: 1000, ContentType: "image/png"}},
	} {
		got, err := ask(t, Form, body)
		if err != nil || got.Key != want.Key || got.Form != want.Form {
			t.Errorf("%s: %+v, %v", body, got, err)
			continue
		}
		p := document(t, got)
		if !slices.Equal(got.Prefixes, []string{want.Key}) || !allows(p, "PostObject", want.Key) || allows(p, "PutObject", want.Key) {
			t.Errorf("%s: it opens %v", body, got.Prefixes)
		}
	}
}

// Whatever a body may hold belongs into no query, but for what the query may hold too.
func TestBodyOnly(t *testing.T) {
	allowed := []string{"grant", "pick", "bucket", "region"}
	for _, kind := range []*Kind{Credentials, Form, Links} {
		for _, name := range kind.members {
			if slices.Contains(BodyOnly, name) == slices.Contains(allowed, name) {
				t.Errorf("%s", name)
			}
		}
	}
	for _, name := range []string{"filename", "durationSeconds", "scope", "key", "keys", "contentType", "expires", "process"} {
		if !slices.Contains(BodyOnly, name) {
			t.Errorf("%s would be dropped in silence", name)
		}
	}
}
