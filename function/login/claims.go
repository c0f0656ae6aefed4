package login

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// claimSet holds the claims of one token. The library's own types fold the case of member names, take the last of two, and
// replace what isn't UTF-8; these don't.
type claimSet struct {
	text      []byte // what the rest was read from
	all       map[string]any
	issuer    string
	subject   string
	audience  []string
	expires   time.Time
	notBefore *jwt.NumericDate // nil if absent
	issuedAt  *jwt.NumericDate // nil if absent
}

// UnmarshalJSON reads claims strictly. Its error is an *Error. The library, which decodes the token once more, gets what was read
// before if its bytes are the same; so what is verified is what was checked.
func (c *claimSet) UnmarshalJSON(data []byte) error {
	if c.all != nil && bytes.Equal(data, c.text) {
		return nil
	}
	all, reason := decodeObject(data)
	if reason != "" {
		return invalid("the claims are not strict JSON: " + reason)
	}
	read := claimSet{text: data, all: all}
	read.issuer, _ = all["iss"].(string)
	read.subject, _ = all["sub"].(string)
	if read.issuer == "" || read.subject == "" {
		return invalid("iss or sub is not a non-empty string")
	}
	if read.audience = audiences(all["aud"]); read.audience == nil {
		return invalid("the aud is neither a non-empty string nor an array of such strings")
	}
	expires, okExp := numericDate(all, "exp", 1)
	notBefore, okNbf := numericDate(all, "nbf", 0) // some issuers send 0 for "always"
	issuedAt, okIat := numericDate(all, "iat", 0)
	if expires == nil || !okExp || !okNbf || !okIat {
		return invalid("exp is missing, or exp, nbf or iat is not a number in range")
	}
	read.expires, read.notBefore, read.issuedAt = expires.Time, notBefore, issuedAt
	// A jti is a string (RFC 7519 section 4.1.7). Nothing rests on its value: tokens may be used again until they expire.
	if _, ok := optionalString(all, "jti", anyString); !ok {
		return invalid("the jti is not a string")
	}
	// RFC 7800: such a token is worth nothing without proof of a key, which a bearer can't give. Taking it would undo what its
	// issuer did to make stolen tokens useless.
	if _, present := all["cnf"]; present {
		return invalid("the cnf says that the token is bound to a key, so it is no bearer token")
	}
	*c = read
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

func (c *claimSet) isFor(name string) bool { return slices.Contains(c.audience, name) }

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

// The library asks for claims by these.

func (c *claimSet) GetExpirationTime() (*jwt.NumericDate, error) {
	return &jwt.NumericDate{Time: c.expires}, nil
}
func (c *claimSet) GetNotBefore() (*jwt.NumericDate, error) { return c.notBefore, nil }
func (c *claimSet) GetIssuedAt() (*jwt.NumericDate, error)  { return c.issuedAt, nil }
func (c *claimSet) GetIssuer() (string, error)              { return c.issuer, nil }
func (c *claimSet) GetSubject() (string, error)             { return c.subject, nil }
func (c *claimSet) GetAudience() (jwt.ClaimStrings, error)  { return c.audience, nil }
