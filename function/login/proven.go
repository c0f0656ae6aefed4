package login

import (
	"crypto"
	"crypto/sha256"

	"github.com/golang-jwt/jwt/v5"
	lru "github.com/hashicorp/golang-lru/v2"
)

// proven remembers by which public key a token's signature was verified, so that the one arithmetic that is slow is
// done once for a token that comes again, as a front end's does. Nothing else is remembered: whose keys count, the times
// and every other rule are asked each time, and a key that its issuer has withdrawn is not tried, whatever it has
// verified.
//
// A token is known by the SHA-256 of what is signed and of the signature. Secrets are not remembered: they are quick,
// and have no Equal.
type proven struct {
	by *lru.Cache[[sha256.Size]byte, crypto.PublicKey]
}

// mostProven is as many logins as the cache of keys holds.
const mostProven = 1000

func newProven() proven {
	by, _ := lru.New[[sha256.Size]byte, crypto.PublicKey](mostProven) // refuses sizes below 1 only
	return proven{by}
}

// verified reports whether the key has signed the token.
func (r proven) verified(p *presented, method jwt.SigningMethod, key any) bool {
	public, slow := key.(interface{ Equal(crypto.PublicKey) bool })
	var id [sha256.Size]byte
	if slow {
		id = sha256.Sum256(append([]byte(p.signed+"."), p.signature...)) // signed has one dot, so this is the second
		if by, ok := r.by.Get(id); ok && public.Equal(by) {
			return true
		}
	}
	if method.Verify(p.signed, p.signature, key) != nil {
		return false
	}
	if slow {
		r.by.Add(id, key)
	}
	return true
}
