package login

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// joseHeader is what attackers write into a JOSE header.
func (c *corpus) header() {
	add, keys := c.add, keyring()
	part := segmentsOf(rs256(goodHeader, shopClaims))
	miniClaims := claimsWith("iss", `"mini-program"`)

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

	// Parameters that bring the key along, or change what is signed.
	spki := must(x509.MarshalPKIXPublicKey(keys.rsa.Public()))
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
		`"text/jwt"`, `"application/application/jwt"`, `"jwt\u0000"`, `"application/"`, `"appl\u0130cation/jwt"`, `"ＪＷＴ"`, `"jwt,at+jwt"`, `"+jwt"`,
	} {
		add("typ", typ, Invalid, rs256(`{"alg":"RS256","kid":"rsa","typ":`+typ+`}`, shopClaims))
	}
	for _, cty := range []string{`"JWT"`, `"jwt"`, `"jWt"`, `"application/jwt"`, `"APPLICATION/JWT"`, `1`, `null`} {
		add("typ", "cty "+cty, Invalid, rs256(`{"alg":"RS256","kid":"rsa","cty":`+cty+`}`, shopClaims))
	}
	add("typ", "cty json", accepted, rs256(`{"alg":"RS256","kid":"rsa","cty":"json"}`, shopClaims))
}
