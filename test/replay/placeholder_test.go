package replay

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func newMinter(t *testing.T) minter {
	t.Helper()
	k, err := newKeys()
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"JWT_SECRET": k.secret, "OTHER": "other"}
	return minter{k, func(name string) string { return env[name] }}
}

// mint returns a token's header and claims as JSON.
func mint(t *testing.T, words string) (header, claims map[string]any) {
	t.Helper()
	token, err := newMinter(t).text("${TOKEN" + words + "}")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	for i, into := range []*map[string]any{&header, &claims} {
		plain, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(plain, into); err != nil {
			t.Fatal(err)
		}
	}
	return header, claims
}

func TestTokenWords(t *testing.T) {
	now := float64(time.Now().Unix())
	for words, want := range map[string]map[string]any{
		"":                               {"iss": "mini-program", "aud": "cos-credentials", "sub": "alice", "iat": 0., "exp": 3600.},
		" sub=bob exp=-5m nbf=+1m":       {"sub": "bob", "exp": -300., "nbf": 60.},
		" !sub !exp":                     {"sub": nil, "exp": nil, "iss": "mini-program"},
		` role=member tags:=["a b","}"]`: {"role": "member", "tags": "[a b }]"},
		` sub="a b}" n:=1`:               {"sub": "a b}", "n": 1.},
		` profile:={"openid":"o-1"} `:    {"profile": "map[openid:o-1]"},
	} {
		_, claims := mint(t, words)
		for name, v := range want {
			got := claims[name]
			if at, ok := got.(float64); ok && at > 1e9 {
				got = at - now
			}
			if off, ok := v.(float64); ok && got != nil {
				if d := got.(float64) - off; d < 0 || d > 1 {
					t.Errorf("%s: %s is %v", words, name, got)
				}
			} else if asText(got) != asText(v) {
				t.Errorf("%s: %s is %v, want %v", words, name, got, v)
			}
		}
	}
	if header, _ := mint(t, " alg=none"); header["alg"] != "none" {
		t.Errorf("alg=none: %v", header)
	}
	if header, _ := mint(t, " alg=ES256"); header["alg"] != "ES256" || header["kid"] != keyID {
		t.Errorf("alg=ES256: %v", header)
	}
	if header, _ := mint(t, " alg=HS512 secret=OTHER"); header["alg"] != "HS512" {
		t.Errorf("alg=HS512: %v", header)
	}
}

func asText(v any) string {
	switch v := v.(type) {
	case []any:
		var words []string
		for _, one := range v {
			words = append(words, asText(one))
		}
		return "[" + strings.Join(words, " ") + "]"
	case map[string]any:
		for k, one := range v {
			return "map[" + k + ":" + asText(one) + "]"
		}
	case string:
		return v
	}
	text, _ := json.Marshal(v)
	return string(text)
}

func TestPlaceholderMistakesShowTheSyntax(t *testing.T) {
	m := newMinter(t)
	for _, s := range []string{
		"${TOKEN", "${}", "${USER}", "${TOKEN sub}", "${TOKEN exp=tomorrow}", "${TOKEN a:=}", `${TOKEN sub="a}`,
		"${TOKEN alg=RS256}", "${TOKEN secret=UNSET}", "${REPEAT x y}", "${REPEAT -1 y}", "${REPEAT 99999999 y}", "${LIST x {}}", "${LIST 2 {}", "${LIST 2 x}", "${JWKS x}",
	} {
		if got, err := m.text(s); err == nil || !strings.Contains(err.Error(), "${TOKEN sub=alice exp=+1h}") {
			t.Errorf("%s: got %q, %v", s, got, err)
		}
	}
}

func TestPlaceholdersLeaveTheRestAlone(t *testing.T) {
	m := newMinter(t)
	for in, want := range map[string]string{
		`{ "a":1,"a" : 2.50,"b":"\u00e9\/" }`: `{ "a":1,"a" : 2.50,"b":"\u00e9\/" }`, // doubled members, spelling and spaces
		`["x${REPEAT 3 ab}y"]`:                `["xabababy"]`,
		`["${REPEAT 2 \"a }\"}"]`:             `["a }a }"]`,
		`"[${LIST 3 {\"k\":\"#.jpg\"}}]"`:     `"[{\"k\":\"1.jpg\"},{\"k\":\"2.jpg\"},{\"k\":\"3.jpg\"}]"`,
		`["$${uin}"]`:                         `["${uin}"]`,
		`["$1 {x}"]`:                          `["$1 {x}"]`,
		`{"${REPEAT 1 name}":null}`:           `{"name":null}`,
	} {
		got, err := m.event([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v, want %s", in, got, err, want)
		}
	}
}

func TestJWKS(t *testing.T) {
	set, err := newMinter(t).text("${JWKS}")
	if err != nil {
		t.Fatal(err)
	}
	var keys struct {
		Keys []struct{ Kty, Crv, Kid, X, Y string }
	}
	if err := json.Unmarshal([]byte(set), &keys); err != nil || len(keys.Keys) != 1 || len(keys.Keys[0].X) != 43 || len(keys.Keys[0].Y) != 43 {
		t.Errorf("%s: %v", set, err)
	}
}
