package replay

import (
	"strings"
	"testing"
)

func newMinter(t *testing.T) minter {
	t.Helper()
	k, err := newKeys()
	if err != nil {
		t.Fatal(err)
	}
	return minter{k, map[string]string{"JWT_SECRET": k.secret, "OTHER": "other"}}
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
