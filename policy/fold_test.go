package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Folding counts how long the document would be instead of writing it. Whatever is asked for, and after every fold, the
// count is the length of what is written.
func TestCountedLengthIsWrittenLength(t *testing.T) {
	actions := slices.DeleteFunc(ActionNames(), func(name string) bool { return name == "name/cos:GetObject" })
	stems := []string{"", "users/42/", "用户/42/", `a "b"/`, "logs/2026", "<&>/", "x y/\u2028/"}
	rests := []string{"", "*", "a", "a*", "a/b", "a/b*", "é", `"`, "<", "a b+c", "a/b/c/d", "\u2028"}
	var folds, listings, limited int
	rapid.Check(t, func(t *rapid.T) {
		e := &Entitlement{Bucket: "b-1250000000", Region: "ap-guangzhou"}
		e.limits.anyACL = rapid.Bool().Draw(t, "any ACL")
		e.limits.maxBytes = rapid.Int64Range(0, 1).Draw(t, "maxBytes")
		e.limits.forbidOverwrite = rapid.Bool().Draw(t, "no overwriting")
		if rapid.Bool().Draw(t, "condition") {
			e.every = condition{"string_like": {"qcs:vpc": "vpc-é*"}}
		}
		var all []wanted
		one := wanted{opening: opening{action: "name/cos:GetObject"}} // a scope has one item at least
		one.add("*", wantedKey{"x", 0})
		all = append(all, one)
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(actions), 0, 8, rapid.ID).Draw(t, "actions") {
			w := wanted{opening: opening{action: name}}
			under := rapid.SliceOfN(rapid.SampledFrom(stems), 1, 3).Draw(t, "prefixes")
			seen := map[string]bool{}
			for place := range rapid.IntRange(0, 12).Draw(t, "keys") {
				stem := rapid.SampledFrom(under).Draw(t, "prefix")
				key := stem + rapid.SampledFrom(rests).Draw(t, "rest")
				if isList(name) {
					key = strings.TrimSuffix(key, "*") + "*"
				}
				if key != "" && !seen[key] {
					seen[key] = true
					w.add(stem+"*", wantedKey{key, place})
				}
			}
			all = append(all, w)
		}
		ruler := newRuler(e, all)
		for again := true; again; again = fold(all) {
			doc := e.only(all).document()
			if counted, written := ruler.length(all), size(doc); counted != written {
				t.Fatalf("counted %d characters, and wrote %d: %+v", counted, written, doc)
			}
			folds++
			for _, s := range doc.Statement {
				if isList(s.Action[0]) {
					listings++
				}
				if s.Effect == "deny" {
					limited++
				}
			}
		}
	})
	if folds < 200 || listings < 25 || limited < 100 {
		t.Errorf("%d documents, %d listings, %d limits: hardly tested", folds, listings, limited)
	}
}

// The largest cluster folds first, and only until the rest fits.
func TestFoldingStopsWhenItFits(t *testing.T) {
	e := &Entitlement{Bucket: "b-1250000000", Region: "ap-guangzhou", opens: []opening{
		{"name/cos:GetObject", []string{"a/*", "b/*"}},
	}}
	var scope []Item
	for i := range 120 {
		folder := "a"
		if i >= 80 {
			folder = "b"
		}
		key := fmt.Sprintf("%s/c/%03d", folder, i)
		scope = append(scope, Item{"name/cos:GetObject", e.Bucket, e.Region, key})
	}
	n, err := e.Narrow(scope)
	if err != nil || !n.Folded || len(n.Prefixes) != 41 || n.Prefixes[0] != "a/c/*" || n.Prefixes[1] != "b/c/080" {
		t.Errorf("%v, %q", err, n.Prefixes)
	}
}
