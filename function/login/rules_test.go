package login

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/policy/claim"
	"cos-credentials/policy/trust"
)

// strict is an issuer of whose rules each can be broken alone.
func strict() trust.Issuer {
	i := shop()
	i.AudienceClaim = "client_id"
	i.Require = []claim.Requirement{{Claim: "token_use", Values: []any{"access"}}}
	i.Refuse = []claim.Requirement{{Claim: "scope", Values: []any{"anonymous"}}}
	return i
}

func strictVerifier(t *testing.T) *Verifier {
	number := strict()
	number.Name, number.Spellings = "number", []string{"number"}
	number.JWKS, number.PublicKeys = "", []string{publicPEM(keyring().rsa.Public())}
	number.AudienceClaim, number.Subject = "", trust.Subject{Claim: "uid", Integer: true}
	v := newVerifier(t, strict(), number)
	v.revoked = Revoked{
		NotBefore: epoch.Add(-24 * time.Hour),
		Blocked:   []BlockedUser{{"shop", Identity{Subject: "mallory"}.User()}, {"", Identity{Subject: "7"}.User()}},
	}
	return v
}

// Each mistake has a reason of its own in the log, which names the rule and, once it is known, the issuer, and nothing
// of the token. Explain finds it alone; and there is no rule that no token breaks.
func TestEachMistakeHasItsReason(t *testing.T) {
	v := strictVerifier(t)
	const header = `{"alg":"RS256","kid":"rsa"}`
	claims := func(pairs ...string) string {
		return claimsWith(append([]string{"iat", "1800000000", "token_use", `"access"`}, pairs...)...)
	}
	number := func(pairs ...string) string {
		return claims(append([]string{"iss", `"number"`, "uid", "42"}, pairs...)...)
	}
	broken := map[string]bool{}
	for _, c := range []struct{ rule, header, claims, reason string }{
		{"", header, claims(), ""},
		{"", header, number(), ""},
		{"header", `{"alg":"RS256","kid":"rsa","crit":["exp"]}`, claims(), "the header has the parameter crit"},
		{"header", `{"alg":"RS256","kid":"rsa","cty":"JWT"}`, claims(), "the cty says that the token holds another one"},
		{"kid", `{"alg":"RS256","kid":""}`, number(), "the kid is not 1 to 256 printable ASCII characters"},
		{"typ", `{"alg":"RS256","kid":"rsa","typ":"dpop+jwt"}`, claims(), "the typ is neither JWT nor at+jwt"},
		{"dates", header, claims("exp", ""), "the token has no exp"},
		{"dates", header, claims("exp", "1800003600000"), "the exp is in milliseconds, and must be in seconds"},
		{"dates", header, claims("exp", `"1800003600"`), "the exp is not a number in range"},
		{"dates", header, claims("exp", "1e12"), "the exp is not a number in range"},
		{"dates", header, claims("nbf", "-1"), "the nbf is not a number in range"},
		{"dates", header, claims("iat", "null"), "the iat is not a number in range"},
		{"jti", header, claims("jti", "1"), "the jti is not a string"},
		{"cnf", header, claims("cnf", "{}"), "the cnf says that the token is bound to a key, so it is no bearer token"},
		{"iss", header, claims("iss", ""), "the token has no iss"},
		{"iss", header, claims("iss", "1"), "the iss is not a non-empty string"},
		{"iss", header, claims("iss", `"https://evil.example"`), "no issuer of this iss is configured"},
		{"iss", header, claims("iss", `"https://login.example.com"`),
			"no issuer of this iss is configured: that of issuer shop differs by a final / only"},
		{"iss", header, claims("iss", `"number/"`), "no issuer of this iss is configured: that of issuer number differs by a final / only"},
		{"alg", `{"kid":"rsa"}`, claims(), "issuer shop: the header has no alg"},
		{"alg", `{"alg":"RS512","kid":"rsa"}`, claims(), "issuer shop: the alg is not one of its algorithms"},
		{"aud", header, claims("aud", `"other"`), "issuer shop: the aud holds none of its audiences"},
		{"aud", header, claims("aud", "null"), "issuer shop: the aud is neither a non-empty string nor an array of such strings"},
		{"aud", header, claims("aud", `[""]`), "issuer shop: the aud is neither a non-empty string nor an array of such strings"},
		{"aud", header, claims("aud", ""), "issuer shop: the token has no aud, and its audienceClaim client_id is no string"},
		{"aud", header, claims("aud", "", "client_id", `"other"`),
			"issuer shop: the token has no aud, and its audienceClaim client_id is none of its audiences"},
		{"aud", header, number("aud", "[]"), "issuer number: the token has no aud, and it has no audienceClaim"},
		{"sub", header, claims("sub", ""), "issuer shop: the token has no sub, which names the user"},
		{"sub", header, claims("sub", "42"), "issuer shop: the sub is a number, and its subject is no integer"},
		{"sub", header, claims("sub", `""`), "issuer shop: the sub is not a non-empty string"},
		{"sub", header, number("uid", `"42"`), "issuer number: the uid is not a whole number of at most 19 digits"},
		{"life left", header, claims("exp", "1800086431", "iat", "1800000001"),
			"issuer shop: exp lies further ahead than maxLifetimeSeconds"},
		{"whole life", header, claims("iat", "1799917169"), "issuer shop: exp lies further after iat than maxLifetimeSeconds"},
		{signature, header, "other key", "issuer shop: the signature does not match"},
		{signature, `{"alg":"RS256","kid":"x"}`, claims(), "issuer shop: no key, or not exactly one, is known for the token's kid and alg"},
		{"require", header, claims("token_use", `"id"`), "issuer shop: the claim token_use has none of the values that require wants"},
		{"refuse", header, claims("scope", `"a anonymous"`), "issuer shop: the claim scope has a value that refuse names"},
		{"TOKENS_NOT_BEFORE", header, claims("iat", "1799913599", "exp", "1800000020"), "issuer shop: iat is missing, or lies before TOKENS_NOT_BEFORE"},
		{"TOKENS_NOT_BEFORE", header, number("iat", ""), "issuer number: iat is missing, or lies before TOKENS_NOT_BEFORE"},
		{"times", header, claims("exp", "1799999970", "iat", "1799999000"), "issuer shop: exp has passed"},
		{"times", header, claims("nbf", "1800000031"), "issuer shop: nbf lies ahead"},
		{"times", header, claims("iat", "1800000031"), "issuer shop: iat lies ahead"},
		{"BLOCKED", header, claims("sub", `"mallory"`), "issuer shop: BLOCKED names the user"},
		{"BLOCKED", header, number("uid", "7"), "issuer number: BLOCKED names the user"},
	} {
		broken[c.rule] = true
		token := rs256(c.header, c.claims)
		if c.claims == "other key" {
			token = sign("RS256", keyring().rsa2, c.header, claims())
		}
		_, err := v.Verify(t.Context(), token)
		if got := reasonOf(err); got != c.reason {
			t.Errorf("%s %s: %q, want %q", c.header, c.claims, got, c.reason)
		}
		_, all := v.Explain(t.Context(), token, true)
		var want []Refused
		if c.rule != "" {
			want = []Refused{{c.rule, err}}
		}
		if !reflect.DeepEqual(all, want) {
			t.Errorf("%s %s: Explain finds %v, want %v", c.header, c.claims, all, want)
		}
	}
	for _, r := range rules {
		if !broken[r.name] {
			t.Errorf("no token breaks the rule %s", r.name)
		}
		for _, need := range r.needs {
			if !slices.ContainsFunc(rules, func(other rule) bool { return other.name == need }) {
				t.Errorf("%s needs %s, which is no rule", r.name, need)
			}
		}
	}
}

func reasonOf(err error) string {
	if err == nil {
		return ""
	}
	return err.(*Error).Reason
}

// Explain runs every rule, with the signature and without; what it says first is what Verify says.
func TestExplain(t *testing.T) {
	v := strictVerifier(t)
	bad := claimsWith("aud", `"other"`, "exp", "1700000000", "scope", `"anonymous"`, "jti", "1")
	forged := sign("RS256", keyring().rsa2, `{"alg":"RS256","kid":"rsa","typ":"x"}`, bad)
	for withSignature, want := range map[bool]string{
		true:  "typ jti aud signature require refuse TOKENS_NOT_BEFORE times",
		false: "typ jti aud require refuse TOKENS_NOT_BEFORE times",
	} {
		identity, all := v.Explain(t.Context(), forged, withSignature)
		var names []string
		for _, one := range all {
			names = append(names, one.Rule)
		}
		if got := strings.Join(names, " "); got != want || identity.Subject != "user-42" {
			t.Errorf("%q, want %q, for %q", got, want, identity.Subject)
		}
	}
	for _, a := range attacks() {
		_, err := v.Verify(t.Context(), a.token)
		_, all := v.Explain(t.Context(), a.token, true)
		if (err == nil) != (len(all) == 0) || err != nil && all[0].Err.Error() != err.Error() {
			t.Errorf("%s: %s: Verify says %v, Explain %v", a.class, a.name, err, all)
		}
	}
}

// counting counts the keys that a method is tried with.
type counting struct {
	jwt.SigningMethod
	tries *int
}

func (c counting) Verify(signed string, signature []byte, key any) error {
	*c.tries++
	return c.SigningMethod.Verify(signed, signature, key)
}

// counted counts them for these algorithms, while a test runs.
func counted(t *testing.T, algorithms ...string) (tries *int) {
	tries = new(int)
	for _, alg := range algorithms {
		method := jwt.GetSigningMethod(alg)
		jwt.RegisterSigningMethod(alg, func() jwt.SigningMethod { return counting{method, tries} })
		t.Cleanup(func() { jwt.RegisterSigningMethod(alg, func() jwt.SigningMethod { return method }) })
	}
	return tries
}

// Which of several keys fits can't be told from the work: each is tried, whichever it is, and if none does.
func TestEveryKeyIsTried(t *testing.T) {
	tries := counted(t, "HS256", "RS256")
	keys := keyring()
	i := shop()
	i.JWKS, i.Algorithms = "", []string{"HS256", "RS256"}
	i.Secrets = []trust.Secret{keys.secrets[0], keys.secrets[1], keys.secrets[2]}
	i.PublicKeys = []string{publicPEM(keys.rsa.Public()), publicPEM(keys.rsa2.Public())}
	v := newVerifier(t, i)
	for n, key := range keys.secrets {
		*tries = 0
		_, kind := verify(t, v, sign("HS256", key, `{"alg":"HS256"}`, shopClaims))
		if want := map[bool]Kind{true: accepted, false: Invalid}[n < 3]; kind != want || *tries != 3 {
			t.Errorf("secret %d: %v after %d tries", n, kind, *tries)
		}
	}
	for n, key := range []any{keys.rsa, keys.rsa2} {
		*tries = 0
		if _, kind := verify(t, v, sign("RS256", key, `{"alg":"RS256","kid":"any"}`, shopClaims)); kind != accepted || *tries != 2 {
			t.Errorf("PEM key %d: %v after %d tries", n, kind, *tries)
		}
	}
}
