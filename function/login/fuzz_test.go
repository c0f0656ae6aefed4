package login

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// FuzzVerify: whatever the token, the verifier answers with an identity that the token's bytes say, or with an *Error. Of the
// seeds only those of the corpus are accepted, for no other has a signature.
func FuzzVerify(f *testing.F) {
	v, err := New(victims(), Revoked{})
	if err != nil {
		f.Fatal(err)
	}
	v.now = newVerifier(f, shop()).now
	valid := map[string]bool{}
	for _, a := range attacks() {
		valid[a.token] = a.want == accepted
		f.Add(a.token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		identity, kind := verify(t, v, token)
		if kind != accepted {
			return
		}
		// Keys are new in every process: what the fuzzer kept from an earlier one is invalid now.
		if !valid[token] {
			t.Fatalf("forged: %q", token)
		}
		data, _ := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
		var claims map[string]any
		if json.Unmarshal(data, &claims) != nil || claims["sub"] != identity.Subject {
			t.Fatalf("%q is not what %s says", identity.Subject, data)
		}
	})
}

// FuzzSigned signs whatever claims and header parameters it is given: what is accepted then has been said once, by exact
// names, and reads alike in encoding/json.
func FuzzSigned(f *testing.F) {
	v, err := New(victims(), Revoked{})
	if err != nil {
		f.Fatal(err)
	}
	v.now = newVerifier(f, shop()).now
	f.Add(`{"alg":"HS256"}`, claimsWith("iss", `"mini-program"`))
	for _, a := range attacks() {
		parts := strings.Split(a.token, ".")
		if len(parts) != 3 {
			continue
		}
		header, _ := base64.RawURLEncoding.DecodeString(parts[0])
		claims, _ := base64.RawURLEncoding.DecodeString(parts[1])
		f.Add(strings.ReplaceAll(string(header), "RS256", "HS256"),
			strings.ReplaceAll(string(claims), "https://login.example.com/", "mini-program"))
	}
	f.Fuzz(func(t *testing.T, header, claims string) {
		identity, kind := verify(t, v, sign("HS256", keyring().secret, header, claims))
		if kind != accepted {
			if identity.Claims != nil {
				t.Fatal("an identity beside the error")
			}
			return
		}
		var lenientHeader, lenient map[string]any
		if json.Unmarshal([]byte(header), &lenientHeader) != nil || json.Unmarshal([]byte(claims), &lenient) != nil {
			t.Fatalf("encoding/json refuses %s %s", header, claims)
		}
		aud, _ := json.Marshal(lenient["aud"])
		exp, _ := lenient["exp"].(float64)
		switch {
		case lenientHeader["alg"] != "HS256", lenientHeader["crit"] != nil, lenientHeader["jwk"] != nil, lenientHeader["b64"] != nil:
			t.Fatalf("header %s", header)
		case identity.Issuer != "mini" || lenient["iss"] != "mini-program", identity.Subject == "" || lenient["sub"] != identity.Subject:
			t.Fatalf("%q %q of %s", identity.Issuer, identity.Subject, claims)
		case !strings.Contains(string(aud), `"cos-credentials"`), exp < 1799999969 || exp > 1800086431:
			t.Fatalf("aud or exp of %s", claims)
		}
	})
}

// FuzzKeySet: a set is refused with a reason, or holds keys that golang-jwt can use.
func FuzzKeySet(f *testing.F) {
	for _, i := range victims() {
		f.Add([]byte(i.JWKS))
	}
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"a"},{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},{"kty":"OKP"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := parseKeySet(data, asymmetric)
		if (err == nil) != (len(set) > 0) {
			t.Fatal(len(set), err)
		}
		var why refusal
		if err != nil && !errors.As(err, &why) {
			t.Fatalf("%T", err)
		}
		for _, key := range set {
			if _, err := inspect(key.value); err != nil || len(key.algorithms) == 0 {
				t.Fatal(key.algorithms, err)
			}
			for _, alg := range key.algorithms {
				if jwt.GetSigningMethod(alg).Verify("a.b", make([]byte, 64), key.value) == nil {
					t.Fatalf("%s: zeros are a signature", alg)
				}
			}
		}
	})
}
