package policy

import (
	"slices"
	"strings"
	"testing"
)

const shelves = `allow: [{prefixes: ["files/{sub}/*", "avatars/{sub}.png"], actions: [upload, delete]}, ` +
	`{prefixes: ["files/*", "files/{sub}/*"], actions: [download, list]}]`

// An action is allowed on the prefixes of the rules that name it, and nowhere else.
func TestRules(t *testing.T) {
	e, err := own(t, "", shelves)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"files/42/*", "avatars/42.png", "files/*"}; !slices.Equal(e.Prefixes, want) {
		t.Errorf("%q: not the rules' in order, each once", e.Prefixes)
	}
	for _, o := range e.opens {
		want := []string{"files/42/*", "avatars/42.png"}
		if onlyRead([]string{o.action}) {
			want = []string{"files/*", "files/42/*"}
		}
		if !slices.Equal(o.prefixes, want) {
			t.Errorf("%s is allowed on %q", o.action, o.prefixes)
		}
	}
	named := slices.Concat(Preset("upload"), Preset("download"), Preset("delete"), Preset("list"))
	if len(e.opens) != len(named) {
		t.Errorf("%d actions, and the rules name %d", len(e.opens), len(named))
	}
}

// An item of a scope is held to the rules of its own action.
func TestScopeIsHeldToTheRuleOfItsAction(t *testing.T) {
	e, err := own(t, "", shelves)
	if err != nil {
		t.Fatal(err)
	}
	for item, want := range map[string]string{
		"PutObject files/42/a":     "files/42/a",
		"PutObject files/43/a":     "",
		"PutObject files/a":        "",
		"PutObject files/*":        "",
		"DeleteObject files/43/a":  "",
		"GetObject files/43/a":     "files/43/a",
		"GetObject files/*":        "files/*",
		"GetObject avatars/42.png": "", // is written only
		"PutObject avatars/42.png": "avatars/42.png",
		"GetBucket ":               "files/* files/42/*",
		"GetBucket files/43/":      "files/43/*",
		"GetBucket avatars/":       "",
	} {
		action, key, _ := strings.Cut(item, " ")
		n, err := e.Narrow([]Item{{"name/cos:" + action, e.Bucket, e.Region, key}})
		got := ""
		if err == nil {
			got = strings.Join(n.Prefixes, " ")
		}
		if got != want {
			t.Errorf("%s: %q, %v", item, got, err)
		}
	}
}

// A key is chosen in the first folder that a rule uploads into, and for a form in the first that takes forms. A rule
// that can't begin an upload is none.
func TestUploadFolderIsARulesThatUploads(t *testing.T) {
	for _, c := range []struct{ first, second, forKeys, forForms string }{
		{`{prefixes: ["read/*"], actions: [download]}`, `{prefixes: ["a/{sub}/*"], actions: [upload]}`, "a/42/", "a/42/"},
		{`{prefixes: ["a/{sub}/*"], actions: [simpleUpload]}`, `{prefixes: ["b/{sub}/*"], actions: [formUpload]}`, "a/42/", "b/42/"},
		{`{prefixes: ["a/{sub}/*"], actions: [formUpload]}`, `{prefixes: ["b/{sub}/*"], actions: [simpleUpload]}`, "a/42/", "a/42/"},
		{`{prefixes: ["a/{sub}/*"], actions: ["name/cos:ListParts"]}`, `{prefixes: ["b/{sub}/*"], actions: [upload]}`, "b/42/", "b/42/"},
		{`{prefixes: ["a/{sub}.png"], actions: [upload]}`, `{prefixes: ["b/*"], actions: [download]}`, "", ""},
		{`{prefixes: ["a/{sub}/*"], actions: [multipartUpload]}`, `{prefixes: ["b/*"], actions: [download]}`, "a/42/", ""},
	} {
		rules, want := c.first+", "+c.second, []string{c.forKeys, c.forForms}
		e, err := own(t, "", "allow: ["+rules+"]")
		if err != nil {
			t.Fatal(err)
		}
		for i, form := range []bool{false, true} {
			if folder, err := e.UploadFolder(form, 10); folder != want[i] || (err == nil) != (want[i] != "") {
				t.Errorf("%s, form %v: %q, %v", rules, form, folder, err)
			}
		}
		if want[0] == "" {
			continue
		}
		chosen, err := e.ForUpload(want[0] + "x")
		if err != nil || !slices.ContainsFunc(chosen.opens, func(o opening) bool { return begins(o.action) }) {
			t.Errorf("%s: a key that is chosen can't be uploaded: %v", rules, err)
		}
	}
}

// The headers that an upload must send come with what can upload, and with nothing else.
func TestHeaders(t *testing.T) {
	e, err := own(t, "", folder, "allowActions: [simpleUpload, download]", "overwrite: false")
	if err != nil {
		t.Fatal(err)
	}
	if got := e.Headers(); len(got) != 1 || got["x-cos-forbid-overwrite"] != "true" {
		t.Errorf("%q", got)
	}
	reading, err := e.Narrow([]Item{{"name/cos:GetObject", e.Bucket, e.Region, "users/42/a"}})
	if err != nil || len(reading.Headers()) > 0 {
		t.Errorf("%v, %q", err, reading.Headers())
	}
	if e, err := own(t, "", folder, "allowActions: [upload]"); err != nil || len(e.Headers()) > 0 {
		t.Errorf("%v, %q", err, e.Headers())
	}
}

func TestHost(t *testing.T) {
	for line, want := range map[string]string{
		"overwrite: true":           "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com",
		"domain: files.example.com": "files.example.com",
	} {
		if e, err := own(t, "", folder, "allowActions: [download]", line); err != nil || e.Host() != want {
			t.Errorf("%s: %v, %s", line, err, e.Host())
		}
	}
}
