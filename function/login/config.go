package login

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/policy/trust"
)

// New prepares the check of the issuers' tokens. It does no I/O: key sets are fetched by the first request that needs them. Its
// error joins a [*ConfigError] for every problem of every issuer.
func New(issuers []trust.Issuer) (*Verifier, error) {
	v := &Verifier{issuers: map[string]*trusted{}, now: time.Now}
	now := func() time.Time { return v.now() }
	names := map[string]bool{}
	var problems []error
	if len(issuers) == 0 {
		problems = append(problems, &ConfigError{Issuer: "-", Field: "issuers", Message: "name at least one issuer"})
	}
	for n, i := range issuers {
		name := cmp.Or(i.Name, fmt.Sprintf("issuers[%d]", n))
		report := func(field, message string) {
			problems = append(problems, &ConfigError{Issuer: name, Field: field, Message: message})
		}
		i.Audiences, i.Algorithms = slices.Clone(i.Audiences), slices.Clone(i.Algorithms) // the caller may change theirs
		for _, p := range i.Problems() {
			report(p.Field, p.Message)
		}
		if names[name] {
			report("name", "another issuer has this name; choose a different one")
		}
		if i.Issuer != "" && v.issuers[i.Issuer] != nil {
			report("issuer", "another entry is for this issuer; merge the two")
		}
		names[name] = true
		v.issuers[i.Issuer] = &trusted{
			name:        i.Name,
			audiences:   i.Audiences,
			algorithms:  i.Algorithms,
			leeway:      i.Leeway,
			maxLifetime: i.MaxLifetime,
			keys:        keysOf(i, now, report),
			parser: jwt.NewParser(
				jwt.WithValidMethods(i.Algorithms),
				jwt.WithStrictDecoding(),
				jwt.WithExpirationRequired(),
				jwt.WithIssuedAt(),
				jwt.WithIssuer(i.Issuer),
				jwt.WithAudience(i.Audiences...),
				jwt.WithLeeway(i.Leeway),
				jwt.WithTimeFunc(now),
			),
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return v, nil
}

// keysOf makes the one key source of an issuer whose entry has no other problem.
func keysOf(i trust.Issuer, now func() time.Time, report func(field, message string)) keySource {
	switch {
	case i.JWKSURI != "":
		if err := checkURL(i.JWKSURI); err != nil {
			report("jwksUri", err.Error())
		}
		return newRemoteKeys(i, now)
	case i.Discovery:
		if err := checkURL(i.Issuer); err != nil {
			report("issuer", "discovery needs it to be a URL: "+err.Error())
		} else if strings.Contains(i.Issuer, "?") { // OpenID Connect Discovery 1.0 section 2
			report("issuer", "discovery needs it to be a URL without a query; use jwksUri")
		}
		return newRemoteKeys(i, now)
	case i.JWKS != "":
		keys, err := parseKeySet([]byte(i.JWKS), i.Algorithms)
		if err != nil {
			report("jwks", `write a JSON Web Key Set, {"keys":[…]}, with a key for one of the algorithms: `+err.Error())
		}
		return keys
	case i.PublicKey != "":
		return pemKey(i, report)
	}
	return newSingleKey(publicKey{algorithms: trust.Served(trust.Shared, i.Algorithms), value: []byte(bytes.Clone(i.Secret))})
}

func pemKey(i trust.Issuer, report func(field, message string)) keySource {
	key, err := parsePEM(i.PublicKey)
	if err != nil {
		report("publicKey", err.Error())
		return nil
	}
	kind, err := inspect(key)
	if err != nil {
		report("publicKey", "ask the issuer for another key: "+err.Error())
		return nil
	}
	algorithms := trust.Served(kind, i.Algorithms)
	if len(algorithms) == 0 {
		report("algorithms", "name one that this "+string(kind)+" key serves")
	}
	return newSingleKey(publicKey{algorithms: algorithms, value: key})
}
