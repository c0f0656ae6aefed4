package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	sts "github.com/tencentyun/qcloud-cos-sts-sdk/go"
)

// own is the entitlement of user 42 to a grant with these lines.
func own(t testing.TB, address string, lines ...string) (*Entitlement, error) {
	t.Helper()
	file := `
issuers: [{name: shop, issuer: a, audiences: [x], secret: "${SECRET}"}]
grants:
  - name: g
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    ` + strings.Join(lines, "\n    ") + "\n"
	access, problems := load(t, file)
	if problems != nil {
		t.Fatalf("%s\n%s", file, strings.Join(problems, "\n"))
	}
	id := Identity{Issuer: "shop", Claims: map[string]any{"sub": "42", "tenant": "acme", "role": "staff"}}
	if address != "" {
		id.Address = netip.MustParseAddr(address)
	}
	return access.Entitle(id, "", "")
}

func document(t testing.TB, address string, lines ...string) *sts.CredentialPolicy {
	t.Helper()
	e, err := own(t, address, lines...)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := e.Document()
	if err != nil {
		t.Fatal(err)
	}
	return doc.CredentialPolicy
}

const (
	folder = `allowPrefixes: ["users/{sub}/*"]`
	bucket = "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/"
)

// allowing is a document's statements but those that deny.
func allowing(doc *sts.CredentialPolicy) (out []sts.CredentialPolicyStatement) {
	for _, s := range doc.Statement {
		if s.Effect == "allow" {
			out = append(out, s)
		}
	}
	return out
}

// Actions that carry the same limits share a statement, and no others do; the order is always the same.
func TestOneStatementForEachPurpose(t *testing.T) {
	for _, c := range []struct {
		actions string
		want    string
	}{
		{"[simpleUpload]", "PutObject"},
		{"[formUpload]", "PostObject"},
		{"[delete, formUpload, simpleUpload]", "PutObject PostObject | DeleteObject"},
		{"[multipartUpload]", "InitiateMultipartUpload ListMultipartUploads ListParts UploadPart CompleteMultipartUpload AbortMultipartUpload"},
		{"[upload]", "PutObject PostObject | InitiateMultipartUpload ListMultipartUploads ListParts UploadPart CompleteMultipartUpload AbortMultipartUpload"},
		{"[download]", "GetObject HeadObject OptionsObject"},
		{"[list]", "GetBucket"},
		{"[delete]", "DeleteObject"},
		{"[list, delete, download, formUpload]", "PostObject | GetObject HeadObject OptionsObject | DeleteObject | GetBucket"},
		{`["name/cos:PutObjectTagging", "name/cos:GetObject", "name/cos:DeleteObjectTagging", "name/cos:GetBucketObjectVersions", list]`,
			"GetObject | PutObjectTagging DeleteObjectTagging | GetBucket GetBucketObjectVersions"},
		{`[upload, "name/cos:PutObject", "name/cos:UploadPart"]`, "PutObject PostObject | InitiateMultipartUpload ListMultipartUploads ListParts UploadPart CompleteMultipartUpload AbortMultipartUpload"},
	} {
		doc := document(t, "", folder, "allowActions: "+c.actions)
		var got []string
		for _, s := range allowing(doc) {
			got = append(got, strings.ReplaceAll(strings.Join(s.Action, " "), "name/cos:", ""))
			resources := []string{bucket + "users/42/*"}
			if s.Action[0] == "name/cos:GetBucket" {
				resources = []string{bucket, bucket + "*"}
			}
			if !slices.Equal(s.Resource, resources) {
				t.Errorf("%s: %+v", c.actions, s)
			}
		}
		if strings.Join(got, " | ") != c.want {
			t.Errorf("%s: %q", c.actions, strings.Join(got, " | "))
		}
		if doc.Version != "2.0" {
			t.Errorf("version %q", doc.Version)
		}
	}
}

func TestDocumentHasAlwaysTheSameBytes(t *testing.T) {
	e, err := own(t, "192.0.2.7", `allowPrefixes: ["b/{sub}/*", "a/{sub}/*", "c/{sub}.png"]`, "allowActions: [list, simpleUpload, download]",
		"maxBytes: 10", "contentTypes: [image/png, image/*]", "pinClientAddress: true",
		"condition: {string_equal: {qcs:vpc: v}, ip_not_equal: {qcs:ip: 10.0.0.0/8}, bool_equal: {cos:secure-transport: true}, numeric_greater_than: {cos:tls-version: 1.1}}")
	if err != nil {
		t.Fatal(err)
	}
	var first []byte
	for range 50 {
		doc, err := e.Document()
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = text
		}
		if !bytes.Equal(first, text) {
			t.Fatalf("%s\n%s", first, text)
		}
	}
	if at := strings.Index(string(first), "/b/42/*"); at < 0 || at > strings.Index(string(first), "/a/42/*") {
		t.Errorf("the prefixes are not in the file's order: %s", first)
	}
}

// conditions is a statement's condition as JSON.
func conditions(t testing.TB, doc *sts.CredentialPolicy, action string) string {
	t.Helper()
	for _, s := range doc.Statement {
		if slices.Contains(s.Action, "name/cos:"+action) {
			text, err := json.Marshal(s.Condition)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
	}
	t.Fatalf("no statement for %s in %+v", action, doc)
	return ""
}

func TestConditions(t *testing.T) {
	const (
		tls   = `"bool_equal":{"cos:secure-transport":true}`
		size  = `"numeric_less_than_equal":{"cos:content-length":5}`
		types = `"string_like":{"cos:content-type":["image/*","text/plain"]}`
		limit = "maxBytes: 5"

		classes = `"string_equal_if_exist":{"cos:x-cos-storage-class":["STANDARD","ARCHIVE"]}`
		once    = `"string_equal":{"cos:x-cos-forbid-overwrite":"true"}`
		every   = "condition: {bool_equal: {cos:secure-transport: True}}"
	)
	for _, c := range []struct {
		lines  string
		action string
		want   string
	}{
		{"allowActions: [upload, download]", "PutObject", "null"},
		{"allowActions: [simpleUpload, download]\n" + limit, "PutObject", "{" + size + "}"},
		{"allowActions: [simpleUpload, download]\n" + limit, "GetObject", "null"},
		{"allowActions: [formUpload]\n" + limit + "\ncontentTypes: [image/*, text/plain]", "PostObject", "{" + size + "," + types + "}"},
		{"allowActions: [upload, delete]\ncontentTypes: [image/*, text/plain]", "DeleteObject", "null"},

		// an upload in parts gets its type when it begins, an appendable object with each append
		{"allowActions: [upload]\ncontentTypes: [image/*, text/plain]", "InitiateMultipartUpload", "{" + types + "}"},
		{"allowActions: [upload]\ncontentTypes: [image/*, text/plain]", "UploadPart", "null"},
		{"allowActions: [upload]\nstorageClasses: [STANDARD, ARCHIVE]", "InitiateMultipartUpload", "{" + classes + "}"},
		{"allowActions: [upload]\nstorageClasses: [STANDARD, ARCHIVE]", "UploadPart", "null"},

		// a multipart upload replaces an object when it ends
		{"allowActions: [simpleUpload, multipartUpload]\noverwrite: false", "PutObject", "{" + once + "}"},
		{"allowActions: [simpleUpload, multipartUpload]\noverwrite: false", "CompleteMultipartUpload", "{" + once + "}"},
		{"allowActions: [simpleUpload, multipartUpload]\noverwrite: false", "InitiateMultipartUpload", "null"},
		{"allowActions: [simpleUpload, delete]\noverwrite: false", "DeleteObject", "null"},
		{"allowActions: [simpleUpload]\noverwrite: false\nstorageClasses: [STANDARD, ARCHIVE]", "PutObject", "{" + once + "," + classes + "}"},
		{"allowActions: [\"name/cos:AppendObject\"]\ncontentTypes: [image/*, text/plain]", "AppendObject", "{" + types + "}"},

		// condition binds everything
		{"allowActions: [upload, download, list, delete]\n" + every, "PutObject", "{" + tls + "}"},
		{"allowActions: [upload, download, list, delete]\n" + every, "UploadPart", "{" + tls + "}"},
		{"allowActions: [upload, download, list, delete]\n" + every, "GetObject", "{" + tls + "}"},
		{"allowActions: [upload, download, list, delete]\n" + every, "DeleteObject", "{" + tls + "}"},
		{"allowActions: [upload, download, list, delete]\n" + every, "GetBucket", "{" + tls + `,"string_like":{"cos:prefix":["users/42/*","users%2F42%2F*"]}}`},
		{"allowActions: [simpleUpload]\n" + every + "\n" + limit, "PutObject", "{" + tls + "," + size + "}"},
		{"allowActions: [simpleUpload]\n" + limit + "\ncondition: {numeric_less_than_equal: {cos:tls-version: 1.3}}", "PutObject",
			`{"numeric_less_than_equal":{"cos:content-length":5,"cos:tls-version":1.3}}`},
		{"allowActions: [list]\ncondition: {string_like: {qcs:vpc: vpc-*}}", "GetBucket", `{"string_like":{"cos:prefix":["users/42/*","users%2F42%2F*"],"qcs:vpc":"vpc-*"}}`},

		// an address
		{"allowActions: [download]\npinClientAddress: true", "GetObject", `{"ip_equal":{"qcs:ip":["192.0.2.7"]}}`},
		{"allowActions: [download]\npinClientAddress: true\ncondition: {ip_not_equal: {qcs:ip: 10.0.0.0/8}}", "GetObject",
			`{"ip_equal":{"qcs:ip":["192.0.2.7"]},"ip_not_equal":{"qcs:ip":"10.0.0.0/8"}}`},
		{"allowActions: [list]\npinClientAddress: true", "GetBucket", `{"ip_equal":{"qcs:ip":["192.0.2.7"]},"string_like":{"cos:prefix":["users/42/*","users%2F42%2F*"]}}`},
	} {
		if got := conditions(t, document(t, "192.0.2.7", append(strings.Split(c.lines, "\n"), folder)...), c.action); got != c.want {
			t.Errorf("%s of\n%s\nhas %s", c.action, c.lines, got)
		}
	}
}

// condition and pinClientAddress bind every statement, whatever the actions are for, and with them nothing stands
// alone.
func TestEveryStatementHasTheCondition(t *testing.T) {
	doc := document(t, "192.0.2.7", folder, `allowActions: [upload, download, list, delete, "name/cos:PutObjectTagging", "name/cos:AppendObject", "name/cos:GetBucketObjectVersions"]`,
		"contentTypes: [image/*]", "pinClientAddress: true", "condition: {bool_equal: {cos:secure-transport: true}}")
	if n := len(allowing(doc)); n != 6 {
		t.Errorf("%d statements", n)
	}
	for _, s := range allowing(doc) {
		text, err := json.Marshal(s.Condition)
		if err != nil || !strings.Contains(string(text), `"ip_equal":{"qcs:ip":["192.0.2.7"]}`) || !strings.Contains(string(text), `"bool_equal":{"cos:secure-transport":true}`) {
			t.Errorf("%q: %s %v", s.Action, text, err)
		}
	}
}

func TestPinnedAddress(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7":        "192.0.2.7",
		"::ffff:192.0.2.7": "192.0.2.7",
		"2001:db8::1":      "2001:db8::1",
		"2001:DB8:0:0::1":  "2001:db8::1",
		"fe80::1%eth0":     "fe80::1",
	} {
		doc := document(t, address, folder, "allowActions: [download]", "pinClientAddress: true")
		if got := conditions(t, doc, "GetObject"); got != `{"ip_equal":{"qcs:ip":["`+want+`"]}}` {
			t.Errorf("%s: %s", address, got)
		}
		if got := conditions(t, document(t, address, folder, "allowActions: [download]"), "GetObject"); got != "null" {
			t.Errorf("%s is pinned though the grant doesn't ask for it: %s", address, got)
		}
	}
	var refusal *Refusal
	if _, err := own(t, "", folder, "allowActions: [download]", "pinClientAddress: true"); !errors.As(err, &refusal) || refusal.Kind != IdentityNotUsable {
		t.Errorf("an unknown address: %v", err)
	}
}

// One login's address doesn't stay in the grant for the next.
func TestPinningLeavesTheGrantAlone(t *testing.T) {
	access, problems := load(t, `
issuers: [{name: shop, issuer: a, audiences: [x], secret: "${SECRET}"}]
grants:
  - {name: g, bucket: b-1, region: ap-guangzhou, allowPrefixes: ["{sub}/*"], allowActions: [download], pinClientAddress: true, condition: {ip_equal: {qcs:vpc: 10.0.0.1}}}
`)
	if problems != nil {
		t.Fatal(problems)
	}
	for _, address := range []string{"192.0.2.1", "192.0.2.2"} {
		e, err := access.Entitle(Identity{Issuer: "shop", Claims: holding("sub", "1"), Address: netip.MustParseAddr(address)}, "", "")
		if err != nil {
			t.Fatal(err)
		}
		doc, err := e.Document()
		if err != nil {
			t.Fatal(err)
		}
		if got := conditions(t, doc.CredentialPolicy, "GetObject"); got != `{"ip_equal":{"qcs:ip":["`+address+`"],"qcs:vpc":"10.0.0.1"}}` {
			t.Error(got)
		}
	}
}

func TestListing(t *testing.T) {
	for _, c := range []struct{ prefixes, want string }{
		{`["users/{sub}/*"]`, `{"string_like":{"cos:prefix":["users/42/*","users%2F42%2F*"]}}`},
		{`["users/{sub}/*", "avatars/{sub}.png"]`, `{"string_like":{"cos:prefix":["users/42/*","users%2F42%2F*"]}}`}, // an object opens no listing
		{`["b/{sub}/*", "a/{sub}/*"]`, `{"string_like":{"cos:prefix":["b/42/*","b%2F42%2F*","a/42/*","a%2F42%2F*"]}}`},
		{`["用户 +/{sub}/*"]`, `{"string_like":{"cos:prefix":["用户 +/42/*","%E7%94%A8%E6%88%B7%20%2B%2F42%2F*"]}}`},
		{`["a*"]`, `{"string_like":{"cos:prefix":["a*"]}}`}, // both forms are the same
		{`["*"]`, "null"},
		{`["users/{sub}/*", "*"]`, "null"},
	} {
		lines := []string{"allowPrefixes: " + c.prefixes, "allowActions: [list]", "when: {role: [staff]}"}
		doc := document(t, "", lines...)
		if got := conditions(t, doc, "GetBucket"); strings.ReplaceAll(got, `\u0026`, "&") != c.want {
			t.Errorf("%s: %s", c.prefixes, got)
		}
		if !slices.Equal(doc.Statement[0].Resource, []string{bucket, bucket + "*"}) {
			t.Errorf("%s: %q", c.prefixes, doc.Statement[0].Resource)
		}
	}
}

func TestEverything(t *testing.T) {
	doc := document(t, "", `allowPrefixes: ["*"]`, "allowActions: [download]", "when: {role: [staff]}")
	if got := doc.Statement[0].Resource; !slices.Equal(got, []string{bucket + "*"}) {
		t.Errorf("%q", got)
	}
}

// CAM takes 6,144 characters: characters, not bytes.
func TestLongestDocument(t *testing.T) {
	lines := func(rest int, letter string) []string {
		var prefixes []string
		for i := range 4 {
			prefixes = append(prefixes, fmt.Sprintf(`"%d%s/{sub}/*"`, i, strings.Repeat(letter, 200)))
		}
		prefixes = append(prefixes, `"`+strings.Repeat(letter, rest)+`/{sub}/*"`)
		return []string{"allowPrefixes: [" + strings.Join(prefixes, ", ") + "]", "allowActions: [upload, download]"}
	}
	for _, letter := range []string{"x", "é"} {
		length := func(rest int) (int, error) {
			e, err := own(t, "", lines(rest, letter)...)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := e.Document()
			if err != nil {
				return 0, err
			}
			text, _ := json.Marshal(doc)
			return len([]rune(string(text))), nil
		}
		n, err := length(1)
		if err != nil {
			t.Fatal(err)
		}
		more := (6144 - n) / 3 // the prefix stands in three statements
		if n, err := length(1 + more); err != nil || n > 6144 || n < 6142 {
			t.Errorf("%s: %d characters: %v", letter, n, err)
		}
		var refusal *Refusal
		if _, err := length(2 + more); !errors.As(err, &refusal) || refusal.Kind != IdentityNotUsable || !strings.Contains(refusal.Reason, "6144") {
			t.Errorf("%s: %v", letter, err)
		}
	}
}

// Without a word of it, every upload stays private: each header that would open or give away the object is denied by
// itself, wherever the key uploads, and whatever else binds the grant.
func TestObjectsStayPrivate(t *testing.T) {
	const pinned = "pinClientAddress: true"
	for actions, want := range map[string]string{
		"[upload, download, list, delete]": "PutObject PostObject InitiateMultipartUpload",
		"[simpleUpload]":                   "PutObject",
		"[formUpload]":                     "PostObject",
		`["name/cos:UploadPart", "name/cos:CompleteMultipartUpload"]`:                    "",
		`["name/cos:AppendObject", "name/cos:PutObjectCopy", "name/cos:PutObjectThing"]`: "AppendObject PutObjectCopy PutObjectThing",
		"[download, list, delete]": "",
	} {
		doc := document(t, "192.0.2.7", folder, "allowActions: "+actions, pinned)
		var got []string
		for _, s := range doc.Statement[len(allowing(doc)):] {
			text, _ := json.Marshal(s.Condition)
			got = append(got, string(text))
			denied := strings.ReplaceAll(strings.Join(s.Action, " "), "name/cos:", "")
			if s.Effect != "deny" || denied != want || !slices.Equal(s.Resource, []string{bucket + "*"}) {
				t.Errorf("%s: %+v", actions, s)
			}
		}
		conditions := []string{
			`{"string_equal":{"cos:x-cos-acl":["public-read","public-read-write","authenticated-read","bucket-owner-read","bucket-owner-full-control"]}}`,
			`{"string_like":{"cos:x-cos-grant-read":"*"}}`,
			`{"string_like":{"cos:x-cos-grant-write":"*"}}`,
			`{"string_like":{"cos:x-cos-grant-read-acp":"*"}}`,
			`{"string_like":{"cos:x-cos-grant-write-acp":"*"}}`,
			`{"string_like":{"cos:x-cos-grant-full-control":"*"}}`,
		}
		if want == "" {
			conditions = nil
		}
		if !slices.Equal(got, conditions) {
			t.Errorf("%s: denied with %q", actions, got)
		}
		open := document(t, "192.0.2.7", folder, "allowActions: "+actions, pinned, "objectAcl: any")
		if len(allowing(open)) != len(open.Statement) {
			t.Errorf("%s: something is denied with objectAcl: any", actions)
		}
	}
}

// Whether CAM counts spaces inside a key is nowhere said, so they count here.
func TestSpacesInKeysCount(t *testing.T) {
	e := &Entitlement{Bucket: "b-1250000000", Region: "ap-guangzhou", opens: []opening{{"name/cos:DeleteObject", []string{"u/*"}}}}
	var scope []Item
	for i := range 60 {
		scope = append(scope, Item{"name/cos:DeleteObject", e.Bucket, e.Region, "u/" + strings.Repeat(" ", 700+i) + "x"})
	}
	if n, err := e.Narrow(scope); err != nil || !n.Folded {
		t.Error("48,000 characters pass for fewer than 6,144")
	}
}
