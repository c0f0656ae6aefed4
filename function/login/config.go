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
)

// New prepares the check of the issuers' tokens. It does no I/O: key sets are fetched by the first request that needs them. Its
// error joins a [*ConfigError] for every problem of every issuer.
func New(issuers []Issuer) (*Verifier, error) {
	v := &Verifier{issuers: map[string]*issuer{}, now: time.Now}
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
		check(i, report)
		if names[name] {
			report("name", "another issuer has this name; choose a different one")
		}
		if i.Issuer != "" && v.issuers[i.Issuer] != nil {
			report("issuer", "another entry is for this issuer; merge the two")
		}
		names[name] = true
		v.issuers[i.Issuer] = &issuer{
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

// check reports what is wrong with everything but the key. An empty list or text would switch the library's check off.
func check(i Issuer, report func(field, message string)) {
	if i.Name == "" {
		report("name", "give the issuer a name")
	}
	if i.Issuer == "" {
		report("issuer", "write the iss of its tokens, byte for byte")
	}
	if len(i.Audiences) == 0 || slices.Contains(i.Audiences, "") {
		report("audiences", "name at least one audience, and none that is empty")
	}
	if len(i.Algorithms) == 0 {
		report("algorithms", "name at least one algorithm")
	}
	for _, alg := range i.Algorithms {
		switch kind, known := kindFor[alg]; {
		case !known:
			report("algorithms", "choose from HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA")
		case kind == kindSecret && len(i.Secret) == 0:
			report("algorithms", alg+" needs a secret; with public keys choose RS, PS, ES or EdDSA")
		case kind != kindSecret && len(i.Secret) > 0:
			report("algorithms", alg+" needs public keys; with a secret choose HS256, HS384 or HS512")
		case len(i.Secret) < secretSize[alg]:
			report("secret", fmt.Sprintf("%s needs at least %d bytes from a random generator", alg, secretSize[alg]))
		}
	}
	if i.Leeway < 0 || i.Leeway > 5*time.Minute {
		report("leewaySeconds", "choose 0 to 300")
	}
	if i.MaxLifetime <= 0 {
		report("maxLifetimeSeconds", "choose at least 1")
	}
}

// keysOf makes the one key source of an issuer.
func keysOf(i Issuer, now func() time.Time, report func(field, message string)) keySource {
	sources := 0
	for _, given := range []bool{i.JWKSURI != "", i.Discovery, i.JWKS != "", i.PublicKey != "", len(i.Secret) > 0} {
		if given {
			sources++
		}
	}
	if sources != 1 {
		report("jwksUri", "give exactly one of jwksUri, discovery, jwks, publicKey and secret")
		return nil
	}
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
	if bytes.Contains(i.Secret, []byte("-----BEGIN ")) {
		report("secret", "this is a PEM file, not a secret: a public key belongs in publicKey, a private one nowhere here")
	}
	return newSingleKey(publicKey{algorithms: served(kindSecret, i.Algorithms), value: bytes.Clone(i.Secret)})
}

func pemKey(i Issuer, report func(field, message string)) keySource {
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
	algorithms := served(kind, i.Algorithms)
	if len(algorithms) == 0 {
		report("algorithms", "name one that this "+string(kind)+" key serves")
	}
	return newSingleKey(publicKey{algorithms: algorithms, value: key})
}
