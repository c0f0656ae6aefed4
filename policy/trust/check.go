package trust

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with an issuer.
type Problem struct {
	Field   string // as the access file spells it; "" is the whole entry
	Item    int    // the place in a list, from 0
	Message string // what is wrong and what to do next; holds no value of the file
}

// sources are the key sources, as the access file spells them.
var sources = []struct {
	field string
	given func(Issuer) bool
}{
	{"jwksUri", func(i Issuer) bool { return i.JWKSURI != "" }},
	{"discovery", func(i Issuer) bool { return i.Discovery }},
	{"jwks", func(i Issuer) bool { return i.JWKS != "" }},
	{"publicKey", func(i Issuer) bool { return i.PublicKey != "" }},
	{"secret", func(i Issuer) bool { return len(i.Secret) > 0 }},
}

// Sources lists the fields that name a key source.
func Sources() (fields []string) {
	for _, s := range sources {
		fields = append(fields, s.field)
	}
	return fields
}

// Problems is everything that is wrong with an issuer but its keys themselves. An empty list or text is wrong too: it
// would switch a check of the token off.
func (i Issuer) Problems() (all []Problem) {
	report := func(field string, item int, format string, args ...any) {
		all = append(all, Problem{field, item, fmt.Sprintf(format, args...)})
	}
	if i.Name == "" {
		report("name", 0, "give the issuer a name")
	}
	if i.Issuer == "" {
		report("issuer", 0, "write the iss of its tokens, byte for byte")
	}
	if len(i.Audiences) == 0 || slices.Contains(i.Audiences, "") {
		report("audiences", 0, "name at least one audience, and none that is empty")
	}
	if i.Leeway < 0 || i.Leeway > MaxLeeway {
		report("leewaySeconds", 0, "choose 0 to 300")
	}
	if i.MaxLifetime <= 0 {
		report("maxLifetimeSeconds", 0, "choose at least 1")
	}
	i.checkSources(report)
	i.checkAlgorithms(report)
	return all
}

func (i Issuer) checkSources(report func(field string, item int, format string, args ...any)) {
	var have []string
	for _, s := range sources {
		if s.given(i) {
			have = append(have, s.field)
		}
	}
	switch {
	case len(have) == 0:
		report("", 0, "has no key source: name one of %s", strings.Join(Sources(), ", "))
	case len(have) > 1:
		report("", 0, "has %d key sources (%s): keep exactly one", len(have), strings.Join(have, ", "))
	}
	if bytes.Contains(i.Secret, []byte("-----BEGIN ")) {
		report("secret", 0, "is a PEM file, not a secret: a public key belongs in publicKey, a private one nowhere here")
	}
}

// checkAlgorithms keeps public keys and shared secrets apart: an issuer that took both for one algorithm would let anyone
// who knows its public key sign with it as if it were a secret.
func (i Issuer) checkAlgorithms(report func(field string, item int, format string, args ...any)) {
	if len(i.Algorithms) == 0 {
		report("algorithms", 0, "name at least one algorithm")
	}
	shared, least := len(i.Secret) > 0, 0
	for at, name := range i.Algorithms {
		algorithm, known := Find(name)
		least = max(least, algorithm.SecretBytes)
		switch {
		case shared && algorithm.Key != Shared:
			report("algorithms", at, "does not go with a secret: that takes %s", strings.Join(names(true), ", "))
		case !known:
			report("algorithms", at, "is not an algorithm that can be used: choose from %s", strings.Join(names(shared), ", "))
		case !shared && algorithm.Key == Shared:
			report("algorithms", at, "needs a secret, and this issuer has a public key source")
		}
	}
	if shared && len(i.Secret) < least {
		report("secret", 0, "is shorter than the %d bytes that its algorithm needs: make one with `openssl rand -base64 48`", least)
	}
}
