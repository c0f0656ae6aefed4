package recipes

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/policy/trust"
)

// in is a time, by its distance from now in seconds.
type in int

const (
	minute in = 60
	hour   in = 60 * minute
	day    in = 24 * hour
)

// key is one of ours, and its public half.
type key struct {
	private any
	public  map[string]string // as a JSON Web Key
}

// keys are our own, by the algorithm that they sign with. They stand for the issuers'.
var keys = sync.OnceValue(func() map[string]key {
	b64 := func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	e := big.NewInt(int64(private.E)).Bytes()
	made := map[string]key{
		"RS256": {private, map[string]string{"kty": "RSA", "kid": "RS256", "n": b64(private.N.Bytes()), "e": b64(e)}},
		"HS256": {[]byte(environment["JWT_SECRET"]), nil},
		"HS512": {[]byte(environment["JWT_SECRET"] + environment["JWT_SECRET"]), nil},
	}
	for alg, curve := range map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384()} {
		private, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			panic(err)
		}
		point, err := private.PublicKey.Bytes() // 4, x, y
		if err != nil {
			panic(err)
		}
		half := len(point)/2 + 1
		made[alg] = key{private, map[string]string{
			"kty": "EC", "kid": alg, "crv": curve.Params().Name, "x": b64(point[1:half]), "y": b64(point[half:]),
		}}
	}
	return made
})

// withOwnKeys replaces the key sets that issuers publish by one of ours: the one place where a recipe is not
// tried as it
// stands. Its secrets come from the environment, and stay.
func withOwnKeys(issuers []trust.Issuer) []trust.Issuer {
	var set struct {
		Keys []map[string]string `json:"keys"`
	}
	for _, k := range keys() {
		if k.public != nil {
			set.Keys = append(set.Keys, k.public)
		}
	}
	text, err := json.Marshal(set)
	if err != nil {
		panic(err)
	}
	issuers = slices.Clone(issuers)
	for n := range issuers {
		if i := &issuers[n]; i.JWKSURI != "" || i.Discovery {
			i.JWKSURI, i.Discovery, i.JWKS = "", false, string(text)
		}
	}
	return issuers
}

// sign makes one of a provider's tokens.
func (p provider) sign(t *testing.T, one token) string {
	t.Helper()
	if one.raw != "" {
		return one.raw
	}
	alg := p.alg
	if one.alg != "" {
		alg = one.alg
	}
	held := jwt.MapClaims(maps.Clone(p.usual))
	maps.Copy(held, one.change)
	now := time.Now().Unix()
	for name, value := range held {
		switch value := value.(type) {
		case nil:
			delete(held, name)
		case in:
			held[name] = now + int64(value)
		}
	}
	unsigned := jwt.NewWithClaims(jwt.GetSigningMethod(alg), held)
	unsigned.Header["kid"] = alg
	signed, err := unsigned.SignedString(p.key(alg))
	if err != nil {
		t.Fatal(fmt.Errorf("%s: %w", one.what, err))
	}
	return signed
}

// key is the provider's own secret, or one of our keys.
func (p provider) key(alg string) any {
	if p.secret != "" && alg == "HS256" {
		return []byte(environment[p.secret])
	}
	return keys()[alg].private
}

// encrypted is a JWE, of five segments: what some issuers' refresh tokens are.
const encrypted = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..aXY.Y2lwaGVy.dGFn"
