package login

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A public key does its arithmetic once for each token; a secret each time.
func TestSignatureIsVerifiedOnce(t *testing.T) {
	keys := keyring()
	for alg, c := range map[string]struct {
		kid, iss string
		private  any
		times    int
	}{
		"RS256": {"rsa", "https://login.example.com/", keys.rsa, 1},
		"ES256": {"p256", "https://login.example.com/", keys.p256, 1},
		"EdDSA": {"ed/+ 1~", "https://login.example.com/", keys.ed25519, 1},
		"HS256": {"1", "mini-program", keys.secret, 3},
	} {
		v, n := newVerifier(t, victims()...), counted(t, alg)
		good := sign(alg, c.private, `{"alg":"`+alg+`","kid":"`+c.kid+`"}`, claimsWith("iss", `"`+c.iss+`"`))
		for range 3 {
			if _, err := v.Verify(t.Context(), good); err != nil {
				t.Fatal(alg, err)
			}
		}
		if *n != c.times {
			t.Errorf("%s: verified %d times", alg, *n)
		}
		another := sign(alg, c.private, `{"alg":"`+alg+`","kid":"`+c.kid+`"}`, claimsWith("iss", `"`+c.iss+`"`, "jti", `"2"`))
		if _, err := v.Verify(t.Context(), another); err != nil || *n != c.times+1 {
			t.Errorf("%s: another token: %v, verified %d times", alg, err, *n)
		}
	}
}

// What is remembered of a token helps no other: one of a bit less, and one of its parts.
func TestNothingButTheTokenIsProven(t *testing.T) {
	v := newVerifier(t, shop())
	good := sign("RS256", keyring().rsa, `{"alg":"RS256","kid":"rsa"}`, shopClaims)
	if _, err := v.Verify(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	other := strings.Split(sign("RS256", keyring().rsa2, `{"alg":"RS256","kid":"rsa"}`, claimsWith("sub", `"admin"`)), ".")
	for name, forged := range map[string]string{
		"another's claims":    parts[0] + "." + other[1] + "." + parts[2],
		"another's signature": parts[0] + "." + parts[1] + "." + other[2],
		"a shorter signature": parts[0] + "." + parts[1] + "." + parts[2][:len(parts[2])-4],
		"another's token":     strings.Join(other, "."),
	} {
		for range 2 { // what was refused is not remembered either
			if _, err := v.Verify(t.Context(), forged); outcome(t, err) != Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// A key that its issuer has taken out, or replaced under the same name, verifies nothing more; one that is only
// fetched anew does.
func TestAWithdrawnKeyProvesNothing(t *testing.T) {
	p := newIDP(t)
	v, n := p.verifier(t), counted(t, "RS256")
	p.expect(t, v, token("rsa"), accepted, 1)
	p.advance(softAge)
	p.expect(t, v, token("rsa"), accepted, 2)
	if *n != 1 {
		t.Errorf("verified %d times", *n)
	}
	p.publish(jwks(jwk(keyring().rsa2.Public(), "kid", "rsa")))
	p.advance(softAge)
	p.expect(t, v, token("rsa"), Invalid, 3)
	p.publish(jwks(jwk(keyring().rsa.Public(), "kid", "new")))
	p.advance(softAge)
	p.expect(t, v, token("rsa"), Invalid, 4)
}

// Times and blocks are asked each time.
func TestAProvenTokenStillEnds(t *testing.T) {
	v := newVerifier(t, shop())
	at := epoch
	v.now = func() time.Time { return at }
	good := sign("RS256", keyring().rsa, `{"alg":"RS256","kid":"rsa"}`, shopClaims)
	if _, err := v.Verify(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	at = epoch.Add(2 * time.Hour)
	if _, err := v.Verify(t.Context(), good); outcome(t, err) != Expired {
		t.Error(err)
	}
	at = epoch
	v.revoked.NotBefore = epoch
	if _, err := v.Verify(t.Context(), good); outcome(t, err) != Expired {
		t.Error(err)
	}
}

func TestProvenIsBounded(t *testing.T) {
	v := newVerifier(t, victims()...)
	for i := range mostProven + 10 {
		one := sign("EdDSA", keyring().ed25519, `{"alg":"EdDSA","kid":"ed/+ 1~"}`, claimsWith("jti", fmt.Sprintf("%q", fmt.Sprint(i))))
		if _, err := v.Verify(t.Context(), one); err != nil {
			t.Fatal(err)
		}
	}
	if n := v.proven.by.Len(); n != mostProven {
		t.Errorf("%d are remembered", n)
	}
}
