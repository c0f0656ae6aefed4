package prefix

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cos-credentials/policy/text"
)

// forms is every form that a template with one claim can have: each filter, at the top and nested, alone in its
// segment and between text, in an object's key and in a folder's.
func forms() (out []Template) {
	for f, suffix := range filterNames {
		if f > 0 {
			suffix = "|" + suffix
		}
		for _, name := range []string{"sub", "profile.openid", "a.b.c", "teams[]", "profile.teams[]"} {
			if filter(f) == integers && strings.HasSuffix(name, "[]") {
				continue // picks from texts
			}
			for _, around := range []string{"%s", "%s/*", "users/%s/*", "u-%s.d/*", "%s/avatar.png", "avatars/%s.png", "a/b/%s/c/*", "issuer-%s-/x"} {
				t, why := Compile(fmt.Sprintf(around, "{"+name+suffix+"}"))
				if why != "" {
					panic(around + " " + why)
				}
				out = append(out, t)
			}
		}
	}
	return out
}

// holding is claims with one of them, wherever it is nested.
func holding(path string, value any) map[string]any {
	names := strings.Split(path, ".")
	for i := len(names) - 1; i > 0; i-- {
		value = map[string]any{names[i]: value}
	}
	return map[string]any{names[0]: value}
}

// undo finds the value in a filled template, knowing the form only. That it can be found is why no two values are
// filled alike.
func undo(t Template, s segment, filled string) (any, error) {
	before, after, _ := strings.Cut(t.Source, "{")
	_, after, _ = strings.Cut(after, "}")
	text, ok := strings.CutPrefix(filled, before)
	text, ends := strings.CutSuffix(text, after)
	if !ok || !ends || strings.Contains(text, "/") {
		return nil, fmt.Errorf("%s has not the shape of %s", filled, t.Source)
	}
	switch s.filter {
	case integers:
		return json.Number(text), nil
	case base64url:
		v, err := base64.RawURLEncoding.Strict().DecodeString(text)
		return string(v), err
	case hexadec:
		v, err := hex.DecodeString(text)
		return string(v), err
	}
	return text, nil
}

// resembling draws a value that likes to be taken for the given one.
func resembling(t *rapid.T, value string) string {
	return rapid.SampledFrom([]func(string) string{
		func(s string) string { return s + "0" },
		func(s string) string { return "0" + s },
		func(s string) string { return s + "." },
		func(s string) string { return s + "/" },
		func(s string) string { return s + " " },
		func(s string) string { return s + "\x00" },
		func(s string) string { return s + ".d" },
		func(s string) string { return s + ".png" },
		func(s string) string { return s + "/c" },
		func(s string) string { return s + "\u0301" },
		func(s string) string { return strings.ReplaceAll(s, "a", "а") }, // Cyrillic
		func(s string) string { return strings.ReplaceAll(s, "é", "e\u0301") },
		func(s string) string { return s[:len(s)-1] },
		func(s string) string { return s[1:] },
		func(s string) string { return s + s },
		strings.ToUpper, strings.ToLower, text.Percent,
		func(s string) string { return hex.EncodeToString([]byte(s)) },
		func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		hexDigest,
	}).Draw(t, "resemblance")(value)
}

// Whatever form a template has, its value can be read back from what it is filled to; and a value that resembles
// another opens nothing of the other's.
func TestEveryFormIsInjective(t *testing.T) {
	filled := map[filter]int{}
	all := forms()
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.OneOf(
			rapid.StringMatching(`[A-Za-z0-9][A-Za-z0-9._@-]{0,20}`), rapid.StringMatching(`[0-9]{1,20}`), rapid.StringN(1, 40, -1),
			rapid.SampledFrom([]string{"é", "a/b", "..", "*", "users", "0", "00", "9007199254740993", hexDigest("a")}),
		).Draw(t, "value")
		other := rapid.OneOf(rapid.Custom(func(t *rapid.T) string { return resembling(t, one) }), rapid.String()).Draw(t, "other")
		for _, template := range all {
			s := named(template)
			value := func(text string) any {
				if s.filter == integers {
					return json.Number(text)
				}
				return text
			}
			a, no := template.Fill("shop", holding(s.claim, value(one)), one)
			if no != "" {
				continue
			}
			filled[s.filter]++
			if s.filter == digest {
				sum := sha256.Sum256([]byte(one))
				if !strings.Contains(a, hex.EncodeToString(sum[:])) {
					t.Fatalf("%s of %q is %s", template.Source, one, a)
				}
			} else if back, err := undo(template, s, a); err != nil || back != value(one) {
				t.Fatalf("%s of %q is %s, which reads back as %q: %v", template.Source, one, a, back, err)
			}
			if b, no := template.Fill("shop", holding(s.claim, value(other)), other); no == "" && one != other && overlap(a, b) {
				t.Fatalf("%s: %q opens %s and %q opens %s", template.Source, one, a, other, b)
			}
		}
	})
	for f, name := range filterNames {
		if filled[filter(f)] < 50 {
			t.Errorf("{claim|%s} was filled %d times: the property was hardly tested", name, filled[filter(f)])
		}
	}
}

func named(t Template) segment {
	for _, s := range t.segments {
		if s.claim != "" {
			return s
		}
	}
	panic(t.Source)
}

// Two claims never slide into each other: a tenant "a" with a user "b" is not a tenant "a/b".
func TestClaimsDontSlide(t *testing.T) {
	both := 0
	rapid.Check(t, func(t *rapid.T) {
		filters := rapid.SampledFrom([]string{"", "|base64url", "|hex"})
		between := rapid.SampledFrom([]string{"/", "/x/", "-/-", ".d/u-"}).Draw(t, "between")
		source := "{tenant" + filters.Draw(t, "of the tenant") + "}" + between + "{sub" + filters.Draw(t, "of the user") + "}" + rapid.SampledFrom([]string{"", "/*", ".png"}).Draw(t, "end")
		template, why := Compile(source)
		if why != "" {
			t.Fatal(source, why)
		}
		text := rapid.StringMatching(`[ab][ab./-]{0,3}`)
		draw := func(who string) (tenant, sub string) { return text.Draw(t, who+"'s tenant"), text.Draw(t, who) }
		tenant, sub := draw("x")
		otherTenant, otherSub := draw("y")
		fill := func(tenant, sub string) (filled, why string) {
			return template.Fill("shop", map[string]any{"tenant": tenant, "sub": sub}, "")
		}
		a, no := fill(tenant, sub)
		b, no2 := fill(otherTenant, otherSub)
		if no != "" || no2 != "" {
			return
		}
		both++
		if same := tenant == otherTenant && sub == otherSub; same != overlap(a, b) {
			t.Fatalf("%s: %s/%s opens %s, %s/%s opens %s", source, tenant, sub, a, otherTenant, otherSub, b)
		}
	})
	if both < 20 {
		t.Errorf("%d pairs were filled: the property was hardly tested", both)
	}
}
