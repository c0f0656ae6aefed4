package login

import (
	"context"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/policy/trust"
)

// Verifier checks the tokens of the issuers that [New] was given. It is safe for concurrent use; the zero value refuses
// every token.
type Verifier struct {
	issuers map[string]*trusted // by each iss of theirs
	revoked Revoked
	proven  proven
	now     func() time.Time
}

// trusted is an issuer made ready.
type trusted struct {
	trust.Issuer              // without its secrets
	secrets, public keySource // nil if it has none
	times           *jwt.Validator
}

// uses reports whether tokens may be signed with an algorithm.
func (t *trusted) uses(alg string) bool { return slices.Contains(t.Algorithms, alg) }

func (t *trusted) isAudience(name string) bool { return slices.Contains(t.Audiences, name) }

// Verify checks a token: the compact form alone, without "Bearer ". Its error is an *Error. Beside one of the kind
// Blocked it names the user, for the log, and tells nothing more.
func (v *Verifier) Verify(ctx context.Context, token string) (Identity, error) {
	p, err := v.read(token)
	if err != nil {
		return Identity{}, err
	}
	for _, r := range rules {
		if err := r.check(p, ctx); err != nil {
			return p.known(err), err
		}
	}
	return p.identity(), nil
}

// rule is one thing that a token must satisfy. Its check may fill in what later rules need.
type rule struct {
	name  string
	needs []string // the rules without which it can't be told
	check func(*presented, context.Context) error
}

// signature is the rule that may ask an issuer for its keys.
const signature = "signature"

// rules is everything that a token must satisfy once it can be read, in this order. Whatever shows without a key comes
// before the key, which may have to be fetched. What makes a token invalid wins over its times. Expired, NotYetValid
// and Blocked are said of tokens whose signature is right only: they tell an honest client what to do, and nobody else
// anything.
var rules = []rule{
	// The form of header and claims.
	{"header", nil, (*presented).hasPlainHeader},
	{"kid", nil, (*presented).hasKeyID},
	{"typ", nil, (*presented).hasType},
	{"dates", nil, (*presented).hasDates},
	{"jti", nil, (*presented).hasID},
	{"cnf", nil, (*presented).isBearer},

	// Whose rules apply, and whether this could be a token of theirs at all.
	{"iss", nil, (*presented).hasIssuer},
	{"alg", []string{"iss"}, (*presented).hasAlgorithm},
	{"aud", []string{"iss"}, (*presented).hasAudience},
	{"sub", []string{"iss"}, (*presented).hasSubject},
	{"life left", []string{"iss", "dates"}, (*presented).endsSoon},
	{"whole life", []string{"iss", "dates"}, (*presented).livesShortly},

	// Whether it is.
	{signature, []string{"iss", "alg", "dates"}, (*presented).isSigned},
	{"require", []string{"iss"}, (*presented).hasRequired},
	{"refuse", []string{"iss"}, (*presented).hasNoRefused},

	// Whether it is still, or yet, good.
	{"TOKENS_NOT_BEFORE", []string{"iss", "dates"}, (*presented).isRecent},
	{"times", []string{"iss", "dates"}, (*presented).isInTime},
	{"BLOCKED", []string{"iss", "sub"}, (*presented).isWelcome},
}

// Refused is a rule that refuses a token.
type Refused struct {
	Rule string // "form" if the token can't be read at all
	Err  error  // an *Error
}

// Explain runs every rule on a token, in the order of [Verifier.Verify], which stops at the first that refuses it.
// Rules that can't be told after one that refused are left out, and so is the signature unless it is asked for: then
// the issuer's keys may be fetched.
//
// For a person's eyes only: nobody vouches for the identity of a token that was refused, or whose signature wasn't
// checked.
func (v *Verifier) Explain(ctx context.Context, token string, withSignature bool) (unverified Identity, all []Refused) {
	p, err := v.read(token)
	if err != nil {
		return Identity{}, []Refused{{"form", err}}
	}
	refuses := func(name string) bool {
		return slices.ContainsFunc(all, func(r Refused) bool { return r.Rule == name })
	}
	for _, r := range rules {
		if r.name == signature && !withSignature || slices.ContainsFunc(r.needs, refuses) {
			continue
		}
		if err := r.check(p, ctx); err != nil {
			all = append(all, Refused{r.name, err})
		}
	}
	if p.issuer == nil {
		return Identity{}, all
	}
	return p.identity(), all
}
