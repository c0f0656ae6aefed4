package login

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// dates are the claims that are times.
type dates struct {
	expires             time.Time
	notBefore, issuedAt *jwt.NumericDate // nil if absent
}

func (p *presented) hasDates(context.Context) error {
	expires, okExp := numericDate(p.claims, "exp", 1)
	notBefore, okNbf := numericDate(p.claims, "nbf", 0) // some issuers send 0 for "always"
	issuedAt, okIat := numericDate(p.claims, "iat", 0)
	switch {
	case !okExp && inMilliseconds(p.claims["exp"]):
		return invalid("the exp is in milliseconds, and must be in seconds")
	case !okExp:
		return invalid("the exp is not a number in range")
	case expires == nil:
		return invalid("the token has no exp")
	case !okNbf:
		return invalid("the nbf is not a number in range")
	case !okIat:
		return invalid("the iat is not a number in range")
	}
	p.dates = dates{expires.Time, notBefore, issuedAt}
	return nil
}

// numericDate returns the NumericDate of that name, or nil if it is absent. It is false if there is something else.
func numericDate(all map[string]any, name string, least int64) (*jwt.NumericDate, bool) {
	value, present := all[name]
	if !present {
		return nil, true
	}
	digits, ok := value.(json.Number)
	if !ok {
		return nil, false
	}
	t, ok := parseDate(string(digits), least)
	return &jwt.NumericDate{Time: t}, ok
}

// inMilliseconds recognises a date that is too late by a factor of a thousand.
func inMilliseconds(value any) bool {
	digits, _ := value.(json.Number)
	if strings.ContainsAny(string(digits), "eE") {
		return false
	}
	_, ok := parseDate(string(digits)+"e-3", 1)
	return ok
}

// The life of a token, to its end and from its beginning. Both may be over by the leeway, by which the issuer's clock
// may differ.

func (p *presented) endsSoon(context.Context) error {
	if p.dates.expires.Sub(p.now) > p.issuer.MaxLifetime+p.issuer.Leeway { // Sub saturates, at 292 years
		return p.invalid("exp lies further ahead than maxLifetimeSeconds")
	}
	return nil
}

func (p *presented) livesShortly(context.Context) error {
	from := p.dates.issuedAt
	if from != nil && p.dates.expires.Sub(from.Time) > p.issuer.MaxLifetime+p.issuer.Leeway {
		return p.invalid("exp lies further after iat than maxLifetimeSeconds")
	}
	return nil
}

func (p *presented) hasExpired() bool { return !p.now.Before(p.dates.expires.Add(p.issuer.Leeway)) }

// isInTime has the library compare exp, nbf and iat with the clock.
func (p *presented) isInTime(context.Context) error {
	err := p.issuer.times.Validate(p.dates)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jwt.ErrTokenExpired): // and if nbf lies ahead too, waiting would not help
		return p.withIssuer(&Error{Kind: Expired, Reason: "exp has passed"})
	case errors.Is(err, jwt.ErrTokenNotValidYet):
		return p.withIssuer(&Error{Kind: NotYetValid, Reason: "nbf lies ahead"})
	case errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		return p.withIssuer(&Error{Kind: NotYetValid, Reason: "iat lies ahead"})
	}
	return p.invalid("the times were refused")
}

// The library asks for claims by these, and for the times only.

func (d dates) GetExpirationTime() (*jwt.NumericDate, error) {
	return &jwt.NumericDate{Time: d.expires}, nil
}
func (d dates) GetNotBefore() (*jwt.NumericDate, error) { return d.notBefore, nil }
func (d dates) GetIssuedAt() (*jwt.NumericDate, error)  { return d.issuedAt, nil }
func (dates) GetIssuer() (string, error)                { return "", nil }
func (dates) GetSubject() (string, error)               { return "", nil }
func (dates) GetAudience() (jwt.ClaimStrings, error)    { return nil, nil }
