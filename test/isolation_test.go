package test

import (
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cos-credentials/policy"
	"cos-credentials/test/cam"
)

const bucketResource = "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/"

// The promise of the whole project: whatever the access file grants, if each of its templates names the user, no key
// opens another user's objects or listing. Access files that the loader refuses promise nothing.
func TestNoKeyOpensAnothersFiles(t *testing.T) {
	if checks := flag.Lookup("rapid.checks").Value; checks.String() == "100" { // rapid's default
		checks.Set("4000") // a second
	}
	var loaded, refused, pairs, objects int
	rapid.Check(t, func(t *rapid.T) {
		file := accessFile(t)
		access, err := policy.Load(policy.Source{Name: "access.yaml", YAML: []byte(file), Env: func(string) (string, bool) { return "", false }})
		if err != nil {
			refused++
			return
		}
		loaded++
		t.Logf("%s", file)
		x, y := distinct(t, access)
		grant := rapid.SampledFrom(append([]string{""}, names(access)...))
		mine, err := access.Entitle(x, grant.Draw(t, "grant of x"), "")
		if err != nil {
			return
		}
		theirs, err := access.Entitle(y, grant.Draw(t, "grant of y"), "")
		if err != nil {
			return
		}
		pairs++
		t.Logf("x %v opens %q, y %v opens %q", x, mine.Prefixes, y, theirs.Prefixes)
		key := keyOf(t, mine)
		for _, prefix := range theirs.Prefixes {
			for _, object := range under(t, prefix) {
				objects++
				closed(t, key, object)
			}
		}
		for _, prefix := range mine.Prefixes {
			if !strings.HasSuffix(prefix, "*") && onlyLists(key) {
				continue // one object, of which there is nothing to list
			}
			for _, object := range under(t, prefix) {
				open(t, key, object)
			}
		}
	})
	t.Logf("%d access files, %d refused; %d pairs of logins, %d objects of others", loaded+refused, refused, pairs, objects)
	if loaded+refused >= 1000 && (loaded < refused/2 || pairs < loaded/10 || objects == 0) {
		t.Error("the generators draw too little that is accepted: the property was hardly tested")
	}
}

// accessFile draws an access file whose templates all name the user.
func accessFile(t *rapid.T) string {
	var out strings.Builder
	issuers := []string{"one", "two"}[:rapid.IntRange(1, 2).Draw(t, "issuers")]
	out.WriteString("issuers:\n")
	for _, name := range issuers {
		fmt.Fprintf(&out, "  - {name: %s, issuer: %s, audiences: [a], secret: %s}\n", name, name, strings.Repeat(name, 20))
	}
	out.WriteString("grants:\n")
	user := rapid.SampledFrom([]string{"{sub}", "{sub}", "{sub}", "u-{sub}", "{sub}.d", "{sub|hex}", "{sub|base64url}", "{sub|sha256}"})
	other := rapid.SampledFrom([]string{"users", "files", "a", "A", "a.b", "{tenant}", "t-{tenant}", "{tenant|hex}"})
	ends := rapid.SampledFrom([]string{"/*", "/*", "/*", "/*", "/*", "/files/*", "/avatar.png", ".png", "", "*", "/avatar*"})
	one := user.Draw(t, "user") // in most files all grants spell the user the same way, or the loader refuses them
	for i := range rapid.SampledFrom([]int{1, 1, 2, 3}).Draw(t, "grants") {
		of := issuers[:rapid.IntRange(1, len(issuers)).Draw(t, "issuers of the grant")]
		var prefixes []string
		for range rapid.SampledFrom([]int{1, 1, 2}).Draw(t, "prefixes") {
			segments := rapid.SliceOfN(other, 0, 2).Draw(t, "folders")
			if len(issuers) > 1 && rapid.IntRange(0, 9).Draw(t, "no issuer") > 0 {
				segments = append([]string{"{issuer}"}, segments...)
			}
			if rapid.IntRange(0, 4).Draw(t, "another spelling") == 0 {
				segments = append(segments, user.Draw(t, "user"))
			} else {
				segments = append(segments, one)
			}
			prefixes = append(prefixes, strings.Join(segments, "/")+ends.Draw(t, "end"))
		}
		actions := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"simpleUpload", "formUpload", "multipartUpload", "upload", "download", "list", "delete"}), 1, 4, rapid.ID).Draw(t, "actions")
		fmt.Fprintf(&out, "  - name: g%d\n    issuers: %s\n    bucket: examplebucket-1250000000\n    region: ap-guangzhou\n    allowPrefixes: %s\n    allowActions: %s\n",
			i, asJSON(of), asJSON(prefixes), asJSON(actions))
		if rapid.Bool().Draw(t, "types") && slices.Contains(actions, "simpleUpload") {
			out.WriteString("    contentTypes: [image/*]\n")
		}
	}
	return out.String()
}

func asJSON(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

func names(a *policy.Access) []string {
	var out []string
	for _, g := range a.Grants {
		out = append(out, g.Name)
	}
	return out
}

// distinct draws two users: of different issuers, or with different subjects that like to resemble each other.
func distinct(t *rapid.T, access *policy.Access) (x, y policy.Identity) {
	subject := rapid.OneOf(rapid.StringMatching(`[aAb1][aAb1.-_@]{0,3}`), rapid.StringMatching(`[aAb1]{1,3}`),
		rapid.StringOfN(rapid.RuneFrom([]rune("ab/*%?. é\x00{$")), 1, 3, -1),
		rapid.SampledFrom([]string{"users", "files", "one", "two", "u-a", "a.d", "a.png", "..", "avatar.png"}))
	tenant := rapid.SampledFrom([]string{"a", "b", "users", "files", "one", "a.b", "t-a"})
	draw := func(who string) policy.Identity {
		issuers := access.Issuers
		return policy.Identity{
			Issuer: issuers[rapid.IntRange(0, len(issuers)-1).Draw(t, "issuer of "+who)].Name,
			Claims: map[string]any{"sub": subject.Draw(t, who), "tenant": tenant.Draw(t, "tenant of "+who)},
		}
	}
	x, y = draw("x"), draw("y")
	if rapid.Bool().Draw(t, "y's tenant is called like x") {
		y.Claims["tenant"] = x.Claims["sub"]
	}
	if rapid.Bool().Draw(t, "y resembles x") {
		change := rapid.SampledFrom([]func(string) string{
			func(s string) string { return s + "a" },
			func(s string) string { return s + ".d" },
			func(s string) string { return s + ".png" },
			func(s string) string { return s + "/a" },
			func(s string) string { return "u-" + s },
			func(s string) string { return s[:len(s)-1] },
			strings.ToUpper,
		}).Draw(t, "change")
		y.Claims["sub"] = change(x.Claims["sub"].(string))
	}
	if x.Issuer == y.Issuer && x.Claims["sub"] == y.Claims["sub"] {
		y.Claims["sub"] = x.Claims["sub"].(string) + "b"
	}
	return x, y
}

func keyOf(t *rapid.T, e *policy.Entitlement) cam.Policy {
	document, err := e.Document()
	if err != nil {
		t.Fatalf("no document: %v", err)
	}
	p, err := cam.Parse(string(document.JSON))
	if err != nil {
		t.Fatalf("%v: %s", err, document.JSON)
	}
	return p
}

// under names objects that a prefix opens.
func under(t *rapid.T, prefix string) []string {
	begin, wildcard := strings.CutSuffix(prefix, "*")
	if !wildcard {
		return []string{prefix}
	}
	rest := rapid.StringOfN(rapid.RuneFrom([]rune("ab/.%* é")), 1, 4, -1).Draw(t, "rest of the key")
	return []string{begin + "x", begin + "x/y", begin + rest}
}

var objectActions = []string{
	"PutObject", "PostObject", "InitiateMultipartUpload", "ListMultipartUploads", "ListParts", "UploadPart", "CompleteMultipartUpload",
	"AbortMultipartUpload", "GetObject", "HeadObject", "OptionsObject", "DeleteObject", "AppendObject", "GetObjectACL", "PutObjectACL",
}

var friendly = map[string][]string{ // what meets every condition but that on a listing's prefix
	"cos:content-length": {"1"}, "cos:content-type": {"image/png"}, "qcs:ip": {"203.0.113.7"}, "cos:secure-transport": {"true"},
	"cos:x-cos-forbid-overwrite": {"true"},
}

// closed fails if the key does anything to the object, or lists anything that would show its name.
func closed(t *rapid.T, key cam.Policy, object string) {
	for _, action := range objectActions {
		if key.Allows(cam.Request{Action: "name/cos:" + action, Resource: bucketResource + object, Context: friendly}) {
			t.Fatalf("%s of %q is open", action, object)
		}
	}
	for i := range len(object) + 1 {
		if prefix := object[:i]; listable(key, prefix) {
			t.Fatalf("a listing of %q is open, and shows %q", prefix, object)
		}
	}
	if key.Allows(cam.Request{Action: "name/cos:GetBucket", Resource: bucketResource, Context: friendly}) {
		t.Fatalf("a listing without a prefix is open")
	}
}

// listable tries each reading of the cloud's documentation: either form of cos:prefix, and either resource.
func listable(key cam.Policy, prefix string) bool {
	context := map[string][]string{"cos:prefix": {prefix}}
	for k, v := range friendly {
		context[k] = v
	}
	for _, form := range []cam.PrefixForm{cam.RawPrefix, cam.EncodedPrefix} {
		key.Prefix = form
		for _, resource := range []string{bucketResource, bucketResource + prefix} {
			for _, action := range []string{"GetBucket", "GetBucketObjectVersions"} {
				if key.Allows(cam.Request{Action: "name/cos:" + action, Resource: resource, Context: context}) {
					return true
				}
			}
		}
	}
	return false
}

func onlyLists(key cam.Policy) bool {
	return !slices.ContainsFunc(key.Statements, func(s cam.Statement) bool { return !slices.Contains(s.Actions, "name/cos:GetBucket") })
}

// open fails unless the key does something with its owner's object: a key that opens nothing would be safe as well.
func open(t *rapid.T, key cam.Policy, object string) {
	for _, action := range objectActions {
		if key.Allows(cam.Request{Action: "name/cos:" + action, Resource: bucketResource + object, Context: friendly}) {
			return
		}
	}
	if folder := object[:strings.LastIndex(object, "/")+1]; listable(key, folder) || listable(key, object) {
		return
	}
	t.Fatalf("the key opens nothing of %q", object)
}
