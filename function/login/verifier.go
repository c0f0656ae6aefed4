package login

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Verifier checks the tokens of the issuers that [New] was given. It is safe for concurrent use; the zero value refuses
// every token.
type Verifier struct {
	issuers map[string]*trusted // by the token's iss
	now     func() time.Time
}

// issuer is a [trust.Issuer] made ready.
type trusted struct {
	name        string
	audiences   []string
	algorithms  []string
	leeway      time.Duration
	maxLifetime time.Duration
	keys        keySource
	parser      *jwt.Parser
}

// keySource finds the one key that may verify a token with this header: an *rsa.PublicKey, *ecdsa.PublicKey or
// ed25519.PublicKey, or the []byte of a configured secret. It never returns nil without an error.
type keySource interface {
	key(ctx context.Context, h joseHeader, expired bool) (any, error)
}

// Verify checks a token: the compact form alone, without "Bearer ". Its error is an [*Error].
//
// Whatever makes a token invalid wins over its times, and costs no fetch of a key set if it shows without a key. Expired and
// NotYetValid are said of tokens whose signature is right only: they tell an honest client what to do, and nobody else
// anything.
func (v *Verifier) Verify(ctx context.Context, token string) (Identity, error) {
	// The form. Nothing is decoded before its size is known.
	segments, err := split(token)
	if err != nil {
		return Identity{}, err
	}
	header, err := readHeader(segments.header)
	if err != nil {
		return Identity{}, err
	}
	var claims claimSet // which nobody has confirmed yet
	if err := claims.UnmarshalJSON(segments.claims); err != nil {
		return Identity{}, err
	}

	// Whose rules apply, and whether this could be a token of theirs at all.
	issuer := v.issuers[claims.issuer]
	if issuer == nil {
		return Identity{}, invalid("no issuer of this iss is configured")
	}
	if !slices.Contains(issuer.algorithms, header.alg) {
		return Identity{}, invalid("the alg is not one of the issuer's algorithms")
	}
	if !slices.ContainsFunc(issuer.audiences, claims.isFor) {
		return Identity{}, invalid("the aud holds none of the issuer's audiences")
	}
	now := v.now()
	if claims.expires.Sub(now) > issuer.maxLifetime { // Sub saturates, at 292 years
		return Identity{}, invalid("exp lies further ahead than maxLifetimeSeconds")
	}
	expired := !now.Before(claims.expires.Add(issuer.leeway))

	// The key, which may have to be fetched.
	key, err := issuer.keys.key(ctx, header, expired)
	if err != nil {
		return Identity{}, err
	}

	// The library: algorithm list and signature, then exp, nbf, iat, iss and aud.
	_, err = issuer.parser.ParseWithClaims(token, &claims, func(t *jwt.Token) (any, error) {
		if t.Method.Alg() != header.alg {
			return nil, errors.New("the header was read in two ways")
		}
		return key, nil
	})
	if err != nil {
		return Identity{}, verdict(err)
	}
	return Identity{
		Issuer:  issuer.name,
		Subject: claims.subject,
		Claims:  claims.all,
		Expires: claims.expires,
	}, nil
}

// verdict translates the library's error. It checks claims after the signature only, and then reports all that is wrong.
func verdict(err error) error {
	switch {
	case !errors.Is(err, jwt.ErrTokenInvalidClaims):
		return invalid("the signature does not match")
	case errors.Is(err, jwt.ErrTokenInvalidIssuer), errors.Is(err, jwt.ErrTokenInvalidAudience),
		errors.Is(err, jwt.ErrTokenRequiredClaimMissing):
		return invalid("iss, aud or exp is not what the issuer's entry asks for")
	case errors.Is(err, jwt.ErrTokenExpired): // and if nbf lies ahead too, waiting would not help
		return &Error{Kind: Expired, Reason: "exp has passed"}
	case errors.Is(err, jwt.ErrTokenNotValidYet), errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		return &Error{Kind: NotYetValid, Reason: "nbf or iat lies ahead"}
	}
	return invalid("the claims were refused")
}
