package trust

import "slices"

// Key is what a key is, as far as an algorithm cares.
type Key string

// The kinds of key that a token may be signed with.
const (
	Shared  Key = "secret"
	RSA     Key = "RSA"
	P256    Key = "P-256"
	P384    Key = "P-384"
	P521    Key = "P-521"
	Ed25519 Key = "Ed25519"
)

// Algorithm is one way to sign a token.
type Algorithm struct {
	Name        string
	Key         Key // the kind of key that it needs, and no other will do
	SecretBytes int // the least length of a secret: the hash's (RFC 7518 section 3.2)
}

// Algorithms is every algorithm that an issuer may use: RFC 7518 section 3.1, RFC 8037 section 3.1, RFC 9864. There is
// no none.
var Algorithms = []Algorithm{
	{"HS256", Shared, 32},
	{"HS384", Shared, 48},
	{"HS512", Shared, 64},
	{"RS256", RSA, 0},
	{"RS384", RSA, 0},
	{"RS512", RSA, 0},
	{"PS256", RSA, 0},
	{"PS384", RSA, 0},
	{"PS512", RSA, 0},
	{"ES256", P256, 0},
	{"ES384", P384, 0},
	{"ES512", P521, 0},
	{"EdDSA", Ed25519, 0},
	{"Ed25519", Ed25519, 0},
}

// The algorithms of an issuer whose entry names none.
var (
	defaultForSecret = []string{"HS256"}
	defaultForPublic = []string{"RS256", "ES256"}
)

// Find returns the algorithm of that name, exactly so spelt.
func Find(name string) (Algorithm, bool) {
	at := slices.IndexFunc(Algorithms, func(a Algorithm) bool { return a.Name == name })
	if at < 0 {
		return Algorithm{}, false
	}
	return Algorithms[at], true
}

// Canonical is the one name of an algorithm that has two: RFC 9864 calls EdDSA with this curve Ed25519.
func Canonical(name string) string {
	if name == "Ed25519" {
		return "EdDSA"
	}
	return name
}

// Served returns those of the named algorithms that a key of this kind can do.
func Served(key Key, algorithms []string) (served []string) {
	for _, name := range algorithms {
		if a, ok := Find(name); ok && a.Key == key {
			served = append(served, name)
		}
	}
	return served
}

// names lists the algorithms that use a secret, or those that use a public key.
func names(secret bool) (out []string) {
	for _, a := range Algorithms {
		if (a.Key == Shared) == secret {
			out = append(out, a.Name)
		}
	}
	return out
}
