package login

import (
	"context"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/policy/trust"
)

// keySource finds the keys that may have signed a token with this header: one of a key set, or all that the access file
// itself holds for its alg. Each is an *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey, or the []byte of a secret.
// It never returns none without an *Error.
type keySource interface {
	candidates(ctx context.Context, h joseHeader, expired bool) ([]any, error)
}

// isSigned tries every candidate, and goes on when one fits: nothing, time neither, tells which of an issuer's secrets
// it was.
func (p *presented) isSigned(ctx context.Context) error {
	source := p.issuer.public
	if algorithm, _ := trust.Find(p.header.alg); algorithm.Key == trust.Shared {
		source = p.issuer.secrets
	}
	keys, err := source.candidates(ctx, p.header, p.hasExpired())
	if err != nil {
		return p.withIssuer(err)
	}
	method, fit := jwt.GetSigningMethod(p.header.alg), 0
	for _, key := range keys {
		if p.by.proven.verified(p, method, key) {
			fit++
		}
	}
	if fit == 0 {
		return p.invalid("the signature does not match")
	}
	return nil
}

// ownKeys are the secrets or the PEM keys of an issuer, by the alg that they serve. They have no names, so they serve
// whatever kid a token has. A closure, because no formatting verb looks into one: whatever prints a Verifier, secrets
// stay out.
type ownKeys func(alg string) []any

func newOwnKeys(all []publicKey) ownKeys {
	byAlgorithm := map[string][]any{}
	for _, k := range all {
		for _, alg := range k.algorithms {
			byAlgorithm[alg] = append(byAlgorithm[alg], k.value)
		}
	}
	return func(alg string) []any { return byAlgorithm[alg] }
}

func (o ownKeys) candidates(_ context.Context, h joseHeader, _ bool) ([]any, error) {
	if keys := o(h.alg); len(keys) > 0 {
		return keys, nil
	}
	return nil, noKey()
}
