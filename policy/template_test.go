package policy

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Which templates are refused, and in which words, stands in testdata/refused.txt and accepted.txt.

func mustCompile(t testing.TB, source string) template {
	t.Helper()
	out, why := compile(source)
	if why != "" {
		t.Fatalf("%q %s", source, why)
	}
	out.source = source
	return out
}

func TestTemplateLength(t *testing.T) {
	for n, ok := range map[int]bool{maxKey: true, maxKey + 1: false} {
		for _, end := range []string{"", "*"} {
			if _, why := compile(strings.Repeat("é", n/2) + strings.Repeat("x", n%2) + end); (why == "") != ok {
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
		{"users/{sub}/*", claim("sub", "42"), "users/42/*"},
		{"avatars/user-{sub}.png", claim("sub", "42"), "avatars/user-42.png"},
		{"{tenant}/{sub}/*", map[string]any{"tenant": "acme", "sub": "42"}, "acme/42/*"},
		{"{issuer}/{sub}/*", map[string]any{"issuer": "mallory", "sub": "42"}, "shop/42/*"},
		{"{issuer|hex}/*", nil, "73686f70/*"},
		{"{issuer|base64url}/*", nil, "c2hvcA/*"},
		{"{profile.openid}/*", claim("profile", profile), "oX-1_2/*"},
		{"{profile.deep.er}/*", claim("profile", profile), "d/*"},
		{"{profile.level|int}/*", claim("profile", profile), "3/*"},
		{"logs/2026*", nil, "logs/2026*"},
		{"*", nil, "*"},
		{"robots.txt", nil, "robots.txt"},

		// plain
		{"{sub}", claim("sub", "A"), "A"},
		{"{sub}", claim("sub", "Zz09aA"), "Zz09aA"},
		{"{sub}", claim("sub", "a.b_c@d-e"), "a.b_c@d-e"},
		{"{sub}", claim("sub", "a-"), "a-"},
		{"{sub}", claim("sub", "0"), "0"},
		{"{sub}", claim("sub", long[:128]), long[:128]},
		{"{sub}", claim("sub", long[:129]), ""},
		{"{sub}", claim("sub", ""), ""},
		{"{sub}", claim("sub", ".a"), ""},
		{"{sub}", claim("sub", "-a"), ""},
		{"{sub}", claim("sub", "_a"), ""},
		{"{sub}", claim("sub", "@a"), ""},
		{"{sub}", claim("sub", "a."), ""},
		{"{sub}", claim("sub", "a..b"), ""},
		{"{sub}", claim("sub", "."), ""},
		{"{sub}", claim("sub", ".."), ""},
		{"{sub}", claim("sub", "a/b"), ""},
		{"{sub}", claim("sub", "../b"), ""},
		{"{sub}", claim("sub", `a\b`), ""},
		{"{sub}", claim("sub", "*"), ""},
		{"{sub}", claim("sub", "a*"), ""},
		{"{sub}", claim("sub", "a?"), ""},
		{"{sub}", claim("sub", "${uin}"), ""},
		{"{sub}", claim("sub", "{tenant}"), ""},
		{"{sub}", claim("sub", "a%2Fb"), ""},
		{"{sub}", claim("sub", "a b"), ""},
		{"{sub}", claim("sub", " a"), ""},
		{"{sub}", claim("sub", "a\n"), ""},
		{"{sub}", claim("sub", "a\x00"), ""},
		{"{sub}", claim("sub", "a\x7f"), ""},
		{"{sub}", claim("sub", "a+b"), ""},
		{"{sub}", claim("sub", "a:b"), ""},
		{"{sub}", claim("sub", "a|b"), ""},
		{"{sub}", claim("sub", "аlice"), ""},         // Cyrillic а
		{"{sub}", claim("sub", "ａlice"), ""},         // full width
		{"{sub}", claim("sub", "alice\u200b"), ""},   // zero width space
		{"{sub}", claim("sub", "jose\u0301"), ""},    // é as e and an accent
		{"{sub}", claim("sub", "jos\u00e9"), ""},     // é as one character
		{"{sub}", claim("sub", "a\u2044b"), ""},      // fraction slash
		{"{sub}", claim("sub", "a\uff0fb"), ""},      // full width slash
		{"{sub}", claim("sub", "a\u2024\u2024"), ""}, // one dot leaders
		{"{sub}", claim("sub", "\u0661"), ""},        // an Arabic digit
		{"{sub}", claim("sub", "\u212a"), ""},        // the Kelvin sign, which folds to k
		{"{sub}", claim("sub", "\xff"), ""},
		{"{sub}", claim("sub", json.Number("1")), ""},
		{"{sub}", claim("sub", 1.0), ""},
		{"{sub}", claim("sub", true), ""},
		{"{sub}", claim("sub", nil), ""},
		{"{sub}", claim("sub", []any{"a"}), ""},
		{"{sub}", claim("sub", map[string]any{"a": "b"}), ""},
		{"{sub}", nil, ""},
		{"{sub}", claim("SUB", "a"), ""},
		{"{profile.openid}", claim("profile.openid", "a"), ""}, // a dotted name is always a path
		{"{profile.openid}", claim("profile", "a"), ""},
		{"{profile.openid}", claim("profile", []any{profile}), ""},
		{"{profile.nobody}", claim("profile", profile), ""},
		{"{profile}", claim("profile", profile), ""},

		// int
		{"{id|int}", claim("id", json.Number("1")), "1"},
		{"{id|int}", claim("id", json.Number("0")), "0"},
		{"{id|int}", claim("id", json.Number("9007199254740993")), "9007199254740993"},
		{"{id|int}", claim("id", json.Number("9999999999999999999")), "9999999999999999999"},
		{"{id|int}", claim("id", json.Number("10000000000000000000")), ""},
		{"{id|int}", claim("id", json.Number("1.0")), ""},
		{"{id|int}", claim("id", json.Number("1e0")), ""},
		{"{id|int}", claim("id", json.Number("1E2")), ""},
		{"{id|int}", claim("id", json.Number("-1")), ""},
		{"{id|int}", claim("id", json.Number("-0")), ""},
		{"{id|int}", claim("id", json.Number("007")), ""},
		{"{id|int}", claim("id", json.Number("")), ""},
		{"{id|int}", claim("id", "1"), ""},
		{"{id|int}", claim("id", 1), ""},
		{"{id|int}", claim("id", 1.0), ""},
		{"{id|int}", claim("id", []any{json.Number("1")}), ""},

		// encodings
		{"{sub|base64url}", claim("sub", "a/b"), base64.RawURLEncoding.EncodeToString([]byte("a/b"))},
		{"{sub|base64url}", claim("sub", "\u03c0\u00ff?>"), base64.RawURLEncoding.EncodeToString([]byte("\u03c0\u00ff?>"))},
		{"{sub|hex}", claim("sub", "*"), "2a"},
		{"{sub|hex}", claim("sub", ".."), "2e2e"},
		{"{sub|hex}", claim("sub", "jose\u0301"), "6a6f7365cc81"},
		{"{sub|hex}", claim("sub", "jos\u00e9"), "6a6f73c3a9"},
		{"{sub|sha256}", claim("sub", "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"{sub|sha256}", claim("sub", long), hexDigest(long)},
		{"{sub|sha256}", claim("sub", long+"x"), ""},
		{"{sub|base64url}", claim("sub", long+"x"), ""},
		{"{sub|hex}", claim("sub", long+"x"), ""},
		{"{sub|hex}", claim("sub", ""), ""},
		{"{sub|base64url}", claim("sub", ""), ""},
		{"{sub|sha256}", claim("sub", ""), ""},
		{"{sub|hex}", claim("sub", json.Number("1")), ""},
		{"{sub|sha256}", claim("sub", []any{"a"}), ""},
		{"{sub|sha256}", nil, ""},

		// keys of 850 and 851 bytes
		{"{sub|hex}", claim("sub", long[:425]), strings.Repeat("78", 425)},
		{"{sub|hex}", claim("sub", long[:426]), ""},
		{"{sub|hex}/*", claim("sub", long[:424]), strings.Repeat("78", 424) + "/*"},
		{"{sub|hex}/*", claim("sub", long[:425]), ""},
		{"a{sub|hex}/*", claim("sub", long[:424]), "a" + strings.Repeat("78", 424) + "/*"},
		{"ab{sub|hex}/*", claim("sub", long[:424]), ""},
		{"é/{sub|hex}", claim("sub", long[:423]), "é/" + strings.Repeat("78", 423)},
		{"é/{sub|hex}", claim("sub", long[:424]), ""},
	} {
		got, refusal := mustCompile(t, c.template).fill(Identity{Issuer: "shop", Claims: c.claims})
		name := fmt.Sprintf("%s of %.40v", c.template, c.claims)
		if c.want != "" {
			if refusal != nil || got != c.want {
				t.Errorf("%s: %q, %v", name, got, refusal)
			}
			continue
		}
		if refusal == nil {
			t.Errorf("%s: filled to %q", name, got)
			continue
		}
		if refusal.Kind != IdentityNotUsable || got != "" {
			t.Errorf("%s: %q, %+v", name, got, refusal)
		}
		for _, v := range c.claims {
			if s, ok := v.(string); ok && len(s) > 3 && strings.Contains(refusal.Reason, s) {
				t.Errorf("%s: the reason shows the claim's value: %s", name, refusal.Reason)
			}
		}
	}
}

func claim(name string, value any) map[string]any { return map[string]any{name: value} }

func hexDigest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// The reason is for the operator's log, and names what to look at.
func TestFillSaysWhy(t *testing.T) {
	access, problems := load(t, `
issuers: [{name: a, issuer: a, audiences: [x], secret: "${SECRET}"}]
grants: [{name: g, bucket: b-1, region: ap-guangzhou, allowPrefixes: ["${DIR}/{tenant}/*"], allowActions: [upload]}]
`)
	if problems != nil {
		t.Fatal(problems)
	}
	_, err := access.Entitle(Identity{Issuer: "a", Claims: claim("tenant", "top/secret")}, "")
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Kind != IdentityNotUsable ||
		refusal.Reason != "the claim tenant, which prefix ${DIR}/{tenant}/* needs, holds characters that can't stand in a prefix unencoded, or is too long: {claim|base64url} takes any string" {
		t.Errorf("%v", err)
	}
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
			got, why := segment{claim: "c", filter: f}.value(Identity{Claims: claim("c", value)})
			if want := why == "" && got == text; f.writes(text) != want {
				t.Errorf("{c|%s} and %.20q: writes says %v, filling gives %.20q %s", filterNames[f], text, !want, got, why)
			}
		}
	}
	if digest.writes(hexDigest("a")[1:]) || digest.writes(strings.ToUpper(hexDigest("a"))) || !digest.writes(hexDigest("a")) {
		t.Error("sha256 writes 64 lower-case hexadecimal digits")
	}
}
