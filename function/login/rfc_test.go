package login

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cos-credentials/policy/trust"
)

// asymmetric are all algorithms of public keys.
var asymmetric = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// verifyJWS checks what precedes the claims: form, header, choice of the key and signature. The examples of the RFCs and of
// Wycheproof are signed, but few are claims. A symmetric JWK stands for a configured secret.
func verifyJWS(token string, keys ...map[string]any) error {
	s, err := split(token)
	if err != nil {
		return err
	}
	parameters, why := decodeObject(s.header)
	if why != "" {
		return errors.New(why)
	}
	issuer, err := issuerOf(keys)
	if err != nil {
		return err
	}
	p := &presented{signed: s.signed, signature: s.signature, parameters: parameters, issuer: issuer, by: &Verifier{proven: newProven()}}
	for _, r := range rules {
		switch r.name {
		case "header", "kid", "typ", "alg", signature:
			if err := r.check(p, context.Background()); err != nil {
				return err
			}
		}
	}
	return nil
}

func issuerOf(keys []map[string]any) (*trusted, error) {
	i := shop()
	i.Algorithms = asymmetric
	if len(keys) == 1 && keys[0]["kty"] == "oct" {
		alg, _ := keys[0]["alg"].(string)
		if alg == "" {
			alg = "HS256"
		}
		i.JWKS, i.Algorithms = "", []string{alg}
		i.Secrets = []trust.Secret{must(base64.RawURLEncoding.DecodeString(keys[0]["k"].(string)))}
	} else {
		i.JWKS = jwks(keys...)
	}
	v, err := New([]trust.Issuer{i}, Revoked{}, nil)
	if err != nil {
		return nil, err
	}
	return v.issuers[i.Spellings[0]], nil
}

// public leaves out what the examples tell about the private key.
func public(key map[string]any) map[string]any {
	key = maps.Clone(key)
	if key["kty"] != "oct" {
		for _, name := range privateMembers {
			delete(key, name)
		}
	}
	return key
}

func readJSON(t *testing.T, path string, value any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, value)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestRFCExamples(t *testing.T) {
	var file struct {
		Cases []struct {
			Source, Result, Compact string
			Key                     map[string]any
		}
	}
	readJSON(t, "testdata/rfc/rfc_compact.json", &file)
	if len(file.Cases) < 7 {
		t.Fatal("cases are missing")
	}
	for _, c := range file.Cases {
		if err := verifyJWS(c.Compact, c.Key); (err == nil) != (c.Result == "valid") {
			t.Errorf("%s: %v, want %s", c.Source, err, c.Result)
		}
	}
}

// RFC 7520, RFC 8037 and RFC 7797. Valid is the compact form of a token that holds its claims, and they are its bytes; a
// detached or unencoded payload and the JSON serialisation are no token.
func TestCookbook(t *testing.T) {
	files, _ := filepath.Glob("testdata/rfc/cookbook/*/*.json")
	valid, refused := 0, 0
	for _, path := range files {
		var example struct {
			Input  struct{ Key any } // one or, with several signatures, an array
			Output map[string]any
		}
		readJSON(t, path, &example)
		for form, output := range example.Output {
			token, compact := output.(string)
			if !compact {
				token = string(must(json.Marshal(output)))
			}
			key, _ := example.Input.Key.(map[string]any)
			err := verifyJWS(token, public(key))
			want := compact && !strings.Contains(path, "detached") && !strings.Contains(path, "b64")
			if (err == nil) != want {
				t.Errorf("%s, %s: %v", path, form, err)
			}
			if want {
				valid++
				continue
			}
			refused++
		}
	}
	if valid != 5 || refused < 10 {
		t.Errorf("%d valid, %d refused", valid, refused)
	}
	var nested struct {
		Sign, Encrypt struct{ Output map[string]any }
	}
	readJSON(t, "testdata/rfc/cookbook/6.nesting_signatures_and_encryption.json", &nested)
	if err := verifyJWS(nested.Encrypt.Output["compact"].(string)); err == nil {
		t.Error("a JWE is no token")
	}
}

func TestCookbookKeys(t *testing.T) {
	for path, want := range map[string]string{
		"3_1.ec_public_key":                 "",
		"3_3.rsa_public_key":                "",
		"3_2.ec_private_key":                "it holds private or symmetric members",
		"3_4.rsa_private_key":               "it holds private or symmetric members",
		"3_5.symmetric_key_mac_computation": "it holds private or symmetric members",
	} {
		var key map[string]any
		readJSON(t, "testdata/rfc/cookbook/jwk/"+path+".json", &key)
		_, err := parseJWK(key, asymmetric)
		if why := refusal(""); want == "" && err != nil || want != "" && (!errors.As(err, &why) || string(why) != want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}
