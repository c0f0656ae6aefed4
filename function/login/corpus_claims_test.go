package login

import "strings"

// claims is JSON that two parsers read in two ways, or none.
func (c *corpus) claims() {
	const header = goodHeader
	add := c.add
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
}

// times: the leeway is 30 s and the longest life 86400 s.
func (c *corpus) times() {
	const header = goodHeader
	add, keys := c.add, keyring()
	for raw, want := range map[string]Kind{
		"": Invalid, "null": Invalid, `"1800003600"`: Invalid, "true": Invalid, "[]": Invalid, "{}": Invalid, "[1800003600]": Invalid, `""`: Invalid, "0": Invalid, "-0": Invalid, "-1": Invalid, "-1800003600": Invalid,
		"1e400": Invalid, "1e19": Invalid, "1e300": Invalid, "-1e300": Invalid, "9223372036854775807": Invalid, "9223372036854775808": Invalid, "18446744073709551616": Invalid, "253402300800": Invalid,
		"253402300799": Invalid, "253402300799.5": Invalid, "1800003600000": Invalid, "0.5": Invalid, "1800086431": Invalid, "1800086430.000000001": Invalid, "1800086430.5": Invalid,
		"1800086400": accepted, "1800086430": accepted, "1800086401": accepted, "1800000000": accepted, "1799999970.000000001": accepted, "1.80000036e9": accepted, "1800003600.25": accepted, "18000036e2": accepted, "1800003600.0": accepted,
		"1799999970": Expired, "1799999970.0": Expired, "1799999969.999999999": Expired, "1799999971": accepted, "1": Expired, "1e0": Expired, "1000000000": Expired,
	} {
		add("time", "exp "+raw, want, rs256(header, claimsWith("exp", raw)))
	}
	for name, always := range map[string]Kind{"nbf": accepted, "iat": Invalid} { // a life is counted from iat
		for raw, want := range map[string]Kind{
			"null": Invalid, `"1800000000"`: Invalid, `"0"`: Invalid, "true": Invalid, "[]": Invalid, "-1": Invalid, "-1e-9": Invalid, "1e400": Invalid, "1e19": Invalid, "9223372036854775807": Invalid, "253402300800": Invalid, "1800000000000": Invalid,
			"0": always, "-0": always, "0.0": always, "1e-400": always, "1": always, "1800000000": accepted, "1799917170": accepted, "1799917169.99": always, "1800000030": accepted, "18e8": accepted,
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
}

// parties are who says it, for whom, and of whom.
func (c *corpus) parties() {
	const header = goodHeader
	add := c.add
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
}
