package login

import (
	"crypto/rsa"
	"slices"

	"github.com/golang-jwt/jwt/v5"
)

// kind is what a key is, as far as an algorithm cares. golang-jwt binds neither ES256 to P-256, nor a key to the use that its
// owner declared; here every key carries the list of algorithms that it serves.
type kind string

const (
	kindSecret  kind = "secret"
	kindRSA     kind = "RSA"
	kindP256    kind = "P-256"
	kindP384    kind = "P-384"
	kindP521    kind = "P-521"
	kindEd25519 kind = "Ed25519"
)

// kindFor names the kind of key for every algorithm that an issuer may use (RFC 7518 section 3.1, RFC 8037 section 3.1).
var kindFor = map[string]kind{
	"HS256": kindSecret, "HS384": kindSecret, "HS512": kindSecret,
	"RS256": kindRSA, "RS384": kindRSA, "RS512": kindRSA,
	"PS256": kindRSA, "PS384": kindRSA, "PS512": kindRSA,
	"ES256": kindP256, "ES384": kindP384, "ES512": kindP521,
	"EdDSA": kindEd25519,
}

// secretSize is how many bytes a secret needs: as many as the hash (RFC 7518 section 3.2).
var secretSize = map[string]int{"HS256": 32, "HS384": 48, "HS512": 64}

// served returns those of algorithms that a key of this kind may be used for.
func served(k kind, algorithms []string) []string {
	return slices.DeleteFunc(slices.Clone(algorithms), func(alg string) bool { return kindFor[alg] != k })
}

// RFC 7518 section 3.5: the salt of PS* is as long as the hash. golang-jwt takes any length unless told, and can be told
// only for the whole process.
func init() {
	for _, method := range []*jwt.SigningMethodRSAPSS{
		jwt.SigningMethodPS256, jwt.SigningMethodPS384, jwt.SigningMethodPS512,
	} {
		method.VerifyOptions = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
	}
}
