package test

import (
	"flag"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cos-credentials/policy"
	"cos-credentials/test/cam"
)

// ruled is a grant with rules and limits as this test understands it, apart from the code under test.
type ruled struct {
	rules []ruleOf
	limit map[string]any // by field
}

type ruleOf struct {
	Prefixes []string `json:"prefixes"`
	Actions  []string `json:"actions"`
}

const inParts = "ListMultipartUploads ListParts UploadPart CompleteMultipartUpload AbortMultipartUpload"

var presetActions = map[string]string{
	"simpleUpload":     "PutObject",
	"formUpload":       "PostObject",
	"multipartUpload":  "InitiateMultipartUpload " + inParts,
	"download":         "GetObject HeadObject OptionsObject",
	"delete":           "DeleteObject",
	"AppendObject":     "AppendObject",
	"PutObjectCopy":    "PutObjectCopy",
	"PutObjectTagging": "PutObjectTagging",
}

// filled is a template with the values pasted in: the names here are plain.
func filled(template, sub, team string) string {
	return strings.NewReplacer("{sub}", sub, "{sub|hex}", hexOf(sub), "{teams[]}", team).Replace(template)
}

// allows says what a login may do by the rules alone.
func (g ruled) allows(action, key, sub, team string) bool {
	return slices.ContainsFunc(g.rules, func(r ruleOf) bool {
		return slices.ContainsFunc(r.Actions, func(name string) bool {
			name = strings.TrimPrefix(name, "name/cos:")
			return slices.Contains(strings.Fields(presetActions[name]), action)
		}) && slices.ContainsFunc(r.Prefixes, func(template string) bool {
			stem, wildcard := strings.CutSuffix(filled(template, sub, team), "*")
			return key == stem || wildcard && strings.HasPrefix(key, stem)
		})
	})
}

// keeps says whether a request keeps the limits.
func (g ruled) keeps(action string, sends map[string][]string) bool {
	single := action == "PutObject" || action == "PostObject"
	typed := single || action == "InitiateMultipartUpload" || action == "AppendObject"
	makes := typed || action == "PutObjectCopy"
	sent := func(name string) string { return strings.Join(sends[name], "") }
	acl := sent("cos:x-cos-acl")
	opens := acl != "" && acl != "private" && acl != "default"
	for name := range sends {
		opens = opens || strings.HasPrefix(name, "cos:x-cos-grant-")
	}
	class := sent("cos:x-cos-storage-class")
	once := sent("cos:x-cos-forbid-overwrite") == "true"
	switch {
	case makes && opens && g.limit["objectAcl"] != "any",
		single && g.limit["maxBytes"] != nil && sent("cos:content-length") != "1",
		typed && g.limit["contentTypes"] != nil && sent("cos:content-type") != "image/png",
		typed && g.limit["storageClasses"] != nil && class != "" && class != "STANDARD",
		(action == "PutObject" || action == "CompleteMultipartUpload") && g.limit["overwrite"] == false && !once:
		return false
	}
	return true
}

// drawRuled draws a grant that may be refused by the loader.
func drawRuled(t *rapid.T) ruled {
	g := ruled{limit: map[string]any{}}
	own := []string{
		"files/{sub}/*", "desks/{sub|hex}/*", "avatars/{sub}.png", "teams/{teams[]}/*", "boards/{teams[]}/{sub}/*",
	}
	writes := slices.Sorted(maps.Keys(presetActions))
	for range rapid.IntRange(1, 4).Draw(t, "rules") {
		templates, actions := own, writes
		if rapid.IntRange(0, 2).Draw(t, "common") == 0 {
			templates, actions = append(own, "files/*", "news/*"), []string{"download"}
		}
		r := ruleOf{
			Prefixes: rapid.SliceOfNDistinct(rapid.SampledFrom(templates), 1, 2, rapid.ID).Draw(t, "prefixes"),
			Actions:  rapid.SliceOfNDistinct(rapid.SampledFrom(actions), 1, 3, rapid.ID).Draw(t, "actions"),
		}
		for i, name := range r.Actions {
			if strings.HasSuffix(name, "Object") || name == "PutObjectCopy" || name == "PutObjectTagging" {
				r.Actions[i] = "name/cos:" + name
			}
		}
		g.rules = append(g.rules, r)
	}
	for _, limit := range []struct {
		name  string
		value any
	}{
		{"maxBytes", 1},
		{"contentTypes", []string{"image/*"}},
		{"objectAcl", "any"},
		{"storageClasses", []string{"STANDARD"}},
		{"overwrite", false},
	} {
		if rapid.IntRange(0, 4).Draw(t, limit.name) == 0 {
			g.limit[limit.name] = limit.value
		}
	}
	return g
}

func (g ruled) file() string {
	grant := map[string]any{"name": "g", "bucket": "examplebucket-1250000000", "region": "ap-guangzhou", "allow": g.rules}
	maps.Copy(grant, g.limit)
	return asJSON(map[string]any{ // which is YAML too
		"issuers": []any{map[string]any{
			"name": "mini", "issuer": "mini", "audiences": []string{"a"}, "secret": strings.Repeat("s", 32),
		}},
		"grants": []any{grant},
	})
}

// drawSent draws what an upload sends: often what keeps every limit, and sometimes what breaks one.
func drawSent(t *rapid.T) map[string][]string {
	sends := maps.Clone(friendly)
	breaks := []string{
		"", "", "cos:x-cos-acl", "grant", "cos:content-length", "cos:content-type",
		"cos:x-cos-storage-class", "cos:x-cos-forbid-overwrite",
	}
	switch name := rapid.SampledFrom(breaks).Draw(t, "sends"); name {
	case "":
	case "cos:x-cos-acl":
		acls := []string{
			"private", "default", "public-read", "public-read-write", "authenticated-read",
			"bucket-owner-read", "bucket-owner-full-control",
		}
		sends[name] = []string{rapid.SampledFrom(acls).Draw(t, "acl")}
	case "grant":
		to := rapid.SampledFrom([]string{"read", "write", "read-acp", "write-acp", "full-control"}).Draw(t, "grant")
		sends["cos:x-cos-grant-"+to] = []string{`id="100000000003"`}
	case "cos:content-length":
		sends[name] = []string{"2"}
	case "cos:content-type":
		sends[name] = []string{"text/html"}
	case "cos:x-cos-storage-class":
		sends[name] = []string{rapid.SampledFrom([]string{"STANDARD", "ARCHIVE", "standard"}).Draw(t, "class")}
	default:
		delete(sends, name)
	}
	return sends
}

// No key, scope, chosen key or form opens what the rules don't, or breaks a limit: whatever the rules and the limits, and
// whoever asks, for whichever team. And each opens all that it should.
func TestNoKeyOpensWhatTheRulesDont(t *testing.T) {
	if checks := flag.Lookup("rapid.checks").Value; checks.String() == "100" { // rapid's default
		checks.Set("1500") // two seconds
		defer checks.Set("100")
	}
	var loaded, scopes, outside, forms, open, closed, broken int
	actions := strings.Fields(strings.Join(slices.Collect(maps.Values(presetActions)), " "))
	actions = append(actions, "PutObjectACL", "GetObjectACL", "PutSymlink")
	slices.Sort(actions)
	rapid.Check(t, func(t *rapid.T) {
		g := drawRuled(t)
		access, err := policy.Load(policy.Source{YAML: []byte(g.file())})
		if err != nil {
			return
		}
		loaded++
		names := []string{"a", "b", "ab", "red", "blue"}
		sub := rapid.SampledFrom(names).Draw(t, "sub")
		team := rapid.SampledFrom(names).Draw(t, "team")
		e, err := access.Entitle(policy.Identity{Issuer: "mini", Claims: map[string]any{
			"sub": sub, "teams": []any{"red", team},
		}}, "", picked(g, team))
		if err != nil {
			t.Fatalf("%s\nno key for %s of %s: %v", g.file(), sub, team, err)
		}
		drawKey := func() string {
			who := rapid.SampledFrom(append(names, sub, team, sub, team)).Draw(t, "of")
			if rapid.Bool().Draw(t, "of a rule") {
				in := rapid.SampledFrom(rapid.SampledFrom(g.rules).Draw(t, "rule").Prefixes).Draw(t, "prefix")
				return strings.Replace(filled(in, sub, team), "*", "x", 1)
			}
			return rapid.SampledFrom([]string{
				"files/" + who + "/x", "files/x", "desks/" + hexOf(who) + "/x",
				"avatars/" + who + ".png", "avatars/" + who + ".pngx",
				"teams/" + who + "/x", "boards/" + who + "/" + sub + "/x", "boards/" + team + "/" + who + "/x", "news/x", "x",
			}).Draw(t, "key")
		}
		drawAction := func() string {
			name := rapid.SampledFrom(rapid.SampledFrom(g.rules).Draw(t, "rule").Actions).Draw(t, "preset")
			of := strings.Fields(presetActions[strings.TrimPrefix(name, "name/cos:")])
			return rapid.SampledFrom(append(of, rapid.SampledFrom(actions).Draw(t, "any"))).Draw(t, "action")
		}
		// hold asks a key about anything, and expects what the rules, the limits and what it is narrowed to say.
		hold := func(what string, key cam.Policy, narrowed func(action, object string) bool, near string, form bool) {
			for range 12 {
				action, object, sends := drawAction(), drawKey(), drawSent(t)
				if near != "" && rapid.Bool().Draw(t, "near") {
					object = near
				}
				want := g.allows(action, object, sub, team) && narrowed(action, object)
				if want && !form && !g.keeps(action, sends) {
					want = false
					broken++
				}
				if form { // the form's own policy keeps size and type
					sends["cos:content-length"] = friendly["cos:content-length"]
					sends["cos:content-type"] = friendly["cos:content-type"]
					want = want && g.keeps(action, sends)
				}
				got := key.Allows(cam.Request{Action: "name/cos:" + action, Resource: bucketResource + object, Context: sends})
				if got != want {
					t.Fatalf("%s\n%s of %s, team %s: %s of %s with %v is open: %v",
						g.file(), what, sub, team, action, object, sends, got)
				}
				if want {
					open++
				} else {
					closed++
				}
			}
		}
		all := func(string, string) bool { return true }
		hold("the key", keyOf(t, e), all, "", false)

		action, object := drawAction(), drawKey()
		only := func(a, o string) bool { return a == action && o == object }
		item := policy.Item{Action: "name/cos:" + action, Bucket: e.Bucket, Region: e.Region, Prefix: object}
		narrowed, err := e.Narrow([]policy.Item{item})
		if may := g.allows(action, object, sub, team); may != (err == nil) {
			t.Fatalf("%s\n%s, team %s: a scope of %s of %s: %v", g.file(), sub, team, action, object, err)
		} else if may {
			scopes++
			hold("the scope", keyOf(t, narrowed), only, object, false)
			asked := cam.Request{Action: item.Action, Resource: bucketResource + object, Context: friendly}
			if !keyOf(t, narrowed).Allows(asked) {
				t.Fatalf("%s\nwhat was asked for is not open: %+v", g.file(), item)
			}
		} else {
			outside++
		}
		form, _, err := e.ForForm(object, "image/png")
		if may := g.allows("PostObject", object, sub, team); may != (err == nil) {
			t.Fatalf("%s\n%s, team %s: a form for %s: %v", g.file(), sub, team, object, err)
		} else if may {
			forms++
			hold("the form", keyOf(t, form), func(a, o string) bool { return a == "PostObject" && o == object }, object, true)
		}
		if folder, err := e.UploadFolder(false, 1); err == nil {
			chosen, err := e.ForUpload(folder + "x")
			if err != nil {
				t.Fatalf("%s\n%s is chosen, and can't be uploaded to: %v", g.file(), folder, err)
			}
			uploads := strings.Fields("PutObject PostObject InitiateMultipartUpload AppendObject " + inParts)
			only := func(a, o string) bool { return o == folder+"x" && slices.Contains(uploads, a) }
			hold("the chosen key", keyOf(t, chosen), only, folder+"x", false)
		}
	})
	t.Logf("%d grants, %d scopes and %d refused, %d forms; %d requests let through, %d not, %d for a limit",
		loaded, scopes, outside, forms, open, closed, broken)
	if loaded >= 300 && (scopes < 50 || outside < 50 || forms < 30 || open < 500 || closed < 500 || broken < 100) {
		t.Error("the generators draw too little of something: the property was hardly tested")
	}
}

// picked is what the request picks: a team, if the grant has folders of teams.
func picked(g ruled, team string) string {
	if strings.Contains(g.file(), "{teams[]}") {
		return team
	}
	return ""
}
