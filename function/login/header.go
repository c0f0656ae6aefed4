package login

import (
	"context"
	"strings"

	"cos-credentials/policy/trust"
)

// joseHeader is what finds the key of a token.
type joseHeader struct {
	alg string // one of the issuer's algorithms, by its canonical name
	kid string // "" if absent
}

// refusedParameters would change what the signature covers or who made it (crit, b64, zip, enc), or bring the key along
// (jwk, jku, x5u). golang-jwt looks at none of them. x5c and x5t* name a certificate that nobody here uses; they are
// ignored.
var refusedParameters = []string{"crit", "b64", "zip", "enc", "jwk", "jku", "x5u"}

func (p *presented) hasPlainHeader(context.Context) error {
	for _, name := range refusedParameters {
		if _, present := p.parameters[name]; present {
			return invalid("the header has the parameter " + name)
		}
	}
	// RFC 7519 section 5.2: the claims of a nested token are another token.
	if _, ok := optionalString(p.parameters, "cty", func(cty string) bool { return !isMediaType(cty, "JWT") }); !ok {
		return invalid("the cty says that the token holds another one")
	}
	return nil
}

func (p *presented) hasKeyID(context.Context) (err error) {
	kid, ok := optionalString(p.parameters, "kid", isKeyID)
	if !ok {
		return invalid("the kid is not 1 to 256 printable ASCII characters")
	}
	p.header.kid = kid
	return nil
}

func isKeyID(kid string) bool {
	for _, c := range []byte(kid) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return 1 <= len(kid) && len(kid) <= 256
}

// hasType follows RFC 8725 section 3.11: a logout token or a DPoP proof of the same issuer is no login.
func (p *presented) hasType(context.Context) error {
	if _, ok := optionalString(p.parameters, "typ", func(typ string) bool {
		return isMediaType(typ, "JWT") || isMediaType(typ, "at+jwt")
	}); !ok {
		return invalid("the typ is neither JWT nor at+jwt")
	}
	return nil
}

// isMediaType compares a typ or cty, in any case, with or without its application/ (RFC 7515 section 4.1.9). Beyond
// ASCII something folds to k and s only, and no name here has those.
func isMediaType(value, name string) bool {
	return strings.EqualFold(value, name) || strings.EqualFold(value, "application/"+name)
}

func (p *presented) hasAlgorithm(context.Context) error {
	alg, ok := p.parameters["alg"].(string)
	if !ok {
		return p.invalid("the header has no alg")
	}
	alg = trust.Canonical(alg)
	if !p.issuer.uses(alg) {
		return p.invalid("the alg is not one of its algorithms")
	}
	p.header.alg = alg
	return nil
}
