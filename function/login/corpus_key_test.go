package login

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// key is keys used for what they are not, and signatures that nobody made.
func (c *corpus) key() {
	const header = goodHeader
	add, keys := c.add, keyring()
	part := segmentsOf(rs256(header, shopClaims))
	miniClaims := claimsWith("iss", `"mini-program"`)

	spki := must(x509.MarshalPKIXPublicKey(keys.rsa.Public()))
	pem8 := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki})
	pem1 := pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&keys.rsa.PublicKey)})
	for name, public := range map[string][]byte{
		"PEM": pem8, "PEM without line break": bytes.TrimSpace(pem8), "PKCS1": pem1, "DER": spki, "n": keys.rsa.N.Bytes(),
		"Ed25519": keys.ed25519[32:], "EC": must(keys.p256.PublicKey.Bytes()), "kid": []byte("rsa"), "empty": {}, "nil": nil,
		"JWK": must(json.Marshal(jwk(keys.rsa.Public()))),
	} {
		add("key_confusion", "HS256 with "+name, Invalid, sign("HS256", public, `{"alg":"HS256","kid":"rsa"}`, shopClaims))
		add("key_confusion", "HS256 with "+name+", secret issuer", Invalid, sign("HS256", public, `{"alg":"HS256","kid":"rsa"}`, miniClaims))
	}
	add("key_confusion", "HS384, not on the list", Invalid, sign("HS384", keys.secret, `{"alg":"HS384"}`, miniClaims))
	add("key_confusion", "RS256 for a secret issuer", Invalid, rs256(header, miniClaims))
	add("key_confusion", "the secret for a public issuer", Invalid, sign("HS256", keys.secret, `{"alg":"HS256","kid":"rsa"}`, shopClaims))
	add("key_confusion", "PS256 with a key declared RS256", Invalid, sign("PS256", keys.rsa, `{"alg":"PS256","kid":"rsa"}`, shopClaims))
	add("key_confusion", "RS384 with a key declared RS256", Invalid, sign("RS384", keys.rsa, `{"alg":"RS384","kid":"rsa"}`, shopClaims))
	add("key_confusion", "RS512, not on the list", Invalid, sign("RS512", keys.rsa, `{"alg":"RS512","kid":"rsa"}`, shopClaims))
	add("key_confusion", "encryption key", Invalid, sign("RS256", keys.rsa2, `{"alg":"RS256","kid":"enc"}`, shopClaims))
	add("key_confusion", "encryption key, no kid", Invalid, sign("RS256", keys.rsa2, `{"alg":"RS256"}`, shopClaims))
	add("key_confusion", "ES256 with the kid of P-384", Invalid, sign("ES256", keys.p256, `{"alg":"ES256","kid":"p384"}`, shopClaims))
	add("key_confusion", "EdDSA with the kid of RSA", Invalid, sign("EdDSA", keys.ed25519, `{"alg":"EdDSA","kid":"rsa"}`, shopClaims))
	add("key_confusion", "alg Ed25519", accepted, sign("EdDSA", keys.ed25519, `{"alg":"Ed25519","kid":"ed/+ 1~"}`, shopClaims))
	add("key_confusion", "alg rs256", Invalid, rs256(`{"alg":"rs256","kid":"rsa"}`, shopClaims))
	add("key_confusion", "another issuer's key, same kid", Invalid, sign("RS256", keys.rsa2, header, shopClaims))
	add("key_confusion", "this issuer's key for another", Invalid, rs256(header, claimsWith("iss", `"https://bank.example.com"`)))
	add("key_confusion", "ES256 signature in DER", Invalid, derToken())
	padded := must(jwt.SigningMethodES256.Sign(b64([]byte(`{"alg":"ES384","kid":"p256"}`))+"."+part[1], keys.p256))
	add("key_confusion", "ES384 with P-256, padded", Invalid, b64([]byte(`{"alg":"ES384","kid":"p256"}`))+"."+part[1]+"."+
		b64(bytes.Join([][]byte{make([]byte, 16), padded[:32], make([]byte, 16), padded[32:]}, nil)))

	// Signatures.
	signature := must(base64.RawURLEncoding.DecodeString(part[2]))
	for name, s := range map[string][]byte{
		"one byte": {0}, "zeros": make([]byte, 256), "short": signature[:255], "zero before": append([]byte{0}, signature...),
		"zero after": append(bytes.Clone(signature), 0), "twice": append(bytes.Clone(signature), signature...),
		"first bit": flip(signature, 0), "last bit": flip(signature, len(signature)*8-1), "ones": bytes.Repeat([]byte{0xff}, 256), "the modulus": keys.rsa.N.Bytes(),
	} {
		add("sig", name, Invalid, part[0]+"."+part[1]+"."+b64(s))
	}
	es := strings.Split(sign("ES256", keys.p256, `{"alg":"ES256","kid":"p256"}`, shopClaims), ".")
	n := keys.p256.Params().N.Bytes()
	for name, s := range map[string][]byte{
		"r = s = 0": make([]byte, 64), "r = s = n": append(bytes.Clone(n), n...), "r = 0, s = 1": append(make([]byte, 63), 1), "63 bytes": make([]byte, 63), "65 bytes": make([]byte, 65),
	} {
		add("sig", "ES256 "+name, Invalid, es[0]+"."+es[1]+"."+b64(s))
	}
	add("sig", "of another token", Invalid, part[0]+"."+b64([]byte(claimsWith("sub", `"root"`)))+"."+part[2])
	add("sig", "header changed", Invalid, b64([]byte(`{"alg":"RS256","kid":"rsa","typ":"JWT"}`))+"."+part[1]+"."+part[2])
	add("sig", "stray bits", Invalid, strayBits(part))
}

// form is what isn't a compact JWS at all.
func (c *corpus) form() {
	const header = goodHeader
	add := c.add
	good := rs256(header, shopClaims)
	part := segmentsOf(good)
	for name, token := range map[string]string{
		"empty": "", "dot": ".", "two dots": "..", "three dots": "...", "one segment": part[0], "two segments": part[0] + "." + part[1],
		"no signature": part[0] + "." + part[1] + ".", "no header": "." + part[1] + "." + part[2], "no claims": part[0] + ".." + part[2],
		"four segments": good + "." + part[2], "five segments": good + "..", "trailing dot": good + ".", "leading dot": "." + good,
		"space before": " " + good, "space after": good + " ", "line break after": good + "\n", "line break inside": good[:9] + "\r\n" + good[9:],
		"line break in the signature": good[:len(good)-9] + "\n" + good[len(good)-9:], "NUL": good + "\x00", "Bearer": "Bearer " + good, "quoted": `"` + good + `"`,
		"comma": good + "," + good, "padding": part[0] + "=." + part[1] + "." + part[2], "padded signature": good + "==", "percent": strings.Replace(good, ".", "%2E", 1),
		"standard alphabet +": part[0] + "." + part[1] + "." + "+" + part[2][1:], "standard alphabet /": part[0] + "." + part[1] + "." + "/" + part[2][1:],
		"padding, signed":   paddedToken(),
		"length 1 mod 4":    good + "AAA",
		"not ASCII":         good + "é",
		"fullwidth dot":     strings.Replace(good, ".", "．", 1),
		"JSON":              `{"payload":"` + part[1] + `","protected":"` + part[0] + `","signature":"` + part[2] + `"}`,
		"general JSON":      `{"payload":"` + part[1] + `","signatures":[{"protected":"` + part[0] + `","signature":"` + part[2] + `"}]}`,
		"JWE":               b64([]byte(`{"alg":"RSA-OAEP","enc":"A256GCM"}`)) + "." + part[1] + "." + part[2] + "." + part[1] + "." + part[2],
		"undecoded":         header + "." + shopClaims + "." + part[2],
		"16 KiB of dots":    strings.Repeat(".", maxToken),
		"1 MiB of dots":     strings.Repeat(".", 1<<20),
		"one byte too long": oversized(1),
		"1 MiB":             strings.Repeat("A", 1<<20) + "." + part[1] + "." + part[2],
	} {
		add("form", name, Invalid, token)
	}
	add("form", "exactly 16 KiB", accepted, oversized(0))
}
