package login

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// FuzzVerify: whatever the token, the verifier answers with an identity that the token's bytes say, or with an *Error.
// Of the seeds only those of the corpus are accepted, for no other has a signature.
func FuzzVerify(f *testing.F) {
	v, err := New(victims(), Revoked{}, nil)
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
		var claims struct {
			Sub any
			UID json.Number
		}
		err := json.Unmarshal(data, &claims)
		said := claims.Sub
		if identity.Issuer == "uni" {
			said = string(claims.UID)
		}
		if err != nil || said != identity.Subject {
			t.Fatalf("%q is not what %s says", identity.Subject, data)
		}
	})
}

// FuzzSigned signs whatever claims and header parameters it is given: what is accepted then has been said once, by
// exact names, and reads alike in encoding/json.
func FuzzSigned(f *testing.F) {
	v, err := New(victims(), Revoked{}, nil)
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
		f.Add(string(header), string(claims))
		f.Add(strings.ReplaceAll(string(header), "RS256", "HS256"),
			strings.ReplaceAll(string(claims), "https://login.example.com/", "mini-program"))
	}
	keys := keyring()
	f.Fuzz(func(t *testing.T, header, claims string) {
		for _, key := range [][]byte{keys.secret, keys.secrets[1]} {
			identity, kind := verify(t, v, sign("HS256", key, header, claims))
			if kind == accepted {
				holdsWhatItSays(t, identity, header, claims)
			} else if identity.Claims != nil {
				t.Fatal("an identity beside the error")
			}
		}
	})
}

// holdsWhatItSays compares an identity with what encoding/json reads, by the rules of the issuer that was found.
func holdsWhatItSays(t *testing.T, identity Identity, header, claims string) {
	var h, c map[string]any
	reader := json.NewDecoder(strings.NewReader(claims))
	reader.UseNumber()
	if json.Unmarshal([]byte(header), &h) != nil || reader.Decode(&c) != nil {
		t.Fatalf("encoding/json refuses %s %s", header, claims)
	}
	if h["alg"] != "HS256" || h["crit"] != nil || h["jwk"] != nil || h["b64"] != nil {
		t.Fatalf("header %s", header)
	}
	number := func(value any) float64 {
		digits, _ := value.(json.Number)
		f, _ := digits.Float64()
		return f
	}
	exp, iat := number(c["exp"]), number(c["iat"])
	if exp < 1799999969 || exp > 1800086431 || c["iat"] != nil && exp-iat > 86431 {
		t.Fatalf("exp or iat of %s", claims)
	}
	app, _ := c["app"].(map[string]any)
	var user, client any
	switch identity.Issuer {
	case "mini":
		user = c["sub"]
	case "both":
		user, client = c["sub"], c["client_id"]
		scope, isText := c["scope"].(string)
		scopes, isList := c["scope"].([]any)
		if isText {
			scopes = nil
			for _, word := range strings.Split(scope, " ") {
				scopes = append(scopes, word)
			}
		}
		if !isText && !isList || slices.Contains(scopes, any("anonymous")) || c["is_anonymous"] == true ||
			!slices.Contains(scopes, any("user")) && !slices.Contains(scopes, any("staff")) {
			t.Fatalf("required or refused claims of %s", claims)
		}
	case "uni":
		user, client = c["uid"], app["id"]
		if digits, ok := user.(json.Number); !ok || strings.ContainsAny(string(digits), "-.eE") || len(digits) > 19 {
			t.Fatalf("uid of %s", claims)
		}
	}
	iss, _ := c["iss"].(string)
	if !slices.Contains(map[string][]string{
		"mini": {"mini-program"}, "both": {"https://both.example.com/", "https://both.example.com"}, "uni": {"uni-id"},
	}[identity.Issuer], iss) {
		t.Fatalf("%q of %s", identity.Issuer, claims)
	}
	if fmt.Sprint(user) != identity.Subject || identity.Subject == "" || identity.Claims["sub"] != user {
		t.Fatalf("%q, %v of %s", identity.Subject, identity.Claims["sub"], claims)
	}
	aud, _ := json.Marshal(c["aud"])
	_, present := c["aud"]
	absent := !present || string(aud) == "[]"
	if !strings.Contains(string(aud), `"cos-credentials"`) && !(absent && client == "cos-credentials") {
		t.Fatalf("aud of %s", claims)
	}
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
