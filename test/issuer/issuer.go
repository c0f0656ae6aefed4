// Package issuer makes login tokens and key sets for tests, so that no token and no key has to live in the repository.
package issuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

// KeyID is the kid of every key that is made here.
const KeyID = "test"

// Claims of a token; times are seconds since 1970.
type Claims = jwt.MapClaims

// Sign makes a token. The key is a secret ([]byte) for HS256, HS384 and HS512, a private key for ES256 and RS256, and
// nothing for none.
func Sign(algorithm string, key any, claims Claims) (string, error) {
	if algorithm == "none" {
		key = jwt.UnsafeAllowNoneSignatureType
	}
	method := jwt.GetSigningMethod(algorithm)
	if method == nil || key == nil {
		return "", fmt.Errorf("there is no alg=%s here", algorithm)
	}
	token := jwt.NewWithClaims(method, claims)
	if _, ok := key.(crypto.Signer); ok {
		token.Header["kid"] = KeyID
	}
	return token.SignedString(key)
}

// NewKey makes a private key for ES256 or RS256.
func NewKey(algorithm string) (crypto.Signer, error) {
	switch algorithm {
	case "ES256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "RS256":
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	return nil, fmt.Errorf("no key is made for alg=%s", algorithm)
}

// PEM is the public half of a key, as an access file's publicKey takes it.
func PEM(private crypto.Signer) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), err
}

// KeySet is the public half of an ES256 key as a JSON Web Key Set (RFC 7517).
func KeySet(private crypto.Signer) (string, error) {
	public, ok := private.Public().(*ecdsa.PublicKey)
	if !ok {
		return "", fmt.Errorf("a key set is made of an ES256 key only")
	}
	point, err := public.Bytes() // 4, x, y
	if err != nil {
		return "", err
	}
	part := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf(`{"keys":[{"kty":"EC","crv":"P-256","kid":%q,"use":"sig","alg":"ES256","x":%q,"y":%q}]}`,
		KeyID, part(point[1:33]), part(point[33:])), nil
}
