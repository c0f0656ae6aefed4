package test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"cos-credentials/policy"
	"cos-credentials/test/cam"
)

var clientAddress = netip.MustParseAddr("203.0.113.7") // the one that is friendly

// drawEntitlement fills a grant of an access file that is drawn; files that the loader refuses are left out.
func drawEntitlement(t *rapid.T) (*policy.Entitlement, bool) {
	prefixes := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{
		"users/{sub}/*", "users/{sub}/*", "{sub}/*", "users/{sub}/pictures/*", "avatars/{sub}.png", "avatars/{sub}/small.png", "logs/2026*", "*",
	}), 1, 3, rapid.ID).Draw(t, "prefixes")
	actions := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{
		"simpleUpload", "formUpload", "upload", "upload", "download", "list", "delete", "name/cos:PostObjectRestore", "name/cos:GetBucketObjectVersions", "name/cos:AppendObject",
	}), 1, 6, rapid.ID).Draw(t, "actions")
	grant := map[string]any{
		"name": "grant", "when": map[string]any{"iss": []string{"mini"}},
		"bucket": "examplebucket-1250000000", "region": "ap-guangzhou",
	}
	if len(prefixes) > 1 && len(actions) > 1 && rapid.Bool().Draw(t, "rules") {
		at := rapid.IntRange(1, len(prefixes)-1).Draw(t, "prefixes of the first rule")
		of := rapid.IntRange(1, len(actions)-1).Draw(t, "actions of the first rule")
		grant["allow"] = []ruleOf{{prefixes[:at], actions[:of]}, {prefixes[at:], actions[of:]}}
	} else {
		grant["allowPrefixes"], grant["allowActions"] = prefixes, actions
	}
	for _, limit := range []struct {
		name  string
		value any
	}{
		{"maxBytes", 1000}, {"contentTypes", []string{"image/*"}}, {"pinClientAddress", true},
		{"objectAcl", "any"}, {"storageClasses", []string{"STANDARD"}}, {"overwrite", false},
		{"condition", map[string]any{"bool_equal": map[string]any{"cos:secure-transport": "true"}}},
	} {
		if rapid.IntRange(0, 3).Draw(t, limit.name) == 0 {
			grant[limit.name] = limit.value
		}
	}
	file := asJSON(map[string]any{ // which is YAML too
		"issuers": []any{map[string]any{"name": "mini", "issuer": "mini", "audiences": []string{"a"}, "secret": strings.Repeat("s", 32)}},
		"grants":  []any{grant},
	})
	access, err := policy.Load(policy.Source{Name: "access.yaml", YAML: []byte(file), Env: func(string) (string, bool) { return "", false }})
	if err != nil {
		return nil, false
	}
	sub := rapid.StringMatching(marked+`[ab1.]{0,2}[ab1]`).Draw(t, "sub")
	e, err := access.Entitle(policy.Identity{Issuer: "mini", Claims: map[string]any{"iss": "mini", "sub": sub}, Address: clientAddress}, "", "")
	if err != nil {
		return nil, false // a subject like zq.. is refused
	}
	t.Logf("%s\n%v opens %q", file, sub, e.Prefixes)
	return e, true
}

// actionNames are what clients call actions, first what CAM calls them.
var actionNames = [][]string{
	{"PutObject"}, {"PostObject"}, {"InitiateMultipartUpload"}, {"ListMultipartUploads", "ListMultiUploads"}, {"ListParts"}, {"UploadPart"},
	{"CompleteMultipartUpload"}, {"AbortMultipartUpload"}, {"GetObject", "GetObjectBytes"}, {"HeadObject"}, {"OptionsObject", "OptionObject"},
	{"DeleteObject"}, {"PostObjectRestore", "RestoreObject", "Restore"}, {"AppendObject"}, {"GetBucket"}, {"GetBucketObjectVersions", "ListBucketVersions"}, {"PutObjectACL"},
}

// canonicalAction is CAM's name of what an item calls an action.
func canonicalAction(called string) string {
	for _, names := range actionNames {
		if slices.Contains(names, called[strings.LastIndexByte(called, ':')+1:]) {
			return "name/cos:" + names[0]
		}
	}
	return called
}

func lists(action string) bool { return strings.HasPrefix(action, "name/cos:GetBucket") }

// drawScope draws 1 to 1,000 items, and says whether the login may have them all.
func drawScope(t *rapid.T, e *policy.Entitlement, whole cam.Policy) (scope []policy.Item, mayHave bool) {
	var open []string // actions of the grant, as CAM calls them
	for _, s := range whole.Statements {
		open = append(open, s.Actions...)
	}
	spoilt := rapid.IntRange(0, 3).Draw(t, "spoilt") == 0 // some item may be what the login may not have
	long := rapid.IntRange(0, 3).Draw(t, "long keys") == 0
	action := func(group int) string {
		if spoilt && rapid.IntRange(0, 19).Draw(t, "of the grant") == 0 {
			return "name/cos:" + rapid.SampledFrom(actionNames).Draw(t, "action")[0]
		}
		a := open[group%len(open)]
		if !long {
			a = rapid.SampledFrom(open).Draw(t, "action")
		}
		for _, names := range actionNames {
			if "name/cos:"+names[0] == a {
				a = rapid.SampledFrom([]string{"name/cos:", "cos:"}).Draw(t, "form") + rapid.SampledFrom(names).Draw(t, "name")
			}
		}
		return a
	}
	groups := rapid.SampledFrom([]int{1, 1, 2, 3, 6, 12}).Draw(t, "groups")
	switch {
	case spoilt: // by one item, if it is to tell one check from another
		groups = rapid.IntRange(1, 2).Draw(t, "groups of a spoilt scope")
	case long:
		groups = len(open) // one for each action, so that folding doesn't help
	}
	for i := range groups {
		a := action(i)
		var rests []string // of keys
		if long {
			rests = []string{strings.Repeat(string(rune('a'+i))+"/", 390)}
		}
		prefix, good := drawPrefix(t, e, lists(canonicalAction(a)), spoilt, rests)
		count := 1
		if good && !strings.HasSuffix(prefix, "*") && prefix != "" && rapid.IntRange(0, 2).Draw(t, "many") == 0 {
			count = rapid.IntRange(2, max(2, 980-len(scope))).Draw(t, "count")
		}
		for i := range count {
			item := policy.Item{Action: a, Bucket: e.Bucket, Region: e.Region, Prefix: prefix}
			if count > 1 {
				item.Prefix = fmt.Sprintf("%s%d", prefix, i)
				if i%7 == 0 { // some lie deeper
					item.Prefix = fmt.Sprintf("%s/%d", prefix, i)
				}
			}
			scope = append(scope, item)
		}
		if len(scope) > 980 {
			break
		}
	}
	mayHave = true
	if spoilt && rapid.IntRange(0, 9).Draw(t, "another place") == 0 {
		at := rapid.IntRange(0, len(scope)-1).Draw(t, "which")
		if rapid.Bool().Draw(t, "bucket") {
			scope[at].Bucket = "otherbucket-1250000000"
		} else {
			scope[at].Region = "ap-beijing"
		}
	}
	for _, item := range scope {
		mayHave = mayHave && item.Bucket == e.Bucket && item.Region == e.Region && inside(whole, item)
	}
	return scope, mayHave
}

// drawPrefix draws what an item may ask for: of the grant, and good then, unless the scope is to be spoilt.
func drawPrefix(t *rapid.T, e *policy.Entitlement, listing, spoilt bool, rests []string) (prefix string, good bool) {
	prefixes := e.Prefixes
	one := func(p string) bool { return !strings.HasSuffix(p, "*") }
	if folders := slices.DeleteFunc(slices.Clone(prefixes), one); listing && len(folders) > 0 {
		prefixes = folders
	}
	of := rapid.SampledFrom(prefixes).Draw(t, "prefix")
	stem, wildcard := strings.CutSuffix(of, "*")
	if rests == nil {
		rests = []string{"zq", "a", "a/b", "a/c", "ab", "a b+c", "é/\"中'", "a/b/c/d/", strings.Repeat("long/", 150)}
	}
	rest := rapid.SampledFrom(rests).Draw(t, "rest")
	folder := strings.TrimSuffix(stem, "/")
	kind := rapid.IntRange(0, 19).Draw(t, "kind")
	switch {
	case spoilt && kind < 3: // of another user, or of none
		outside := []string{"", "*", "users/", "users/zqx/a", folder, folder + "x/a", folder + "*", "logs/2025", "avatars/zqx.png"}
		return rapid.SampledFrom(outside).Draw(t, "outside"), false
	case spoilt && kind < 13: // malformed, wherever it lies
		odd := []string{"../a", "a/../b", "./a", "..", "/a", "a//b", "a*b", "a**", "a?", "${uin}", "%2e", `a\b`, "a\nb", "a\x00", "\x7f", "\u0085", "\uFFFD", strings.Repeat("x", 851)}
		return stem + rapid.SampledFrom(odd).Draw(t, "odd"), false
	case kind >= 18 && listing:
		return rapid.SampledFrom([]string{"", "/"}).Draw(t, "empty"), true
	case !wildcard:
		return of, false // one object: there are no more
	case kind >= 16:
		return stem + rapid.SampledFrom([]string{"", "", rest}).Draw(t, "folder") + "*", true
	case kind >= 14:
		return "/" + stem + rest, true
	}
	return stem + rest, true
}

// drawRequest draws a call to COS, near to what was asked for, with a context that may break a limit.
func drawRequest(t *rapid.T, e *policy.Entitlement, scope []policy.Item) cam.Request {
	near := rapid.SampledFrom(scope).Draw(t, "near")
	action := canonicalAction(near.Action)
	if rapid.IntRange(0, 2).Draw(t, "another action") == 0 {
		action = "name/cos:" + rapid.SampledFrom(actionNames).Draw(t, "action")[0]
	}
	object := strings.TrimSuffix(strings.TrimPrefix(near.Prefix, "/"), "*")
	switch rapid.IntRange(0, 5).Draw(t, "object") {
	case 0:
		object += rapid.SampledFrom([]string{"x", "/", "/x", "0"}).Draw(t, "longer")
	case 1:
		object = object[:rapid.IntRange(0, len(object)).Draw(t, "shorter")]
	case 2:
		object = object[:strings.LastIndexByte(object, '/')+1] + "sibling"
	case 3:
		object = strings.TrimSuffix(rapid.SampledFrom(e.Prefixes).Draw(t, "of the grant"), "*") + "x"
	}
	r := cam.Request{Action: action, Resource: bucketResource + object, Context: map[string][]string{}}
	for k, v := range friendly {
		r.Context[k] = v
	}
	if lists(action) {
		r.Context["cos:prefix"] = []string{object}
		r.Resource = bucketResource
	}
	unfriendly := map[string]string{
		"cos:content-length": "1001", "cos:content-type": "text/html", "qcs:ip": "198.51.100.1", "cos:secure-transport": "false",
		"cos:x-cos-acl": "public-read", "cos:x-cos-grant-read": "x", "cos:x-cos-storage-class": "ARCHIVE", "cos:x-cos-forbid-overwrite": "false",
	}
	names := append([]string{"", ""}, slices.Sorted(maps.Keys(unfriendly))...)
	if name := rapid.SampledFrom(names).Draw(t, "unfriendly"); name != "" {
		r.Context[name] = []string{unfriendly[name]}
	}
	return r
}
