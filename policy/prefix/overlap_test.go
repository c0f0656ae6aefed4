package prefix

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The claims and texts that Templates and identities are drawn from are few, so that what can collide does.
var (
	someClaims   = []string{"tenant", "sub", "nick", "issuer"}
	somePicks    = []string{"teams[]", "teams[]", "sub[]", "tenant[]"}
	someLiterals = []string{"a", "b", "ab", "one", "1", "12", "61", "YQ", "a.png", "_a", hexDigest("a")}
	someEdges    = []string{"", "", "", "a", "b", "-", ".png"}
	someValues   = []any{"a", "b", "ab", "aa", "ba", "a-", "1", "61", "YQ", "one", "a.png", "b.png.png", hexDigest("a"), json.Number("1"), json.Number("12")}
	someIssuers  = []string{"one", "two"}
)

func drawSegment(t *rapid.T) string {
	if rapid.Bool().Draw(t, "literal") {
		return rapid.SampledFrom(someLiterals).Draw(t, "text")
	}
	claim := rapid.SampledFrom(someClaims).Draw(t, "claim")
	if rapid.IntRange(0, 3).Draw(t, "picked") == 0 {
		claim = rapid.SampledFrom(somePicks).Draw(t, "pick")
	}
	if f := rapid.SampledFrom(filterNames[:]).Draw(t, "filter"); f != "" && rapid.Bool().Draw(t, "filtered") {
		claim += "|" + f
	}
	return rapid.SampledFrom(someEdges).Draw(t, "before") + "{" + claim + "}" + rapid.SampledFrom(someEdges).Draw(t, "after")
}

// drawTemplates gives templates that compile. They share a few segments, so that they often begin alike.
func drawTemplates(t *rapid.T, n int) (out []Template) {
	segments := rapid.SliceOfN(rapid.Custom(drawSegment), 3, 3).Draw(t, "segments")
	for len(out) < n {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(segments), 0, 3).Draw(t, "template"), "/")
		end := rapid.SampledFrom([]string{"", "*", "/*", "/*", "/a*", "/ab*"}).Draw(t, "end")
		if text == "" {
			end = strings.TrimPrefix(end, "/")
		}
		if one, why := Compile(text + end); why == "" {
			out = append(out, one)
		}
	}
	return out
}

// filled is a template as one login sees it.
type filled struct {
	prefix string
	sub    any // nil where the template doesn't ask for it
}

// everyFill fills a template with every combination of the values.
func everyFill(r Reached, values []any) (out []filled) {
	const picked = "[]" // which no claim is called
	var claims []string
	for _, s := range r.segments {
		name := s.claim
		if s.picks {
			name = picked
		}
		if name != "" && !slices.Contains(claims, name) {
			claims = append(claims, name)
		}
	}
	claimed := map[string]any{}
	var each func(rest []string)
	each = func(rest []string) {
		if len(rest) == 0 {
			pick, _ := claimed[picked].(string)
			if p, why := r.Fill(r.issuer, claimed, pick); why == "" {
				out = append(out, filled{p, claimed["sub"]})
			}
			return
		}
		for _, v := range values {
			claimed[rest[0]] = v
			each(rest[1:])
		}
	}
	each(claims)
	return out
}

// overlap reports whether some key is opened by both prefixes.
func overlap(a, b string) bool {
	one, wide := strings.CutSuffix(a, "*")
	other, wider := strings.CutSuffix(b, "*")
	switch {
	case wide && wider:
		return strings.HasPrefix(one, other) || strings.HasPrefix(other, one)
	case wide:
		return strings.HasPrefix(other, one)
	case wider:
		return strings.HasPrefix(one, other)
	}
	return one == other
}

// witness finds two different users of two templates whose prefixes overlap.
func witness(a, b Reached, values []any) (string, string, bool) {
	others := everyFill(b, values)
	for _, x := range everyFill(a, values) {
		for _, y := range others {
			sameUser := a.issuer == b.issuer && x.sub != nil && x.sub == y.sub
			if !sameUser && overlap(x.prefix, y.prefix) {
				return x.prefix, y.prefix, true
			}
		}
	}
	return "", "", false
}

// covers is rule (c) in other words than Meet's: the wide template's text, without its *, begins the other's text. A
// claim's text has its issuer in it, because the same claim of two issuers is not the same thing.
func covers(wide, other Reached) bool {
	text := func(r Reached) string {
		text := strings.ReplaceAll(r.Source, "{issuer}", r.issuer)
		for _, f := range filterNames {
			s := segment{claim: issuerClaim}
			if s.filter = filter(slices.Index(filterNames[:], f)); s.filter > integers {
				value, _ := s.value(r.issuer, nil, "")
				text = strings.ReplaceAll(text, "{issuer|"+f+"}", value)
			}
		}
		return strings.ReplaceAll(text, "{", "{"+r.issuer+":")
	}
	begin, ok := strings.CutSuffix(text(wide), "*")
	return ok && strings.HasPrefix(text(other), begin)
}

// However two templates are filled, different users meet only where one template covers the other on purpose.
func TestDifferentUsersMeetOnlyOnPurpose(t *testing.T) {
	apart, meeting, covering := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var all []Reached
		for _, one := range drawTemplates(t, 12) {
			for _, issuer := range someIssuers {
				all = append(all, one.ReachedBy(issuer))
			}
		}
		for i, a := range all {
			for _, b := range all[:i] {
				if Meet(a, b) {
					meeting++
					continue
				}
				x, y, found := witness(a, b, someValues)
				switch {
				case !found:
					apart++
				case covers(a, b) || covers(b, a):
					covering++
				default:
					t.Fatalf("%s of %s and %s of %s are let be, and different users fill them to %s and %s", a.Source, a.issuer, b.Source, b.issuer, x, y)
				}
			}
		}
	})
	t.Logf("%d pairs apart, %d refused, %d covering", apart, meeting, covering)
	if min(apart, meeting, covering) < 50 {
		t.Error("too few pairs of one kind: the property was hardly tested")
	}
}

// between gives values that make each of two templates look like the other: with the text around the other's
// placeholders, and of its literals.
func between(a, b Reached) (out []any) {
	out = slices.Clone(someValues)
	segments := append(slices.Concat(a.segments, b.segments), segment{before: a.stem}, segment{before: b.stem})
	for _, s := range segments {
		texts := []string{s.before}
		if s.claim != "" {
			texts = []string{s.before + "a" + s.after, s.before + "b" + s.after, s.before + "a", "a" + s.after}
		}
		for _, text := range texts {
			out = append(out, text)
			for _, around := range segments {
				out = append(out, strings.TrimSuffix(strings.TrimPrefix(text, around.before), around.after))
			}
		}
	}
	slices.SortFunc(out, func(a, b any) int { return strings.Compare(fmt.Sprintf("%T%v", a, a), fmt.Sprintf("%T%v", b, b)) })
	return slices.Compact(out)
}

// A refusal is never needless: some values fill the two templates so that different users meet.
func TestRefusedTemplatesCanMeet(t *testing.T) {
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		for range 40 {
			pair := drawTemplates(t, 2)
			a, b := pair[0], pair[1]
			if strings.Contains(a.Source+b.Source, "|") || repeats(a) || repeats(b) {
				continue // a meeting of two encodings needs values that are made for it; a claim in two places is seen as two
			}
			one := a.ReachedBy("one")
			for _, issuer := range someIssuers {
				other := b.ReachedBy(issuer)
				if !Meet(one, other) || issuer == "one" && strings.Contains(a.Source, "{sub}") && strings.Contains(b.Source, "{sub}") {
					continue // a user who is in two places is seen as two users
				}
				refused++
				if _, _, found := witness(one, other, between(one, other)); !found {
					t.Fatalf("%s of one and %s of %s are refused, and nothing fills them so that they meet", a.Source, b.Source, issuer)
				}
			}
		}
	})
	if refused < 50 {
		t.Errorf("only %d pairs were refused: the property was hardly tested", refused)
	}
}

func repeats(t Template) bool {
	for i, s := range t.segments {
		if s.claim != "" && slices.ContainsFunc(t.segments[:i], func(o segment) bool { return o.claim == s.claim }) {
			return true
		}
	}
	return false
}

type identity struct {
	issuer string
	claims map[string]any
	pick   string
}

// drawIdentity mixes few values, which collide, with any text, which may look like anything.
func drawIdentity(t *rapid.T) identity {
	value := rapid.OneOf(
		rapid.SampledFrom(someValues),
		rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.StringMatching(`[ab12.@_/*-]{1,4}`), func(s string) any { return s }),
		rapid.Map(rapid.StringMatching(`-?[01]{1,2}(\.0)?(e0)?`), func(s string) any { return json.Number(s) }),
	)
	id := identity{issuer: rapid.SampledFrom(someIssuers).Draw(t, "issuer"), claims: map[string]any{}}
	id.pick, _ = value.Draw(t, "pick").(string)
	for _, c := range []string{"sub", "tenant", "nick"} {
		id.claims[c] = value.Draw(t, c)
	}
	return id
}

// The same template filled to the same prefix by two identities: they have the same values in all its places.
func TestFillingIsInjective(t *testing.T) {
	filled := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		template := drawTemplates(t, 1)[0]
		for range 30 {
			a, b := drawIdentity(t), drawIdentity(t)
			one, no := template.Fill(a.issuer, a.claims, a.pick)
			if no != "" {
				continue
			}
			other, no := template.Fill(b.issuer, b.claims, b.pick)
			if no != "" {
				continue
			}
			same := true
			for _, s := range template.segments {
				switch {
				case s.claim == "":
				case s.picks:
					same = same && a.pick == b.pick
				case s.claim == issuerClaim:
					same = same && a.issuer == b.issuer
				default:
					same = same && reflect.DeepEqual(a.claims[s.claim], b.claims[s.claim])
				}
			}
			filled[same]++
			if same != (one == other) {
				t.Fatalf("%s is %s and %s for %v and %v", template.Source, one, other, a, b)
			}
			if !same && template.Named() && sameFolder(template, one, other) {
				t.Fatalf("%s: %s lies in %s", template.Source, one, other)
			}
			if strings.Count(one, "/") != strings.Count(template.Source, "/") || strings.Contains(one, "//") || strings.Contains(strings.TrimSuffix(one, "*"), "*") {
				t.Fatalf("%s of %v has another shape: %s", template.Source, a, one)
			}
		}
	})
	if min(filled[true], filled[false]) < 50 {
		t.Errorf("filled %v: the property was hardly tested", filled)
	}
}

// sameFolder reports whether prefixes of one template overlap though they differ.
func sameFolder(t Template, one, other string) bool {
	return one != other && t.Wildcard && overlap(one, other)
}
