package login

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cos-credentials/policy/trust"
)

// widening is one thing that may be added to an issuer, and says which tokens it is there for. An empty part is any.
type widening struct {
	name   string
	add    func(*trust.Issuer)
	covers func(candidate) bool
}

// candidate is a token by the four things that it hangs on.
type candidate struct{ iss, aud, client, signer string }

// What is added to an issuer lets in the tokens that it is there for, and none that names another audience, key kind,
// issuer or client. Every set of additions is tried with every token.
func TestWideningLetsInNothingElse(t *testing.T) {
	keys := keyring()
	base := shop()
	base.JWKS, base.Algorithms, base.Secrets = "", []string{"HS256"}, []trust.Secret{keys.secrets[0]}
	const first, second = "https://login.example.com/", "https://login.example.com"
	widenings := []widening{
		{"spelling", func(i *trust.Issuer) {
			i.Spellings = []string{first, second}
		}, func(c candidate) bool { return c.iss == second }},
		{"audienceClaim", func(i *trust.Issuer) { i.AudienceClaim = "client_id" }, func(c candidate) bool {
			return (c.aud == "" || c.aud == "[]") && c.client == `"cos-credentials"`
		}},
		{"second secret", func(i *trust.Issuer) {
			i.Secrets = []trust.Secret{keys.secrets[1], keys.secrets[0]}
		}, func(c candidate) bool { return c.signer == "second secret" }},
		{"second key source", func(i *trust.Issuer) {
			i.JWKS, i.Algorithms = jwks(jwk(keys.p256.Public(), "kid", "p256")), []string{"ES256", "HS256"}
		}, func(c candidate) bool { return c.signer == "P-256" }},
	}
	pem := []byte(publicPEM(keys.p256.Public()))
	signers := map[string]struct {
		alg string
		key any
	}{
		"secret": {"HS256", keys.secrets[0]}, "second secret": {"HS256", keys.secrets[1]},
		"secret of another": {"HS256", keys.secret}, "public key as secret": {"HS256", pem}, "HS512": {"HS512", keys.secrets[0]},
		"P-256": {"ES256", keys.p256}, "RSA": {"RS256", keys.rsa}, "Ed25519": {"EdDSA", keys.ed25519},
	}
	var all []candidate
	tokens := map[candidate]string{}
	for _, iss := range []string{first, second, "https://login.example.com//", "mini-program"} {
		for _, aud := range []string{`"cos-credentials"`, `["other","cos-credentials"]`, `"other"`, "", "[]", "null", `""`, `[""]`} {
			for _, client := range []string{"", `"cos-credentials"`, `"other"`, `["cos-credentials"]`, "null"} {
				for signer, s := range signers {
					c := candidate{iss, aud, client, signer}
					claims := claimsWith("iss", fmt.Sprintf("%q", iss), "aud", aud, "client_id", client)
					all = append(all, c)
					tokens[c] = sign(s.alg, s.key, `{"alg":"`+s.alg+`"}`, claims)
				}
			}
		}
	}
	// What the plain issuer asks of each of the four, and what of them an addition stands in for.
	plain := map[string]func(candidate) bool{
		"spelling":      func(c candidate) bool { return c.iss == first },
		"audienceClaim": func(c candidate) bool { return strings.Contains(c.aud, `"cos-credentials"`) },
		"second secret": func(c candidate) bool { return c.signer == "secret" },
	}
	for set := range 1 << len(widenings) {
		issuer, names := base, []string{}
		covers := map[string][]func(candidate) bool{}
		for part, asks := range plain {
			covers[part] = append(covers[part], asks)
		}
		for n, w := range widenings {
			if set&(1<<n) == 0 {
				continue
			}
			w.add(&issuer)
			part := w.name
			if part == "second key source" { // it stands in for the key, as a second secret does
				part = "second secret"
			}
			covers[part], names = append(covers[part], w.covers), append(names, w.name)
		}
		v := newVerifier(t, issuer)
		let := 0
		for _, c := range all {
			want := accepted
			for _, either := range covers {
				if !slices.ContainsFunc(either, func(covers func(candidate) bool) bool { return covers(c) }) {
					want = Invalid
				}
			}
			if _, got := verify(t, v, tokens[c]); got != want {
				t.Errorf("with %q: %q: %v, want %v", names, c, got, want)
			}
			if want == accepted {
				let++
			}
		}
		if let < 10 {
			t.Errorf("with %q: only %d tokens are right", names, let)
		}
	}
}
