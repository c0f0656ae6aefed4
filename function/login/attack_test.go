package login

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func TestAttacks(t *testing.T) {
	v := newVerifier(t, victims()...)
	count := map[string]int{}
	for _, a := range attacks() {
		count[a.class]++
		identity, got := verify(t, v, a.token)
		if got != a.want {
			t.Errorf("%s: %s: %v, want %v", a.class, a.name, got, a.want)
		}
		if got != accepted && (identity.Issuer != "" || identity.Subject != "" || identity.Claims != nil || !identity.Expires.IsZero()) {
			t.Errorf("%s: %s: an identity beside the error", a.class, a.name)
		}
		if got == accepted && (identity.Subject == "" || fmt.Sprint(identity.Claims["sub"]) != identity.Subject || identity.Expires.IsZero()) {
			t.Errorf("%s: %s: incomplete identity", a.class, a.name)
		}
	}
	total := 0
	for class, least := range map[string]int{
		"valid": 10, "alg_none": 40, "key_confusion": 30, "header_keys": 20, "kid": 40, "crit": 15, "typ": 25, "form": 30, "sig": 15,
		"json": 30, "time": 80, "iss": 30, "aud": 20, "sub": 15, "cnf": 4,
		"two_sources": 20, "spelling": 9, "audience_claim": 40, "require": 30, "refuse": 7, "subject": 20,
	} {
		if total += count[class]; count[class] < least {
			t.Errorf("%d tokens of class %s, of which there were at least %d", count[class], class, least)
		}
		delete(count, class)
	}
	t.Logf("%d tokens", total)
	if total < 500 || len(count) > 0 {
		t.Errorf("%d tokens, and classes that nobody counts: %v", total, count)
	}
}

// The reason goes into the log: nothing of the token may be in it.
func TestReasonsAreConstant(t *testing.T) {
	v := newVerifier(t, victims()...)
	for _, a := range attacks() {
		_, err := v.Verify(t.Context(), a.token)
		if err == nil {
			continue
		}
		for _, leak := range []string{"user-42", "example", "evil", "rsa", "1800", "eyJ", "%!"} {
			if strings.Contains(err.Error(), leak) {
				t.Errorf("%s: %s: %q is in %q", a.class, a.name, leak, err)
			}
		}
	}
}

// No other spelling of a token is a token: every one of its characters counts.
func TestEveryCharacterCounts(t *testing.T) {
	v := newVerifier(t, victims()...)
	token := sign("EdDSA", keyring().ed25519, `{"alg":"EdDSA","kid":"ed/+ 1~"}`, shopClaims)
	for i := range token {
		for _, c := range "AQgw8_-.\n" {
			if other := token[:i] + string(c) + token[i+1:]; other != token {
				if _, kind := verify(t, v, other); kind != Invalid {
					t.Fatalf("character %d as %q: %v", i, c, kind)
				}
			}
			if _, kind := verify(t, v, token[:i]+string(c)+token[i:]); kind != Invalid {
				t.Fatalf("%q before character %d: %v", c, i, kind)
			}
		}
		if _, kind := verify(t, v, token[:i]+token[i+1:]); kind != Invalid {
			t.Fatalf("without character %d: %v", i, kind)
		}
	}
}

// PS* signatures have a salt of the hash's size, and no other.
func TestSaltLength(t *testing.T) {
	i := shop()
	i.Algorithms = []string{"PS256", "PS384", "PS512"}
	v := newVerifier(t, i)
	for _, method := range []*jwt.SigningMethodRSAPSS{jwt.SigningMethodPS256, jwt.SigningMethodPS384, jwt.SigningMethodPS512} {
		for _, salt := range []int{0, 20, 32, 48, 64} {
			other := *method
			options := *method.Options
			options.SaltLength = salt
			other.Options = &options
			input := b64([]byte(`{"alg":"`+method.Name+`"}`)) + "." + b64([]byte(shopClaims))
			want := Invalid
			if salt == method.Hash.Size() {
				want = accepted
			}
			if _, kind := verify(t, v, input+"."+b64(must(other.Sign(input, keyring().rsa)))); kind != want {
				t.Errorf("%s with a salt of %d bytes: %v", method.Name, salt, kind)
			}
		}
	}
}

func TestIdentity(t *testing.T) {
	v := newVerifier(t, victims()...)
	claims := claimsWith("exp", "1800003600.25", "uid", "9007199254740993", "tenant", `{"id":1.0}`, "sub", `"a\u0062"`)
	identity, kind := verify(t, v, sign("RS256", keyring().rsa, `{"alg":"RS256"}`, claims))
	if kind != accepted {
		t.Fatal(kind)
	}
	if identity.Issuer != "shop" || identity.Subject != "ab" || !identity.Expires.Equal(time.Unix(1800003600, 250_000_000)) {
		t.Errorf("%q %q %v", identity.Issuer, identity.Subject, identity.Expires)
	}
	if got := fmt.Sprint(identity.Claims["uid"], identity.Claims["tenant"]); got != "9007199254740993map[id:1.0]" {
		t.Error(got)
	}
	// One identity's claims are no other's.
	again, _ := verify(t, v, sign("RS256", keyring().rsa, `{"alg":"RS256"}`, shopClaims))
	if again.Claims["uid"] != nil {
		t.Error("claims of an earlier token")
	}
}
