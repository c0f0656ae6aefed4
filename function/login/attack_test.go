package login

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// attack is one token of the corpus, and what becomes of it.
type attack struct {
	class, name, token string
	want               Kind
}

// victims are the issuers that the corpus is written against.
func victims() []Issuer {
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
	bank.Name, bank.Issuer, bank.JWKS = "bank", "https://bank.example.com", jwks(jwk(keys.rsa2.Public(), "kid", "rsa"))
	mini := shop
	mini.Name, mini.Issuer, mini.JWKS = "mini", "mini-program", ""
	mini.Algorithms, mini.Secret = []string{"HS256", "HS512"}, keys.secret
	return []Issuer{shop, bank, mini}
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

func attacks() (all []attack) {
	keys := keyring()
	add := func(class, name string, want Kind, token string) { all = append(all, attack{class, name, token, want}) }
	rs256 := func(header, claims string) string { return sign("RS256", keys.rsa, header, claims) }
	const header = `{"alg":"RS256","kid":"rsa"}`
	good := rs256(header, shopClaims)
	part := strings.Split(good, ".")

	// Valid ones, so that a verifier that refuses everything fails.
	add("valid", "plain", accepted, good)
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

	// alg none, in every spelling, with and without a signature.
	for _, alg := range []string{
		`"none"`, `"None"`, `"NONE"`, `"nOnE"`, `"none "`, `" none"`, `"none\u0000"`, `"n\u006fne"`, `"none\n"`, `"ｎｏｎｅ"`, `"nоne"`,
		`""`, `" "`, `null`, `0`, `false`, `[]`, `["none"]`, `["RS256"]`, `{}`, `{"alg":"RS256"}`, `"RS256,none"`, `"noneRS256"`,
	} {
		head := b64([]byte(`{"alg":` + alg + `,"kid":"rsa"}`))
		add("alg_none", alg+", empty", Invalid, head+"."+part[1]+".")
		add("alg_none", alg+", signature kept", Invalid, head+"."+part[1]+"."+part[2])
	}
	add("alg_none", "absent", Invalid, rs256(`{"kid":"rsa"}`, shopClaims))
	add("alg_none", "ALG", Invalid, rs256(`{"ALG":"RS256","kid":"rsa"}`, shopClaims))
	add("alg_none", "empty header", Invalid, rs256(`{}`, shopClaims))

	// Keys used for what they are not.
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
	add("key_confusion", "alg Ed25519", Invalid, sign("EdDSA", keys.ed25519, `{"alg":"Ed25519","kid":"ed/+ 1~"}`, shopClaims))
	add("key_confusion", "alg rs256", Invalid, rs256(`{"alg":"rs256","kid":"rsa"}`, shopClaims))
	add("key_confusion", "another issuer's key, same kid", Invalid, sign("RS256", keys.rsa2, header, shopClaims))
	add("key_confusion", "this issuer's key for another", Invalid, rs256(header, claimsWith("iss", `"https://bank.example.com"`)))
	add("key_confusion", "ES256 signature in DER", Invalid, derToken())
	padded := must(jwt.SigningMethodES256.Sign(b64([]byte(`{"alg":"ES384","kid":"p256"}`))+"."+part[1], keys.p256))
	add("key_confusion", "ES384 with P-256, padded", Invalid, b64([]byte(`{"alg":"ES384","kid":"p256"}`))+"."+part[1]+"."+
		b64(bytes.Join([][]byte{make([]byte, 16), padded[:32], make([]byte, 16), padded[32:]}, nil)))

	// Parameters that bring the key along, or change what is signed.
	attacker := string(must(json.Marshal(jwk(keys.rsa2.Public(), "kid", "rsa"))))
	for _, parameter := range []string{
		`"jwk":` + attacker, `"jwk":null`, `"jwk":{}`, `"jku":"https://evil.example/jwks"`, `"jku":"https://login.example.com/jwks"`,
		`"jku":""`, `"jku":null`, `"x5u":"https://evil.example/"`, `"x5u":null`, `"x5u":"file:///etc/passwd"`,
	} {
		add("header_keys", parameter[:min(30, len(parameter))], Invalid, rs256(`{"alg":"RS256","kid":"rsa",`+parameter+`}`, shopClaims))
		add("header_keys", "attacker's "+parameter[:min(30, len(parameter))], Invalid, sign("RS256", keys.rsa2, `{"alg":"RS256","kid":"rsa",`+parameter+`}`, shopClaims))
	}
	add("header_keys", "x5c of the attacker", Invalid, sign("RS256", keys.rsa2, `{"alg":"RS256","kid":"rsa","x5c":["`+base64.StdEncoding.EncodeToString(spki)+`"]}`, shopClaims))
	for _, parameter := range []string{
		`"crit":["exp"]`, `"crit":[]`, `"crit":null`, `"crit":"b64"`, `"crit":["alg"]`, `"crit":["b64"],"b64":false`, `"crit":["b64"],"b64":true`,
		`"crit":["x"],"x":1`, `"crit":{}`, `"crit":[""]`, `"b64":false`, `"b64":true`, `"b64":null`, `"zip":"DEF"`, `"zip":null`,
		`"enc":"A128GCM"`, `"enc":null`, `"cri\u0074":["exp"]`,
	} {
		add("crit", parameter, Invalid, rs256(`{"alg":"RS256","kid":"rsa",`+parameter+`}`, shopClaims))
	}

	// kid.
	for _, kid := range []string{
		`""`, `null`, `1`, `true`, `[]`, `["rsa"]`, `{}`, `{"rsa":1}`, `"rsa\u0000"`, `"rsa\n"`, `"\trsa"`, `"r\u0007sa"`, `"RSA"`, `"rsa "`, `" rsa"`, `"rsa/"`,
		`"../../../../dev/null"`, `"/dev/null"`, `"file:///dev/null"`, `"rsa' OR '1'='1"`, `"' UNION SELECT 'a"`, `"rsa; sleep 9"`, `"$(id)"`,
		`"| whoami"`, `"\u007f"`, `"rsä"`, `"ｒsa"`, `"😀"`, `"*"`, `"%72sa"`, `"rsa,p256"`, `"__proto__"`, `"constructor"`, `"0"`, `"enc"`,
		`"https://evil.example/jwks"`, `"` + strings.Repeat("a", 256) + `"`, `"` + strings.Repeat("a", 257) + `"`, `"` + strings.Repeat("a", 9000) + `"`,
	} {
		add("kid", kid[:min(40, len(kid))], Invalid, rs256(`{"alg":"RS256","kid":`+kid+`}`, shopClaims))
	}
	// A secret has no name, so that here nothing but the form of the kid counts.
	for kid, want := range map[string]Kind{
		"rsa": accepted, " ": accepted, "~": accepted, `\u0041`: accepted, strings.Repeat("a", 256): accepted,
		strings.Repeat("a", 257): Invalid, "": Invalid, `\u007f`: Invalid, `\u001f`: Invalid, `a\n`: Invalid, `\u0000`: Invalid, "é": Invalid,
	} {
		add("kid", "secret, "+kid[:min(10, len(kid))], want, sign("HS256", keys.secret, `{"alg":"HS256","kid":"`+kid+`"}`, miniClaims))
	}
	add("kid", "KID is no kid", accepted, rs256(`{"alg":"RS256","KID":"enc"}`, shopClaims))

	for _, typ := range []string{
		`"dpop+jwt"`, `"logout+jwt"`, `"secevent+jwt"`, `"JOSE"`, `"JOSE+JSON"`, `"JWE"`, `"id+jwt"`, `""`, `null`, `1`, `["JWT"]`, `"JWT "`, `"at+jwt;v=1"`,
		`"text/jwt"`, `"application/application/jwt"`, `"jwt\u0000"`, `"application/"`,
	} {
		add("typ", typ, Invalid, rs256(`{"alg":"RS256","kid":"rsa","typ":`+typ+`}`, shopClaims))
	}
	for _, cty := range []string{`"JWT"`, `"jwt"`, `"jWt"`, `"application/jwt"`, `"APPLICATION/JWT"`, `1`, `null`} {
		add("typ", "cty "+cty, Invalid, rs256(`{"alg":"RS256","kid":"rsa","cty":`+cty+`}`, shopClaims))
	}
	add("typ", "cty json", accepted, rs256(`{"alg":"RS256","kid":"rsa","cty":"json"}`, shopClaims))

	// The outer form.
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

	// JSON.
	for name, claims := range map[string]string{
		"duplicate sub": claimsWith()[:len(claimsWith())-1] + `,"sub":"root"}`, "duplicate, escaped": claimsWith()[:len(claimsWith())-1] + `,"\u0073ub":"root"}`,
		"duplicate exp": claimsWith()[:len(claimsWith())-1] + `,"exp":1800003600}`, "duplicate, nested": claimsWith("x", `{"a":{"b":1,"b":2}}`),
		"trailing object": shopClaims + "{}", "trailing text": shopClaims + "x", "trailing NUL": shopClaims + "\x00", "BOM": "\ufeff" + shopClaims,
		"null": "null", "array": "[" + shopClaims + "]", "string": `"a"`, "number": "1", "empty object": "{}", "cut": shopClaims[:len(shopClaims)-1], "comma": strings.Replace(shopClaims, "}", ",}", 1),
		"single quotes": strings.ReplaceAll(shopClaims, `"`, `'`), "comment": "/**/" + shopClaims, "invalid UTF-8": claimsWith("sub", "\"a\xff\""), "overlong": claimsWith("sub", "\"\xc0\xaf\""),
		"invalid UTF-8 elsewhere": claimsWith("x", "\"\xfe\""), "lone surrogate": claimsWith("sub", `"a\ud800"`), "lone low surrogate": claimsWith("x", `["\udc00"]`),
		"U+FFFD": claimsWith("sub", `"a�"`), "U+FFFD escaped": claimsWith("sub", `"a\ufffd"`), "control character": claimsWith("sub", "\"a\tb\""),
		"9 deep": claimsWith("x", nested(8)), "1000 deep": claimsWith("x", nested(1000)), "NaN": claimsWith("x", "NaN"), "leading zero": claimsWith("x", "01"), "plus": claimsWith("x", "+1"),
	} {
		add("json", name, Invalid, rs256(header, claims))
	}
	add("json", "8 deep", accepted, rs256(header, claimsWith("x", nested(7))))
	for name, head := range map[string]string{
		"duplicate alg": `{"alg":"none","alg":"RS256","kid":"rsa"}`, "duplicate kid": `{"alg":"RS256","kid":"x","\u006bid":"rsa"}`, "trailing": header + " 1", "array": `["RS256"]`, "null": "null",
		"9 deep": `{"alg":"RS256","x":` + nested(8) + `}`, "duplicate, nested": `{"alg":"RS256","kid":"rsa","x":[{"a":1,"a":1}]}`, "invalid UTF-8": "{\"alg\":\"RS256\",\"x\":\"\xff\"}", "surrogate": `{"alg":"RS256","x":"\ud800"}`,
	} {
		add("json", "header: "+name, Invalid, rs256(head, shopClaims))
	}

	// Times. The leeway is 30 s and the longest life 86400 s.
	for raw, want := range map[string]Kind{
		"": Invalid, "null": Invalid, `"1800003600"`: Invalid, "true": Invalid, "[]": Invalid, "{}": Invalid, "[1800003600]": Invalid, `""`: Invalid, "0": Invalid, "-0": Invalid, "-1": Invalid, "-1800003600": Invalid,
		"1e400": Invalid, "1e19": Invalid, "1e300": Invalid, "-1e300": Invalid, "9223372036854775807": Invalid, "9223372036854775808": Invalid, "18446744073709551616": Invalid, "253402300800": Invalid,
		"253402300799": Invalid, "253402300799.5": Invalid, "1800003600000": Invalid, "0.5": Invalid, "1800086401": Invalid, "1800086400.000000001": Invalid, "1800086400.5": Invalid,
		"1800086400": accepted, "1800000000": accepted, "1799999970.000000001": accepted, "1.80000036e9": accepted, "1800003600.25": accepted, "18000036e2": accepted, "1800003600.0": accepted,
		"1799999970": Expired, "1799999970.0": Expired, "1799999969.999999999": Expired, "1799999971": accepted, "1": Expired, "1e0": Expired, "1000000000": Expired,
	} {
		add("time", "exp "+raw, want, rs256(header, claimsWith("exp", raw)))
	}
	for _, name := range []string{"nbf", "iat"} {
		for raw, want := range map[string]Kind{
			"null": Invalid, `"1800000000"`: Invalid, `"0"`: Invalid, "true": Invalid, "[]": Invalid, "-1": Invalid, "-1e-9": Invalid, "1e400": Invalid, "1e19": Invalid, "9223372036854775807": Invalid, "253402300800": Invalid, "1800000000000": Invalid,
			"0": accepted, "-0": accepted, "0.0": accepted, "1e-400": accepted, "1": accepted, "1800000000": accepted, "1800000030": accepted, "18e8": accepted,
			"1800000030.000000001": NotYetValid, "1800000031": NotYetValid, "1800003600": NotYetValid, "253402300799": NotYetValid,
		} {
			add("time", name+" "+raw, want, rs256(header, claimsWith(name, raw)))
		}
	}
	add("time", "EXP beside an expired exp", Expired, rs256(header, claimsWith("exp", "1700000000", "EXP", "1800003600", "Exp", "1800003600")))
	add("time", "expired and not yet valid", Expired, rs256(header, claimsWith("exp", "1700000000", "nbf", "1900000000")))

	// What is invalid stays so, expired or not.
	for class, claims := range map[string]string{
		"expired": claimsWith("exp", "1700000000"), "not yet valid": claimsWith("nbf", "1800001000"),
	} {
		add("time", class+", other key", Invalid, sign("RS256", keys.rsa2, header, claims))
		add("time", class+", unknown kid", Invalid, rs256(`{"alg":"RS256","kid":"x"}`, claims))
		add("time", class+", wrong alg", Invalid, sign("RS512", keys.rsa, `{"alg":"RS512","kid":"rsa"}`, claims))
		add("time", class+", crit", Invalid, rs256(`{"alg":"RS256","kid":"rsa","crit":["exp"]}`, claims))
		add("time", class+", wrong aud", Invalid, rs256(header, strings.Replace(claims, "cos-credentials", "other", 1)))
		add("time", class+", wrong iss", Invalid, rs256(header, strings.Replace(claims, "login.", "evil.", 1)))
		add("time", class+", no sub", Invalid, rs256(header, strings.Replace(claims, `"user-42"`, `""`, 1)))
	}
	add("time", "not yet valid, life too long", Invalid, rs256(header, claimsWith("exp", "1800172800", "nbf", "1800100000")))
	add("time", "expired, iat a string", Invalid, rs256(header, claimsWith("exp", "1700000000", "iat", `"1"`)))

	for _, iss := range []string{
		"", "null", "1", "true", `""`, `[]`, `["https://login.example.com/"]`, `{}`, `"https://login.example.com"`, `"https://login.example.com//"`, `"https://LOGIN.example.com/"`,
		`"http://login.example.com/"`, `"https://login.example.com/ "`, `" https://login.example.com/"`, `"https://login.example.com/\u0000"`, `"https://login.example.com:443/"`, `"https://login.example.com/."`,
		`"https://evil.example/"`, `"https://login.example.com/evil"`, `"https://login.example.com.evil.example/"`, `"shop"`, `"*"`, `"mini-program"`,
	} {
		add("iss", iss, Invalid, rs256(header, claimsWith("iss", iss)))
	}
	for _, iss := range []string{"ISS", "Iss", "iſs", "iss "} {
		add("iss", "only "+iss, Invalid, rs256(header, claimsWith("iss", "", iss, `"https://login.example.com/"`)))
		add("iss", iss+" beside a wrong one", Invalid, rs256(header, claimsWith("iss", `"https://evil.example/"`, iss, `"https://login.example.com/"`)))
		add("iss", iss+" beside the right one", accepted, rs256(header, claimsWith(iss, `"https://evil.example/"`)))
	}

	for _, aud := range []string{
		"", "null", "1", "true", `""`, `[]`, `{}`, `{"cos-credentials":1}`, `"COS-credentials"`, `"cos-credentials "`, `"cos-credentials/"`, `"cos-credentials,other"`, `"cos credentials"`, `"cos"`, `"https://cos-credentials"`, `"other"`,
		`["other"]`, `[["cos-credentials"]]`, `["cos-credentials",1]`, `["cos-credentials",null]`, `[{"a":"cos-credentials"}]`, `["cos-credentials",""]`, `"*"`,
	} {
		add("aud", aud, Invalid, rs256(header, claimsWith("aud", aud)))
	}
	add("aud", "azp instead", Invalid, rs256(header, claimsWith("aud", `"other"`, "azp", `"cos-credentials"`)))
	add("aud", "client_id instead", Invalid, rs256(header, claimsWith("aud", "", "client_id", `"cos-credentials"`)))
	add("aud", "AUD instead", Invalid, rs256(header, claimsWith("aud", `"other"`, "AUD", `"cos-credentials"`)))
	for _, aud := range []string{`["cos-credentials"]`, `["other","cos-credentials"]`, `["cos-credentials","cos-credentials"]`, `["` + strings.Repeat(`other","`, 100) + `cos-credentials"]`} {
		add("aud", aud[:min(40, len(aud))], accepted, rs256(header, claimsWith("aud", aud)))
	}

	for _, sub := range []string{"", "null", "1", "0", "true", "false", `""`, `[]`, `["user-42"]`, `{}`, "1e3"} {
		add("sub", sub, Invalid, rs256(header, claimsWith("sub", sub)))
	}
	add("sub", "SUB only", Invalid, rs256(header, claimsWith("sub", "", "SUB", `"user-42"`)))
	for _, sub := range []string{`" "`, `"*"`, `"../x"`, `"a/b"`, `"\u0000"`, `"auth0|1"`} { // for the prefix template to refuse
		add("sub", sub, accepted, rs256(header, claimsWith("sub", sub)))
	}
	for _, jti := range []string{"1", "null", `["a"]`, "true"} {
		add("sub", "jti "+jti, Invalid, rs256(header, claimsWith("jti", jti)))
	}
	add("sub", "jti", accepted, rs256(header, claimsWith("jti", `"a"`)))
	for _, cnf := range []string{`{"jkt":"a"}`, `{"x5t#S256":"a"}`, "null", `{}`} {
		add("cnf", cnf, Invalid, rs256(header, claimsWith("cnf", cnf)))
	}
	return all
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
		if got == accepted && (identity.Subject == "" || identity.Claims["sub"] != identity.Subject || identity.Expires.IsZero()) {
			t.Errorf("%s: %s: incomplete identity", a.class, a.name)
		}
	}
	total := 0
	for _, n := range count {
		total += n
	}
	t.Log(total, count)
	if total < 250 || len(count) < 14 {
		t.Errorf("the corpus shrank: %d tokens in %d classes", total, len(count))
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
