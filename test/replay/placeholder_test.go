package replay

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/test/issuer"
)

func newMinter(t *testing.T) minter {
	t.Helper()
	k, err := newKeys()
	if err != nil {
		t.Fatal(err)
	}
	return minter{k, map[string]string{"JWT_SECRET": k.secret, "OTHER": "other"}}
}

// mint returns the header and the claims of a token.
func mint(t *testing.T, words string) (header, claims map[string]any) {
	t.Helper()
	token, err := newMinter(t).text("${TOKEN" + words + "}")
	if err != nil {
		t.Fatal(err)
	}
	parsed, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Header, parsed.Claims.(jwt.MapClaims)
}

func TestTokenWords(t *testing.T) {
	now := float64(time.Now().Unix())
	for words, want := range map[string]map[string]any{
		"":                               {"iss": "mini-program", "aud": "cos-credentials", "sub": "alice", "iat": now, "exp": now + 3600},
		" sub=bob exp=-5m nbf=+1m":       {"sub": "bob", "exp": now - 300, "nbf": now + 60},
		" !sub !exp iat:=7":              {"sub": nil, "exp": nil, "iss": "mini-program", "iat": 7.},
		` role=member tags:=["a b","}"]`: {"role": "member", "tags": "[a b }]"},
		` sub="a b}" n:=1`:               {"sub": "a b}", "n": 1.},
		` profile:={"openid":"o-1"} `:    {"profile": "map[openid:o-1]"},
	} {
		_, claims := mint(t, words)
		for name, v := range want {
			at, isTime := v.(float64)
			got, _ := claims[name].(float64)
			if fmt.Sprint(claims[name]) != fmt.Sprint(v) && (!isTime || got < at || got > at+60) {
				t.Errorf("%s: %s is %v, want %v", words, name, claims[name], v)
			}
		}
	}
	for words, want := range map[string]any{
		" alg=none": nil, " alg=ES256": issuer.KeyID, " alg=HS512 secret=OTHER": nil, " alg=HS256 secret=wrong": nil,
	} {
		if header, _ := mint(t, words); header["kid"] != want || !strings.HasPrefix(words, " alg="+header["alg"].(string)) {
			t.Errorf("%s: %v", words, header)
		}
	}
}

func TestPlaceholderMistakesShowTheSyntax(t *testing.T) {
	m := newMinter(t)
	for _, s := range []string{
		"${TOKEN", "${}", "${USER}", "${TOKEN sub}", "${TOKEN exp=tomorrow}", "${TOKEN a:=}", `${TOKEN sub="a}`,
		"${TOKEN alg=RS256}", "${TOKEN secret=UNSET}",
		"${REPEAT x y}", "${REPEAT -1 y}", "${REPEAT 99999999 y}", "${LIST x {}}", "${LIST 2 {}", "${LIST 2 x}", "${JWKS x}",
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
