package login

import (
	"bytes"
	"encoding/base64"
	"strings"
	"sync"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/policy/claim"
	"cos-credentials/policy/trust"
)

// attack is one token of the corpus, and what becomes of it.
type attack struct {
	class, name, token string
	want               Kind
}

// victims are the issuers that the corpus is written against.
func victims() []trust.Issuer {
	keys := keyring()
	shop := shop()
	shop.Algorithms = []string{"RS256", "RS384", "PS256", "ES256", "ES384", "ES512", "EdDSA"}
	shop.JWKS = jwks(
		jwk(keys.rsa.Public(), "kid", "rsa", "alg", "RS256", "use", "sig"),
		jwk(keys.rsa2.Public(), "kid", "enc", "use", "enc"),
		jwk(keys.p256.Public(), "kid", "p256"),
		jwk(keys.p384.Public(), "kid", "p384"),
		jwk(keys.p521.Public(), "kid", "p521", "alg", "ES512"),
		jwk(keys.ed25519.Public(), "kid", "ed/+ 1~", "alg", "Ed25519"),
	)
	bank := shop // another issuer whose key has the same kid
	bank.Name, bank.Spellings, bank.JWKS = "bank", []string{"https://bank.example.com"}, jwks(jwk(keys.rsa2.Public(), "kid", "rsa"))
	mini := shop
	mini.Name, mini.Spellings, mini.JWKS = "mini", []string{"mini-program"}, ""
	mini.Algorithms, mini.Secrets = []string{"HS256", "HS512"}, []trust.Secret{keys.secret}
	return append([]trust.Issuer{shop, bank, mini}, wide()...)
}

// wide are issuers with every field that accepts more, or less, than the plain ones do.
func wide() []trust.Issuer {
	keys := keyring()
	both := shop() // a secret beside a key set, while one replaces the other
	both.Name, both.Spellings = "both", []string{"https://both.example.com/", "https://both.example.com"}
	both.Algorithms = []string{"HS256", "RS256", "Ed25519"}
	both.JWKS = jwks(jwk(keys.rsa.Public(), "kid", "rsa"), jwk(keys.ed25519.Public(), "kid", "ed", "alg", "Ed25519"))
	both.Secrets = []trust.Secret{keys.secrets[0], keys.secrets[1], keys.secrets[2]}
	both.AudienceClaim = "client_id"
	both.Require = []claim.Requirement{{Claim: "scope", Values: []any{"user", "staff"}}, {Claim: "token.use", Values: []any{"access"}}}
	both.Refuse = []claim.Requirement{{Claim: "scope", Values: []any{"anonymous"}}, {Claim: "is_anonymous", Values: []any{true}}}
	uni := both // a back end of one's own, whose users are numbers
	uni.Name, uni.Spellings, uni.Algorithms = "uni", []string{"uni-id"}, []string{"HS256", "ES256"}
	uni.JWKS, uni.PublicKeys = "", []string{publicPEM(keys.p256.Public())}
	uni.Secrets, uni.AudienceClaim = []trust.Secret{keys.secret}, "app.id"
	uni.Require, uni.Refuse, uni.Subject = nil, nil, trust.Subject{Claim: "uid", Integer: true}
	return []trust.Issuer{both, uni}
}

// claimsWith is shopClaims with members replaced by raw JSON ("" leaves one out), in pairs.
func claimsWith(pairs ...string) string {
	order := []string{"iss", "sub", "aud", "exp"}
	raw := map[string]string{
		"iss": `"https://login.example.com/"`, "sub": `"user-42"`, "aud": `"cos-credentials"`, "exp": `1800003600`,
	}
	for i := 0; i < len(pairs); i += 2 {
		if _, present := raw[pairs[i]]; !present {
			order = append(order, pairs[i])
		}
		raw[pairs[i]] = pairs[i+1]
	}
	var members []string
	for _, name := range order {
		if raw[name] != "" {
			members = append(members, `"`+name+`":`+raw[name])
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// corpus gathers attacks. Each class is a family of mistakes that verifiers have made.
type corpus struct{ all []attack }

func (c *corpus) add(class, name string, want Kind, token string) {
	c.all = append(c.all, attack{class, name, token, want})
}

// attacks are signed once: the race detector makes RSA slow.
var attacks = sync.OnceValue(func() []attack {
	var c corpus
	c.valid()
	c.header()
	c.key()
	c.form()
	c.claims()
	c.times()
	c.parties()
	c.wider()
	return c.all
})

// goodHeader goes with the shop's RSA key, whose token this is.
const goodHeader = `{"alg":"RS256","kid":"rsa"}`

func rs256(header, claims string) string { return sign("RS256", keyring().rsa, header, claims) }

// segmentsOf are the three of a good token.
func segmentsOf(token string) []string { return strings.Split(token, ".") }

// valid tokens are in the corpus so that a verifier that refuses everything fails.
func (c *corpus) valid() {
	const header = goodHeader
	add, keys := c.add, keyring()
	add("valid", "plain", accepted, rs256(header, shopClaims))
	for alg, key := range map[string]any{"ES256": keys.p256, "ES384": keys.p384, "ES512": keys.p521, "EdDSA": keys.ed25519} {
		kid := map[string]string{"ES256": "p256", "ES384": "p384", "ES512": "p521", "EdDSA": "ed/+ 1~"}[alg]
		add("valid", alg, accepted, sign(alg, key, `{"alg":"`+alg+`","kid":"`+kid+`"}`, shopClaims))
		add("valid", alg+" without kid", accepted, sign(alg, key, `{"alg":"`+alg+`"}`, shopClaims))
	}
	miniClaims := claimsWith("iss", `"mini-program"`)
	add("valid", "HS256", accepted, sign("HS256", keys.secret, `{"alg":"HS256"}`, miniClaims))
	add("valid", "HS512 with kid", accepted, sign("HS512", keys.secret, `{"alg":"HS512","kid":"1"}`, miniClaims))
	add("valid", "no kid, one RS256 key", accepted, rs256(`{"alg":"RS256"}`, shopClaims))
	add("valid", "escaped names", accepted, rs256(`{"\u0061lg":"RS\u003256","kid":"rsa"}`, claimsWith()))
	add("valid", "white space", accepted, rs256(" \n{ \"alg\" : \"RS256\" , \"kid\":\"rsa\" }\t", " \r\n"+shopClaims+" "))
	add("valid", "unknown parameters", accepted, rs256(`{"alg":"RS256","kid":"rsa","x5t":"a","x5c":["b"],"x":null,"CRIT":[]}`, shopClaims))
	add("valid", "other bank", accepted, sign("RS256", keys.rsa2, header, claimsWith("iss", `"https://bank.example.com"`)))
	add("valid", "unicode", accepted, rs256(header, claimsWith("sub", `"李😀\ud83d\ude00"`)))
	for _, typ := range []string{"JWT", "jwt", "Jwt", "at+jwt", "AT+JWT", "application/jwt", "application/at+jwt", "Application/JWT"} {
		add("typ", typ, accepted, rs256(`{"alg":"RS256","kid":"rsa","typ":"`+typ+`"}`, shopClaims))
	}
}

func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

func flip(data []byte, bit int) []byte {
	data = bytes.Clone(data)
	data[bit/8] ^= 0x80 >> (bit % 8)
	return data
}

// paddedToken has a header in base64url with padding, and a signature over it as it stands.
func paddedToken() string {
	input := base64.URLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"rsa"} `)) + "." + b64([]byte(shopClaims))
	return input + "." + b64(must(jwt.SigningMethodRS256.Sign(input, keyring().rsa)))
}

// derToken is signed with ES256, and its signature encoded as X.509 does.
func derToken() string {
	token := sign("ES256", keyring().p256, `{"alg":"ES256","kid":"p256"}`, shopClaims)
	i := strings.LastIndexByte(token, '.') + 1
	raw := must(base64.RawURLEncoding.DecodeString(token[i:]))
	integer := func(b []byte) []byte {
		b = bytes.TrimLeft(b, "\x00")
		if len(b) == 0 || b[0] >= 0x80 {
			b = append([]byte{0}, b...)
		}
		return append([]byte{2, byte(len(b))}, b...)
	}
	body := append(integer(raw[:32]), integer(raw[32:])...)
	return token[:i] + b64(append([]byte{0x30, byte(len(body))}, body...))
}

// oversized is a valid token of exactly so many bytes more than are allowed.
func oversized(more int) string {
	for spaces := range 3 { // base64url has no text of 1 mod 4 characters: the header makes up for it
		header := `{"alg":"RS256","kid":"rsa"}` + strings.Repeat(" ", spaces)
		rest := maxToken + more - len(b64([]byte(header))) - len(b64(make([]byte, 256))) - len("..")
		letters := base64.RawURLEncoding.DecodedLen(rest) - len(claimsWith("x", `""`))
		token := sign("RS256", keyring().rsa, header, claimsWith("x", `"`+strings.Repeat("a", letters)+`"`))
		if len(token) == maxToken+more {
			return token
		}
	}
	panic("no token has this size")
}

// strayBits spells the signature's last character in another way, which a lenient decoder takes for the same bytes.
func strayBits(part []string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(part[2]) - 1
	other := alphabet[strings.IndexByte(alphabet, part[2][last])|1]
	return part[0] + "." + part[1] + "." + part[2][:last] + string(other)
}
