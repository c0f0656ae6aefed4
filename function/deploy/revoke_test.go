package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cos-credentials/function/deploy/cli"
	"cos-credentials/policy"
	"cos-credentials/policy/text"
	"cos-credentials/test/cam"
)

// bucketPolicy is what revoke prints, and what a key's own document is made of as well.
type bucketPolicy struct {
	Version   string      `json:"version"`
	Statement []statement `json:"statement"`
}

func (a *account) revoke(args ...string) (p bucketPolicy, said string) {
	a.t.Helper()
	status, out, problems := a.runPlain(append([]string{"revoke"}, args...)...)
	if err := json.Unmarshal([]byte(out), &p); status != 0 || err != nil {
		a.t.Fatalf("%d %v\n%s%s", status, err, out, problems)
	}
	return p, problems
}

// opens reports whether a user's key does anything at all in a folder, beside a bucket's policy.
func opens(t *testing.T, user, folder string, beside bucketPolicy) bool {
	t.Helper()
	a := newAccount(t)
	d, err := (&session{env: func(string) (string, bool) { return "", false }}).describe(a.args[3], "")
	if err != nil {
		t.Fatal(err)
	}
	access, err := d.access()
	if err != nil {
		t.Fatal(err)
	}
	e, err := access.Entitle(identity(access.Issuers[0], user, nil), "", "")
	if err != nil {
		t.Fatal(err)
	}
	own, err := e.Document()
	if err != nil {
		t.Fatal(err)
	}
	listings := []string{"name/cos:GetBucket", "name/cos:GetBucketObjectVersions", "name/cos:ListMultipartUploads"}
	bucket := policy.Resource(e.Bucket, e.Region, "") // which a listing is held to, or the prefix in it: sources disagree
	lists := object{"effect": "allow", "action": listings, "resource": []string{bucket, bucket + "*"},
		"condition": object{"string_like": object{"cos:prefix": []string{folder + "*", text.Percent(folder) + "*"}}}}
	all := []any{lists}
	for _, s := range own.Statement {
		all = append(all, s)
	}
	for _, s := range beside.Statement {
		if len(s.Principal["qcs"]) != 1 || s.Principal["qcs"][0] != "qcs::cam::anyone:anyone" {
			t.Errorf("it is not for everybody: %v", s.Principal)
		}
		one := object{"effect": s.Effect, "action": s.Action, "resource": s.Resource}
		if s.Condition != nil {
			one["condition"] = s.Condition
		}
		all = append(all, one) // principals are for bucket policies only
	}
	written, err := json.Marshal(object{"version": "2.0", "statement": all})
	if err != nil {
		t.Fatal(err)
	}
	given, err := cam.Parse(string(written))
	if err != nil {
		t.Fatalf("%v\n%s", err, written)
	}
	for _, action := range []string{"PutObject", "GetObject", "PostObject", "UploadPart", "DeleteObject"} {
		object := policy.Resource(e.Bucket, e.Region, folder+"a.jpg")
		if given.Allows(cam.Request{Action: "name/cos:" + action, Resource: object}) {
			return true
		}
	}
	return slices.ContainsFunc(listings, func(action string) bool {
		for _, prefix := range []string{folder, text.Percent(folder)} { // whichever of the two COS compares
			listing := cam.Request{Action: action, Context: map[string][]string{"cos:prefix": {prefix}}}
			for _, listing.Resource = range []string{bucket, bucket + folder} {
				if given.Allows(listing) {
					return true
				}
			}
		}
		return false
	})
}

func TestRevoke(t *testing.T) {
	p, said := newAccount(t).revoke("--sub", "alice")
	none := bucketPolicy{}
	for _, tt := range []struct {
		user   string
		beside bucketPolicy
		want   bool
	}{{"alice", none, true}, {"alice", p, false}, {"alice2", p, true}, {"bob", p, true}} {
		if got := opens(t, tt.user, "users/"+tt.user+"/", tt.beside); got != tt.want {
			t.Errorf("%s: opens %v", tt.user, got)
		}
	}
	for _, want := range []string{"BLOCKED=mini/2bd806c97f0e00af", "30 minutes"} { // the SHA-256 of alice
		if !strings.Contains(said, want) {
			t.Errorf("no %q in %s", want, said)
		}
	}
	p, said = newAccount(t).revoke("--all")
	if opens(t, "bob", "users/bob/", p) || !strings.Contains(said, "TOKENS_NOT_BEFORE=") {
		t.Errorf("--all: %s", said)
	}
	for _, args := range [][]string{{"revoke"}, {"revoke", "--all", "--sub", "x"}} {
		if status, _, _ := newAccount(t).runPlain(args...); status != 2 {
			t.Errorf("%v: %d", args, status)
		}
	}
	if status, out, problems := newAccount(t).runPlain("revoke", "--sub", "a/b"); status != 1 || out != "" {
		t.Errorf("a user who can have no folder: %d\n%s%s", status, out, problems)
	}
}

// At night, on another machine, the bucket is known and the secrets are not.
func TestRevokeNeedsNoSecret(t *testing.T) {
	a, known := newAccount(t), dotenv()
	want, _ := a.revoke("--sub", "alice")
	delete(known, "JWT_SECRET")
	a.dotenv(".env", known)
	if got, said := a.revoke("--sub", "alice"); !cmp.Equal(got, want) {
		t.Errorf("%s\n%s", cmp.Diff(want, got), said)
	}
	delete(known, "COS_BUCKET")
	a.dotenv(".env", known)
	status, out, problems := a.runPlain("revoke", "--all")
	if status != 1 || out != "" || !strings.Contains(problems, "COS_BUCKET is not set") {
		t.Errorf("without the bucket: %d %s%s", status, out, problems)
	}
}

// What others may open too is not closed for one user, and it is said.
func TestRevokeLeavesWhatIsShared(t *testing.T) {
	const file = `
issuers: [{name: mini, issuer: i, audiences: [a], secret: 0123456789abcdef0123456789abcdef}]
grants:
  - name: own
    bucket: b-1
    region: ap-guangzhou
    allowPrefixes: ["users/{sub}/*", "avatars/{sub}.png"]
    allowActions: [upload]
  - name: staff
    when: {role: [staff]}
    bucket: b-1
    region: ap-guangzhou
    allowPrefixes: ["*"]
    allowActions: [download]
  - name: tenant
    bucket: b-1
    region: ap-guangzhou
    allowPrefixes: ["tenants/{tenant}/{sub}/*"]
    allowActions: [download]
`
	access, err := policy.Load(policy.Source{YAML: []byte(file), Env: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		claims       cli.Claims
		says, closes []string
	}{
		{cli.Claims{"role": "staff", "tenant": "acme"},
			[]string{"grant staff also opens *"},
			[]string{"b-1/users/alice/*", "b-1/avatars/alice.png", "b-1/tenants/acme/alice/*"}},
		{nil,
			[]string{"grant staff is not in it", "grant tenant is not in it", "--claim"},
			[]string{"b-1/users/alice/*", "b-1/avatars/alice.png"}},
	} {
		var out, said strings.Builder
		s := &session{out: &out, problems: &said}
		if err := s.revokeUser(access, access.Issuers[0], "alice", tt.claims); err != nil {
			t.Error(err)
		}
		var p bucketPolicy
		if err := json.Unmarshal([]byte(out.String()), &p); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		var got []string
		for _, name := range p.Statement[0].Resource {
			got = append(got, strings.TrimPrefix(name, "qcs::cos:ap-guangzhou:uid/1:"))
		}
		if !slices.Equal(got, tt.closes) {
			t.Errorf("closes %q", got)
		}
		for _, want := range tt.says {
			if !strings.Contains(said.String(), want) {
				t.Errorf("no %q in\n%s", want, said.String())
			}
		}
	}
}

// Whatever names the users of an issuer, and however long, what is one's alone is closed.
func TestRevokeKnowsWhoTheUserIs(t *testing.T) {
	for name, tt := range map[string]struct{ subject, template, sub, closes string }{
		"a number":          {"{claim: uid, integer: true}", "{sub|int}", "42", "42"},
		"of 19 digits":      {"{claim: uid, integer: true}", "{uid|int}", "1234567890123456789", "1234567890123456789"},
		"nought":            {"{claim: uid, integer: true}", "{sub|int}", "0", "0"},
		"another claim":     {"{claim: account}", "{sub}", "alice", "alice"},
		"one in another":    {"{claim: account.id, integer: true}", "{account.id|int}", "7", "7"},
		"sub":               {"{claim: sub}", "{sub}", strings.Repeat("a", 128), strings.Repeat("a", 128)},
		"in another script": {"{claim: sub}", "{sub|hex}", "明", "e6988e"},
	} {
		t.Run(name, func(t *testing.T) {
			file := `
issuers:
  - {name: mini, issuer: i, audiences: [a], secret: 0123456789abcdef0123456789abcdef, subject: ` + tt.subject + `}
grants:
  - {name: own, bucket: b-1, region: ap-guangzhou, allowPrefixes: ["users/` + tt.template + `/*"], allowActions: [upload]}
`
			unset := func(string) (string, bool) { return "", false }
			access, err := policy.Load(policy.Source{YAML: []byte(file), Env: unset})
			if err != nil {
				t.Fatal(err)
			}
			var out, said strings.Builder
			err = (&session{out: &out, problems: &said}).revokeUser(access, access.Issuers[0], tt.sub, nil)
			if err != nil || !strings.Contains(out.String(), "b-1/users/"+tt.closes+"/*\"") {
				t.Errorf("%v\n%s%s", err, out.String(), said.String())
			}
		})
	}
}
