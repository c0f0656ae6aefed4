package login

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// BenchmarkVerify measures the whole check beside the bare signature check, the difference of which is what strictness
// costs, and that of a token that comes again.
func BenchmarkVerify(b *testing.B) {
	keys := keyring()
	v := newVerifier(b, victims()...)
	for _, c := range []struct {
		alg, kid, iss string
		private       any
		public        any
	}{
		{"HS256", "1", "mini-program", keys.secret, keys.secret},
		{"RS256", "rsa", "https://login.example.com/", keys.rsa, &keys.rsa.PublicKey},
		{"ES256", "p256", "https://login.example.com/", keys.p256, &keys.p256.PublicKey},
		{"EdDSA", "ed/+ 1~", "https://login.example.com/", keys.ed25519, keys.ed25519.Public()},
	} {
		token := sign(c.alg, c.private, `{"alg":"`+c.alg+`","typ":"JWT","kid":"`+c.kid+`"}`, fmt.Sprintf(
			`{"iss":%q,"sub":"user-42","aud":["cos-credentials","account"],"exp":1800003600,"iat":1800000000,"nbf":1800000000,`+
				`"jti":"6f1c0b9e-0b1c-4d52-9f7e","azp":"web","scope":"openid profile","role":["member","staff"],"tenant":"t-7","profile":{"openid":"o-42"}}`, c.iss))
		i := strings.LastIndexByte(token, '.')
		signature := must(base64.RawURLEncoding.DecodeString(token[i+1:]))
		b.Run(c.alg+"/verify", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v.proven.by.Purge()
				if _, err := v.Verify(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.alg+"/again", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.alg+"/signature", func(b *testing.B) {
			b.ReportAllocs()
			method := jwt.GetSigningMethod(c.alg)
			for b.Loop() {
				if err := method.Verify(token[:i], signature, c.public); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSecrets is what further secrets cost: each is tried with every token.
func BenchmarkSecrets(b *testing.B) {
	keys := keyring()
	for n := 1; n <= 3; n++ {
		i := shop()
		i.JWKS, i.Algorithms = "", []string{"HS256"}
		for _, secret := range keys.secrets[:n] {
			i.Secrets = append(i.Secrets, secret)
		}
		v := newVerifier(b, i)
		for place, token := range map[string]string{
			"newest": sign("HS256", keys.secrets[0], `{"alg":"HS256","typ":"JWT"}`, shopClaims),
			"oldest": sign("HS256", keys.secrets[n-1], `{"alg":"HS256","typ":"JWT"}`, shopClaims),
			"none":   sign("HS256", keys.secrets[3], `{"alg":"HS256","typ":"JWT"}`, shopClaims),
		} {
			b.Run(fmt.Sprint(n, "/", place), func(b *testing.B) {
				for b.Loop() {
					if _, err := v.Verify(b.Context(), token); (err == nil) != (place != "none") {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkRefuse is what garbage costs.
func BenchmarkRefuse(b *testing.B) {
	v := newVerifier(b, victims()...)
	for name, token := range map[string]string{
		"16 KiB of letters": strings.Repeat("A", maxToken),
		"16 KiB of claims":  "eyJhbGciOiJSUzI1NiJ9." + b64([]byte(claimsWith("iss", `"x"`, "x", "["+strings.Repeat("1,", 5500)+"1]"))) + ".AAAA",
		"another issuer":    sign("RS256", keyring().rsa, `{"alg":"RS256"}`, claimsWith("iss", `"x"`)),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(b.Context(), token); err == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}

func BenchmarkParseKeySet(b *testing.B) {
	data := []byte(victims()[0].JWKS)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseKeySet(data, asymmetric); err != nil {
			b.Fatal(err)
		}
	}
}
