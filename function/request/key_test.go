package request

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"cos-credentials/policy"
)

func TestChosenKey(t *testing.T) {
	seen := map[string]bool{}
	today := time.Now().UTC().Format("2006/01/02/")
	for filename, suffix := range map[string]string{
		"a.jpg": ".jpg", "A.JPG": ".jpg", "archive.tar.gz": ".gz", "noext": "", "dot.": "", "../../x.png": ".png", "a.jp/g": "", "a.p\u4e2d": "",
		"a.abcdefghijklmnop": ".abcdefghijklmnop", "a.abcdefghijklmnopq": "", strings.Repeat("\u4e2d", 85): "", "a.jpg*": "", "a.j p": "", "a.\u212ag": "",
	} {
		body, _ := json.Marshal(map[string]string{"filename": filename})
		narrowed, err := ask(t, Credentials, string(body))
		if err != nil {
			t.Errorf("%s: %v", filename, err)
			continue
		}
		key := narrowed.Key
		form := regexp.MustCompile(`^users/alice/` + today + `[a-z2-7]{26}` + regexp.QuoteMeta(suffix) + `$`)
		if !form.MatchString(key) || seen[key] || fmt.Sprint(narrowed.Prefixes) != "["+key+"]" || narrowed.Prefix() != key {
			t.Errorf("%s: %+v", filename, narrowed)
		}
		seen[key] = true
		p := document(t, narrowed)
		for action, want := range map[string]bool{"PutObject": true, "PostObject": true, "InitiateMultipartUpload": true, "UploadPart": true, "GetObject": false, "DeleteObject": false} {
			if allows(p, action, key) != want || allows(p, action, key+"x") || allows(p, action, "users/alice/a") {
				t.Errorf("%s: %s is not as it should be", filename, action)
			}
		}
	}
	for body, want := range map[string]string{
		`{"filename":""}`: "InvalidRequest", `{"filename":"` + strings.Repeat("x", 256) + `"}`: "InvalidRequest", `{"filename":1}`: "InvalidRequest",
		`{"filename":"a","grant":"read"}`: "ScopeNotAllowed", `{"filename":"a","grant":"avatar"}`: "ScopeNotAllowed",
		`{"filename":"a","key":"users/alice/a"}`: "InvalidRequest",
	} {
		if _, err := ask(t, Credentials, body); codeOf(err) != want {
			t.Errorf("%.80s: %v, want %s", body, err, want)
		}
	}
}

// uploading is what user alice may do where a grant uploads to a prefix.
func uploading(t *testing.T, prefix string) *policy.Entitlement {
	t.Helper()
	access, err := policy.Load(policy.Source{Name: "access.yaml", YAML: []byte(`
issuers: [{name: shop, issuer: shop, audiences: [x], discovery: true}]
grants: [{name: g, bucket: b-1, region: ap-guangzhou, allowPrefixes: ["` + prefix + `"], allowActions: [simpleUpload]}]
`)})
	if err != nil {
		t.Fatal(err)
	}
	e, err := access.Entitle(policy.Identity{Issuer: "shop", Claims: map[string]any{"sub": "alice"}}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestKeysAreNotGuessable(t *testing.T) {
	e := uploading(t, "users/{sub}/*")
	seen := map[string]bool{}
	for range 1000 {
		key, err := chosenKey(e, false, "a.jpg", time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		seen[key] = true
	}
	if len(seen) != 1000 {
		t.Error("keys repeat")
	}
}

// That a folder is too long for a key in it is the login's doing, not the request's.
func TestChosenKeysFit(t *testing.T) {
	longest := "." + strings.Repeat("x", maxExtension)
	for length, fits := range map[int]bool{850: true, 851: false} {
		folder := strings.Repeat("u", length-maxName-len("/alice/"))
		key, err := chosenKey(uploading(t, folder+"/{sub}/*"), false, longest, time.Now())
		if fits && len(key) != length {
			t.Errorf("a chosen key has %d bytes, not %d", len(key), length)
		}
		var refused *policy.Refusal
		if fits != (err == nil) || !fits && (!errors.As(err, &refused) || refused.Kind != policy.IdentityNotUsable) {
			t.Errorf("a key of %d bytes: %v", length, err)
		}
	}
}
