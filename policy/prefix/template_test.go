package prefix

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// Which templates are refused, and in which words, stands in testdata/refused.txt and accepted.txt.

func mustCompile(t testing.TB, source string) Template {
	t.Helper()
	out, why := Compile(source)
	if why != "" {
		t.Fatalf("%q %s", source, why)
	}
	return out
}

func TestTemplateLength(t *testing.T) {
	for n, ok := range map[int]bool{MaxKey: true, MaxKey + 1: false} {
		for _, end := range []string{"", "*"} {
			if _, why := Compile(strings.Repeat("é", n/2) + strings.Repeat("x", n%2) + end); (why == "") != ok {
				t.Errorf("%d bytes: %q", n, why)
			}
		}
	}
}

func TestFill(t *testing.T) {
	long := strings.Repeat("x", 1024)
	profile := map[string]any{"openid": "oX-1_2", "deep": map[string]any{"er": "d"}, "level": json.Number("3")}
	for _, c := range []struct {
		template string
		claims   map[string]any
		want     string // "" when the identity must be refused
	}{
		{"users/{sub}/*", holding("sub", "42"), "users/42/*"},
		{"avatars/user-{sub}.png", holding("sub", "42"), "avatars/user-42.png"},
		{"{tenant}/{sub}/*", map[string]any{"tenant": "acme", "sub": "42"}, "acme/42/*"},
		{"{issuer}/{sub}/*", map[string]any{"issuer": "mallory", "sub": "42"}, "shop/42/*"},
		{"{issuer|hex}/*", nil, "73686f70/*"},
		{"{issuer|base64url}/*", nil, "c2hvcA/*"},
		{"{profile.openid}/*", holding("profile", profile), "oX-1_2/*"},
		{"{profile.deep.er}/*", holding("profile", profile), "d/*"},
		{"{profile.level|int}/*", holding("profile", profile), "3/*"},
		{"logs/2026*", nil, "logs/2026*"},
		{"*", nil, "*"},
		{"robots.txt", nil, "robots.txt"},

		// plain
		{"{sub}", holding("sub", "A"), "A"},
		{"{sub}", holding("sub", "Zz09aA"), "Zz09aA"},
		{"{sub}", holding("sub", "a.b_c@d-e"), "a.b_c@d-e"},
		{"{sub}", holding("sub", "a-"), "a-"},
		{"{sub}", holding("sub", "0"), "0"},
		{"{sub}", holding("sub", long[:128]), long[:128]},
		{"{sub}", holding("sub", long[:129]), ""},
		{"{sub}", holding("sub", ""), ""},
		{"{sub}", holding("sub", ".a"), ""},
		{"{sub}", holding("sub", "-a"), ""},
		{"{sub}", holding("sub", "_a"), ""},
		{"{sub}", holding("sub", "@a"), ""},
		{"{sub}", holding("sub", "a."), ""},
		{"{sub}", holding("sub", "a..b"), ""},
		{"{sub}", holding("sub", "."), ""},
		{"{sub}", holding("sub", ".."), ""},
		{"{sub}", holding("sub", "a/b"), ""},
		{"{sub}", holding("sub", "../b"), ""},
		{"{sub}", holding("sub", `a\b`), ""},
		{"{sub}", holding("sub", "*"), ""},
		{"{sub}", holding("sub", "a*"), ""},
		{"{sub}", holding("sub", "a?"), ""},
		{"{sub}", holding("sub", "${uin}"), ""},
		{"{sub}", holding("sub", "{tenant}"), ""},
		{"{sub}", holding("sub", "a%2Fb"), ""},
		{"{sub}", holding("sub", "a b"), ""},
		{"{sub}", holding("sub", " a"), ""},
		{"{sub}", holding("sub", "a\n"), ""},
		{"{sub}", holding("sub", "a\x00"), ""},
		{"{sub}", holding("sub", "a\x7f"), ""},
		{"{sub}", holding("sub", "a+b"), ""},
		{"{sub}", holding("sub", "a:b"), ""},
		{"{sub}", holding("sub", "a|b"), ""},
		{"{sub}", holding("sub", "аlice"), ""},         // Cyrillic а
		{"{sub}", holding("sub", "ａlice"), ""},         // full width
		{"{sub}", holding("sub", "alice\u200b"), ""},   // zero width space
		{"{sub}", holding("sub", "jose\u0301"), ""},    // é as e and an accent
		{"{sub}", holding("sub", "jos\u00e9"), ""},     // é as one character
		{"{sub}", holding("sub", "a\u2044b"), ""},      // fraction slash
		{"{sub}", holding("sub", "a\uff0fb"), ""},      // full width slash
		{"{sub}", holding("sub", "a\u2024\u2024"), ""}, // one dot leaders
		{"{sub}", holding("sub", "\u0661"), ""},        // an Arabic digit
		{"{sub}", holding("sub", "\u212a"), ""},        // the Kelvin sign, which folds to k
		{"{sub}", holding("sub", "\xff"), ""},
		{"{sub}", holding("sub", json.Number("1")), ""},
		{"{sub}", holding("sub", 1.0), ""},
		{"{sub}", holding("sub", true), ""},
		{"{sub}", holding("sub", nil), ""},
		{"{sub}", holding("sub", []any{"a"}), ""},
		{"{sub}", holding("sub", map[string]any{"a": "b"}), ""},
		{"{sub}", nil, ""},
		{"{sub}", holding("SUB", "a"), ""},
		{"{profile.openid}", map[string]any{"profile.openid": "a"}, ""}, // a dotted name is always a path
		{"{profile.openid}", holding("profile", "a"), ""},
		{"{profile.openid}", holding("profile", []any{profile}), ""},
		{"{profile.nobody}", holding("profile", profile), ""},
		{"{profile}", holding("profile", profile), ""},

		// int
		{"{id|int}", holding("id", json.Number("1")), "1"},
		{"{id|int}", holding("id", json.Number("0")), "0"},
		{"{id|int}", holding("id", json.Number("9007199254740993")), "9007199254740993"},
		{"{id|int}", holding("id", json.Number("9999999999999999999")), "9999999999999999999"},
		{"{id|int}", holding("id", json.Number("10000000000000000000")), ""},
		{"{id|int}", holding("id", json.Number("1.0")), ""},
		{"{id|int}", holding("id", json.Number("1e0")), ""},
		{"{id|int}", holding("id", json.Number("1E2")), ""},
		{"{id|int}", holding("id", json.Number("-1")), ""},
		{"{id|int}", holding("id", json.Number("-0")), ""},
		{"{id|int}", holding("id", json.Number("007")), ""},
		{"{id|int}", holding("id", json.Number("")), ""},
		{"{id|int}", holding("id", "1"), ""},
		{"{id|int}", holding("id", 1), ""},
		{"{id|int}", holding("id", 1.0), ""},
		{"{id|int}", holding("id", []any{json.Number("1")}), ""},

		// encodings
		{"{sub|base64url}", holding("sub", "a/b"), base64.RawURLEncoding.EncodeToString([]byte("a/b"))},
		{"{sub|base64url}", holding("sub", "\u03c0\u00ff?>"), base64.RawURLEncoding.EncodeToString([]byte("\u03c0\u00ff?>"))},
		{"{sub|hex}", holding("sub", "*"), "2a"},
		{"{sub|hex}", holding("sub", ".."), "2e2e"},
		{"{sub|hex}", holding("sub", "jose\u0301"), "6a6f7365cc81"},
		{"{sub|hex}", holding("sub", "jos\u00e9"), "6a6f73c3a9"},
		{"{sub|sha256}", holding("sub", "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"{sub|sha256}", holding("sub", long), hexDigest(long)},
		{"{sub|sha256}", holding("sub", long+"x"), ""},
		{"{sub|base64url}", holding("sub", long+"x"), ""},
		{"{sub|hex}", holding("sub", long+"x"), ""},
		{"{sub|hex}", holding("sub", ""), ""},
		{"{sub|base64url}", holding("sub", ""), ""},
		{"{sub|sha256}", holding("sub", ""), ""},
		{"{sub|hex}", holding("sub", json.Number("1")), ""},
		{"{sub|sha256}", holding("sub", []any{"a"}), ""},
		{"{sub|sha256}", nil, ""},

		// keys of 850 and 851 bytes
		{"{sub|hex}", holding("sub", long[:425]), strings.Repeat("78", 425)},
		{"{sub|hex}", holding("sub", long[:426]), ""},
		{"{sub|hex}/*", holding("sub", long[:424]), strings.Repeat("78", 424) + "/*"},
		{"{sub|hex}/*", holding("sub", long[:425]), ""},
		{"a{sub|hex}/*", holding("sub", long[:424]), "a" + strings.Repeat("78", 424) + "/*"},
		{"ab{sub|hex}/*", holding("sub", long[:424]), ""},
		{"é/{sub|hex}", holding("sub", long[:423]), "é/" + strings.Repeat("78", 423)},
		{"é/{sub|hex}", holding("sub", long[:424]), ""},
	} {
		got, why := mustCompile(t, c.template).Fill("shop", c.claims, "")
		name := fmt.Sprintf("%s of %.40v", c.template, c.claims)
		if c.want != "" {
			if why != "" || got != c.want {
				t.Errorf("%s: %q, %s", name, got, why)
			}
			continue
		}
		if why == "" || got != "" {
			t.Errorf("%s: filled to %q", name, got)
		}
		for _, v := range c.claims {
			if s, ok := v.(string); ok && len(s) > 3 && strings.Contains(why, s) {
				t.Errorf("%s: the reason shows the claim's value: %s", name, why)
			}
		}
	}
}

func hexDigest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func TestFilterWritesWhatItFills(t *testing.T) {
	for f, texts := range map[filter][]string{
		plain:    {"a", "42", "a..b", "a.", "_a", "", strings.Repeat("a", 128), strings.Repeat("a", 129)},
		integers: {"0", "42", "007", "-1", "", "1e2", strings.Repeat("9", 19), strings.Repeat("9", 20)},
		base64url: {"YQ", "YWI", "YWJj", "YR", "Y", "YQ==", "a+b/", "shared", "",
			base64.RawURLEncoding.EncodeToString(make([]byte, 1024)), base64.RawURLEncoding.EncodeToString(make([]byte, 1025))},
		hexadec: {"61", "6", "6g", "4A", "4a", "", strings.Repeat("61", 1024), strings.Repeat("61", 1025)},
	} {
		for _, text := range texts {
			// The value that would become this text, if there is one, is found by undoing the filter.
			var value any = text
			switch f {
			case integers:
				value = json.Number(text)
			case base64url:
				v, _ := base64.RawURLEncoding.DecodeString(text)
				value = string(v)
			case hexadec:
				v, _ := hex.DecodeString(text)
				value = string(v)
			}
			got, why := segment{claim: "c", filter: f}.value("", holding("c", value), "")
			if want := why == "" && got == text; f.writes(text) != want {
				t.Errorf("{c|%s} and %.20q: writes says %v, filling gives %.20q %s", filterNames[f], text, !want, got, why)
			}
		}
	}
	if digest.writes(hexDigest("a")[1:]) || digest.writes(strings.ToUpper(hexDigest("a"))) || !digest.writes(hexDigest("a")) {
		t.Error("sha256 writes 64 lower-case hexadecimal digits")
	}
}

// A refusal says which part of a plain value is the reason, and quotes nothing of it.
func TestNotPlain(t *testing.T) {
	for value, want := range map[string]string{
		"-alice":                 "first character",
		"小明":                     "first character",
		"auth0|42":               "a character after the first",
		"al ice":                 "a character after the first",
		"a..b":                   "two dots",
		"alice.":                 "a dot at its end",
		strings.Repeat("a", 129): "longer than 128 bytes",
	} {
		if _, why := plain.write(value); !strings.Contains(why, want) || strings.Contains(why, value) {
			t.Errorf("%q: %s", value, why)
		}
	}
}
