package login

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
)

// wider is what the fields that let more tokens in must not let in: see wide.
func (c *corpus) wider() {
	add, keys := c.add, keyring()
	const hs, rs = `{"alg":"HS256"}`, `{"alg":"RS256","kid":"rsa"}`
	withBoth := func(pairs ...string) string {
		return claimsWith(append([]string{"iss", `"https://both.example.com/"`, "scope", `"openid user"`, "token", `{"use":"access"}`}, pairs...)...)
	}
	both := func(pairs ...string) string { return rs256(rs, withBoth(pairs...)) }
	shared := func(key []byte, pairs ...string) string { return sign("HS256", key, hs, withBoth(pairs...)) }
	uni := func(pairs ...string) string {
		return sign("HS256", keys.secret, hs, claimsWith(append([]string{"iss", `"uni-id"`, "sub", "", "uid", "42"}, pairs...)...))
	}

	// Two kinds of key, bound by alg.
	add("two_sources", "RS256", accepted, both())
	add("two_sources", "Ed25519", accepted, sign("EdDSA", keys.ed25519, `{"alg":"Ed25519","kid":"ed"}`, withBoth()))
	add("two_sources", "EdDSA", accepted, sign("EdDSA", keys.ed25519, `{"alg":"EdDSA"}`, withBoth()))
	add("two_sources", "newest secret", accepted, shared(keys.secrets[0]))
	add("two_sources", "secret before", accepted, shared(keys.secrets[1]))
	add("two_sources", "secret before that, with a kid", accepted, sign("HS256", keys.secrets[2], `{"alg":"HS256","kid":"rsa"}`, withBoth()))
	add("two_sources", "a secret that is gone", Invalid, shared(keys.secrets[3]))
	add("two_sources", "all secrets in one", Invalid, shared(bytes.Join(keys.secrets[:3], nil)))
	spki, _ := x509.MarshalPKIXPublicKey(keys.rsa.Public())
	for name, public := range map[string][]byte{
		"PEM": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}), "DER": spki, "n": keys.rsa.N.Bytes(), "Ed25519": keys.ed25519[32:],
		"JWK": must(json.Marshal(jwk(keys.rsa.Public(), "kid", "rsa"))), "kid": []byte("rsa"), "empty": {},
	} {
		add("two_sources", "HS256 with "+name, Invalid, sign("HS256", public, `{"alg":"HS256","kid":"rsa"}`, withBoth()))
	}
	add("two_sources", "HS512, not on the list", Invalid, sign("HS512", keys.secrets[0], `{"alg":"HS512"}`, withBoth()))
	add("two_sources", "RS256 with another key", Invalid, sign("RS256", keys.rsa2, rs, withBoth()))
	add("two_sources", "HS256 that says RS256", Invalid, sign("HS256", keys.secrets[0], rs, withBoth()))
	add("two_sources", "RS256 that says HS256", Invalid, sign("RS256", keys.rsa, hs, withBoth()))
	add("two_sources", "ES256 beside a secret", accepted, sign("ES256", keys.p256, `{"alg":"ES256"}`, claimsWith("iss", `"uni-id"`, "uid", "42")))
	add("two_sources", "expired, any secret", Expired, shared(keys.secrets[2], "exp", "1700000000"))
	add("two_sources", "expired, no secret", Invalid, shared(keys.secrets[3], "exp", "1700000000"))

	// Spellings of one authority, and no other.
	add("spelling", "second", accepted, both("iss", `"https://both.example.com"`))
	for _, iss := range []string{`"https://both.example.com//"`, `"https://BOTH.example.com"`, `"both"`, `["https://both.example.com"]`, `"https://both.example.com,https://both.example.com/"`} {
		add("spelling", iss, Invalid, both("iss", iss))
	}
	add("spelling", "another issuer's secret", Invalid, sign("HS256", keys.secret, hs, withBoth("iss", `"https://both.example.com"`)))
	add("spelling", "this issuer's secret at another", Invalid, sign("HS256", keys.secrets[0], hs, claimsWith("iss", `"mini-program"`)))
	add("spelling", "this issuer's secret at a third", Invalid, sign("HS256", keys.secrets[0], hs, claimsWith("iss", `"uni-id"`, "uid", "42")))
	add("spelling", "the same key, another issuer's rules", Invalid, both("iss", `"https://login.example.com"`))

	// The claim that stands for an aud that isn't there, and never for one that is.
	for _, aud := range []string{"", "[]"} {
		add("audience_claim", "aud "+aud, accepted, both("aud", aud, "client_id", `"cos-credentials"`))
		for _, client := range []string{
			"", "null", `""`, `[]`, `["cos-credentials"]`, `{"cos-credentials":1}`, "1", "true", `"other"`, `"COS-credentials"`, `"cos-credentials "`, `"cos-credentials other"`,
		} {
			add("audience_claim", "aud "+aud+", client_id "+client, Invalid, both("aud", aud, "client_id", client))
		}
		add("audience_claim", "another claim, aud "+aud, Invalid, both("aud", aud, "azp", `"cos-credentials"`, "Client_id", `"cos-credentials"`))
	}
	for _, aud := range []string{"null", `""`, `[""]`, `[null]`, `[[]]`, `{}`, "0", "false", `"other"`, `["other"]`, `["cos-credentials",""]`} {
		add("audience_claim", "aud "+aud+" beside client_id", Invalid, both("aud", aud, "client_id", `"cos-credentials"`))
	}
	add("audience_claim", "another client's, for us", accepted, both("client_id", `"other"`))
	add("audience_claim", "nested", accepted, uni("aud", "", "app", `{"id":"cos-credentials"}`))
	add("audience_claim", "nested, as one name", Invalid, uni("aud", "", "app.id", `"cos-credentials"`))
	add("audience_claim", "AUD beside", accepted, both("aud", "", "AUD", `"other"`, "client_id", `"cos-credentials"`))

	// Claims that must be there, and claims that must not.
	for scope, want := range map[string]Kind{
		`"user"`: accepted, `"a user b"`: accepted, `"  user"`: accepted, `["user"]`: accepted, `["x","staff"]`: accepted,
		"": Invalid, "null": Invalid, `""`: Invalid, `"USER"`: Invalid, `"users"`: Invalid, `"a\tuser"`: Invalid, `"user\t"`: Invalid, `"a\nuser"`: Invalid, `"a\u00a0user"`: Invalid,
		`"a\u3000user"`: Invalid, `"a,user"`: Invalid, `"a+user"`: Invalid, `["a user"]`: Invalid, `[["user"]]`: Invalid, `{"user":true}`: Invalid, "true": Invalid,
		`"user anonymous"`: Invalid, `"anonymous user"`: Invalid, `["user","anonymous"]`: Invalid, `"user anonymous2"`: accepted,
	} {
		add("require", "scope "+scope, want, both("scope", scope))
	}
	for use, want := range map[string]Kind{
		`{"use":["id","access"]}`: accepted, "": Invalid, `"access"`: Invalid, `{"use":"id"}`: Invalid, `{"use":"access id"}`: Invalid, `{"use":{"access":1}}`: Invalid, `[{"use":"access"}]`: Invalid,
	} {
		add("require", "token "+use, want, both("token", use))
	}
	add("require", "a dotted name is a path", Invalid, both("token", "", "token.use", `"access"`))
	for anonymous, want := range map[string]Kind{"true": Invalid, `[false,true]`: Invalid, "false": accepted, `"true"`: accepted, "null": accepted} {
		add("refuse", "is_anonymous "+anonymous, want, both("is_anonymous", anonymous))
	}
	add("refuse", "refused and expired", Invalid, both("exp", "1700000000", "is_anonymous", "true"))
	add("refuse", "expired", Expired, both("exp", "1700000000"))

	// Users that are numbers under another name.
	for uid, want := range map[string]Kind{
		"42": accepted, "0": accepted, "9007199254740993": accepted, "9999999999999999999": accepted, "": Invalid, "null": Invalid, `"42"`: Invalid, `""`: Invalid, "[42]": Invalid,
		"10000000000000000000": Invalid, "-1": Invalid, "-0": Invalid, "1.0": Invalid, "1e3": Invalid, "4.2e1": Invalid, "true": Invalid, `{"id":42}`: Invalid,
	} {
		add("subject", "uid "+uid, want, uni("uid", uid))
	}
	add("subject", "sub instead", Invalid, uni("uid", "", "sub", "42"))
	add("subject", "sub of another", accepted, uni("sub", `"root"`))
	add("subject", "sub no string", accepted, uni("sub", `[1,{}]`))
	add("subject", "UID instead", Invalid, uni("uid", "", "UID", "42"))
	add("subject", "life from iat, a week", Invalid, uni("iat", "1799398800"))
	for _, name := range []string{"uid", "sub"} {
		add("subject", "two "+name, Invalid, sign("HS256", keys.secret, hs, strings.Replace(claimsWith("iss", `"uni-id"`, "sub", "7", "uid", "42"), `"`+name+`":`, `"`+name+`":1,"`+name+`":`, 1)))
	}
}
