package login

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"cos-credentials/policy/claim"
	"cos-credentials/policy/trust"
)

// A jti is a string (RFC 7519 section 4.1.7). Nothing rests on its value: tokens may be used again until they expire.
func (p *presented) hasID(context.Context) error {
	if _, ok := optionalString(p.claims, "jti", anyString); !ok {
		return invalid("the jti is not a string")
	}
	return nil
}

// isBearer refuses tokens with a cnf. RFC 7800: such a token is worth nothing without proof of a key, which a bearer
// can't give. Taking it would undo what its issuer did to make stolen tokens useless.
func (p *presented) isBearer(context.Context) error {
	if _, present := p.claims["cnf"]; present {
		return invalid("the cnf says that the token is bound to a key, so it is no bearer token")
	}
	return nil
}

func (p *presented) hasIssuer(context.Context) error {
	value, present := p.claims["iss"]
	iss, _ := value.(string)
	switch {
	case !present:
		return invalid("the token has no iss")
	case iss == "":
		return invalid("the iss is not a non-empty string")
	}
	if p.issuer = p.by.issuers[iss]; p.issuer != nil {
		p.now = p.by.now()
		return nil
	}
	const unknown = "no issuer of this iss is configured"
	bare := strings.TrimSuffix(iss, "/")
	for _, other := range []string{bare, bare + "/"} {
		if near := p.by.issuers[other]; near != nil {
			return invalid(unknown + ": that of issuer " + near.Name + " differs by a final / only")
		}
	}
	return invalid(unknown)
}

// hasAudience holds aud to the issuer's audiences, or the audienceClaim of a token that has no aud. One that is there
// and wrong is not absent.
func (p *presented) hasAudience(context.Context) error {
	aud, present := p.claims["aud"]
	if many, is := aud.([]any); is && len(many) == 0 {
		present = false
	}
	if present {
		named := audiences(aud)
		switch {
		case named == nil:
			return p.invalid("the aud is neither a non-empty string nor an array of such strings")
		case !slices.ContainsFunc(named, p.issuer.isAudience):
			return p.invalid("the aud holds none of its audiences")
		}
		return nil
	}
	instead := p.issuer.AudienceClaim
	if instead == "" {
		return p.invalid("the token has no aud, and it has no audienceClaim")
	}
	value, _ := claim.Named(p.claims, instead)
	switch client, is := value.(string); {
	case !is:
		return p.invalid("the token has no aud, and its audienceClaim " + instead + " is no string")
	case !p.issuer.isAudience(client):
		return p.invalid("the token has no aud, and its audienceClaim " + instead + " is none of its audiences")
	}
	return nil
}

// audiences returns the aud as an array (RFC 7519 section 4.1.3), or nil if it is anything else.
func audiences(aud any) (all []string) {
	values, ok := aud.([]any)
	if !ok {
		values = []any{aud}
	}
	for _, value := range values {
		one, _ := value.(string)
		if one == "" {
			return nil
		}
		all = append(all, one)
	}
	return all
}

// hasSubject finds the user. From here on the claim sub is the user's name, whatever else the token calls so: nothing
// that comes later can take the one for the other.
func (p *presented) hasSubject(context.Context) error {
	want := p.issuer.Subject
	name := want.Name()
	value, present := claim.Named(p.claims, name)
	digits, isNumber := value.(json.Number)
	text, _ := value.(string)
	switch {
	case !present:
		return p.invalid("the token has no " + name + ", which names the user")
	case want.Integer && (!isNumber || !claim.IsInteger(string(digits))):
		return p.invalid("the " + name + " is not a whole number of at most 19 digits")
	case want.Integer:
		text = string(digits)
	case isNumber:
		return p.invalid("the " + name + " is a number, and its subject is no integer")
	case text == "":
		return p.invalid("the " + name + " is not a non-empty string")
	}
	p.subject, p.claims[trust.DefaultSubject] = text, value
	return nil
}

func (p *presented) hasRequired(context.Context) error {
	for _, q := range p.issuer.Require {
		if !q.Met(p.claims) {
			return p.invalid("the claim " + q.Claim + " has none of the values that require wants")
		}
	}
	return nil
}

func (p *presented) hasNoRefused(context.Context) error {
	for _, q := range p.issuer.Refuse {
		if q.Met(p.claims) {
			return p.invalid("the claim " + q.Claim + " has a value that refuse names")
		}
	}
	return nil
}
