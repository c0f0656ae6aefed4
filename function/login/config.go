package login

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/policy/trust"
)

// New prepares the check of the issuers' tokens. It does no I/O: key sets are fetched by the first request that needs
// them, over connections from dialTLS (nil for Go's own), which must end in [FetchTimeout]. Its error joins a
// [*ConfigError] for every problem of every issuer.
func New(issuers []trust.Issuer, revoked Revoked, dialTLS Dial) (*Verifier, error) {
	v := &Verifier{issuers: map[string]*trusted{}, revoked: revoked, proven: newProven(), now: time.Now}
	now := func() time.Time { return v.now() }
	client := newClient(dialTLS)
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
		sound := true
		for _, p := range i.Problems() {
			sound = false
			report(p.Field, p.Message)
		}
		if names[name] {
			report("name", "another issuer has this name; choose a different one")
		}
		names[name] = true
		var ready *trusted
		if sound {
			ready = newTrusted(i, client, now, report)
		}
		for _, iss := range i.Spellings {
			if _, taken := v.issuers[iss]; taken {
				report("issuer", "another entry is for this issuer; merge the two")
			}
			v.issuers[iss] = ready
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return v, nil
}

// newTrusted readies an issuer that nothing is wrong with but perhaps its keys. It keeps nothing that the caller may
// change.
func newTrusted(
	i trust.Issuer, client *http.Client, now func() time.Time, report func(field, message string),
) *trusted {
	i.Audiences = slices.Clone(i.Audiences)
	i.Algorithms = slices.Clone(i.Algorithms)
	for n, name := range i.Algorithms {
		i.Algorithms[n] = trust.Canonical(name)
	}
	t := &trusted{
		Issuer: i,
		public: publicKeys(i, client, now, report),
		times: jwt.NewValidator(
			jwt.WithExpirationRequired(),
			jwt.WithIssuedAt(),
			jwt.WithLeeway(i.Leeway),
			jwt.WithTimeFunc(now),
		),
	}
	var secrets []publicKey
	algorithms := trust.Served(trust.Shared, i.Algorithms)
	for _, secret := range i.Secrets {
		secrets = append(secrets, publicKey{algorithms: algorithms, value: []byte(bytes.Clone(secret))})
	}
	t.secrets, t.Secrets = newOwnKeys(secrets), nil
	return t
}

// publicKeys makes the issuer's one source of public keys, if it has any.
func publicKeys(
	i trust.Issuer, client *http.Client, now func() time.Time, report func(field, message string),
) keySource {
	switch {
	case i.JWKSURI != "":
		if err := checkURL(i.JWKSURI); err != nil {
			report("jwksUri", err.Error())
		}
		return newRemoteKeys(i, client, now)
	case i.Discovery:
		if err := checkURL(i.Spellings[0]); err != nil {
			report("issuer", "discovery needs it to be a URL: "+err.Error())
		} else if strings.Contains(i.Spellings[0], "?") { // OpenID Connect Discovery 1.0 section 2
			report("issuer", "discovery needs it to be a URL without a query; use jwksUri")
		}
		return newRemoteKeys(i, client, now)
	case i.JWKS != "":
		keys, err := parseKeySet([]byte(i.JWKS), i.Algorithms)
		if err != nil {
			report("jwks", `write a JSON Web Key Set, {"keys":[…]}, with a key for one of the algorithms: `+err.Error())
		}
		return keys
	}
	return pemKeys(i, report)
}

// pemKeys reads the issuer's PEM keys. Each must be of use: one that serves none of the algorithms is a mistake.
func pemKeys(i trust.Issuer, report func(field, message string)) keySource {
	var all []publicKey
	for n, written := range i.PublicKeys {
		field := "publicKey"
		if len(i.PublicKeys) > 1 {
			field = fmt.Sprintf("publicKey[%d]", n)
		}
		key, err := parsePEM(written)
		if err != nil {
			report(field, err.Error())
			continue
		}
		kind, err := inspect(key)
		if err != nil {
			report(field, "ask the issuer for another key: "+err.Error())
			continue
		}
		algorithms := trust.Served(kind, i.Algorithms)
		if len(algorithms) == 0 {
			report("algorithms", "name one that this "+string(kind)+" key serves")
		}
		all = append(all, publicKey{algorithms: algorithms, value: key})
	}
	return newOwnKeys(all)
}
