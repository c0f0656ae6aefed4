package login

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/policy/trust"
)

// epoch is when every test takes place, unless it moves the clock.
var epoch = time.Unix(1_800_000_000, 0)

// keyring holds one key of each kind; RSA keys take too long to make one for each test.
var keyring = sync.OnceValue(func() (keys struct {
	rsa, rsa2, rsaSmall *rsa.PrivateKey
	p256, p384, p521    *ecdsa.PrivateKey
	ed25519             ed25519.PrivateKey
	secret              []byte
	secrets             [4][]byte // three of one issuer, and one that it no longer uses
}) {
	keys.rsa = must(rsa.GenerateKey(rand.Reader, 2048))
	keys.rsa2 = must(rsa.GenerateKey(rand.Reader, 2048))
	keys.rsaSmall = must(rsa.GenerateKey(rand.Reader, 1024))
	keys.p256 = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	keys.p384 = must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	keys.p521 = must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader))
	keys.ed25519 = ed25519.NewKeyFromSeed([]byte("the same in every process, to fuzz"[:32])) // as is the secret
	keys.secret = []byte(strings.Repeat("secret-0", 8))
	for i := range keys.secrets {
		keys.secrets[i] = []byte(strings.Repeat("secret-"+strconv.Itoa(i+1), 8))
	}
	return keys
})

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// sign makes a token of these texts, whatever they hold.
func sign(alg string, key any, header, claims string) string {
	input := b64([]byte(header)) + "." + b64([]byte(claims))
	return input + "." + b64(must(jwt.GetSigningMethod(alg).Sign(input, key)))
}

// jwk writes a public key as a JSON Web Key; further members come in pairs.
func jwk(public crypto.PublicKey, further ...string) map[string]any {
	members := map[string]any{}
	switch key := public.(type) {
	case *rsa.PublicKey:
		members["kty"], members["n"], members["e"] = "RSA", b64(key.N.Bytes()), b64(big.NewInt(int64(key.E)).Bytes())
	case *ecdsa.PublicKey:
		point := must(key.Bytes())[1:]
		members["kty"], members["crv"] = "EC", key.Params().Name
		members["x"], members["y"] = b64(point[:len(point)/2]), b64(point[len(point)/2:])
	case ed25519.PublicKey:
		members["kty"], members["crv"], members["x"] = "OKP", "Ed25519", b64(key)
	}
	for i := 0; i < len(further); i += 2 {
		members[further[i]] = further[i+1]
	}
	return members
}

func with(members map[string]any, name string, value any) map[string]any {
	members = maps.Clone(members)
	members[name] = value
	return members
}

func jwks(keys ...map[string]any) string {
	if keys == nil {
		keys = []map[string]any{}
	}
	return string(must(json.Marshal(map[string]any{"keys": keys})))
}

// shop is an issuer of one RSA key, as the access file would have it.
func shop() trust.Issuer {
	return trust.Issuer{
		Name:        "shop",
		Spellings:   []string{"https://login.example.com/"},
		Audiences:   []string{"cos-credentials"},
		Algorithms:  []string{"RS256"},
		JWKS:        jwks(jwk(keyring().rsa.Public(), "kid", "rsa")),
		Leeway:      30 * time.Second,
		MaxLifetime: 24 * time.Hour,
	}
}

const shopClaims = `{"iss":"https://login.example.com/","sub":"user-42","aud":"cos-credentials","exp":1800003600}`

func newVerifier(t testing.TB, issuers ...trust.Issuer) *Verifier {
	t.Helper()
	v, err := New(issuers, Revoked{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	v.now = func() time.Time { return epoch }
	return v
}

// accepted is what outcome returns for no error.
const accepted Kind = -1

// outcome is the kind of an error, which must be an *Error.
func outcome(t testing.TB, err error) Kind {
	t.Helper()
	if err == nil {
		return accepted
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error of type %T: %v", err, err)
	}
	if (e.Kind == KeysUnavailable) != (e.RetryAfter >= time.Second) || e.RetryAfter%time.Second != 0 {
		t.Fatalf("RetryAfter %v for %v", e.RetryAfter, e)
	}
	return e.Kind
}

func verify(t testing.TB, v *Verifier, token string) (Identity, Kind) {
	t.Helper()
	identity, err := v.Verify(context.Background(), token)
	return identity, outcome(t, err)
}
