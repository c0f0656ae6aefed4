package trust

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"cos-credentials/policy/claim"
)

// Problem is one thing that is wrong with an issuer.
type Problem struct {
	Field   string // as the access file spells it; "" is the whole entry
	Claim   string // of require and refuse: the claim; "" for other fields
	Item    int    // the place in a list, from 0; Whole for the field itself
	Message string // what is wrong and what to do next; holds no value of the file
}

// Whole is the Item of a problem with a field as a whole.
const Whole = -1

// problems gathers what is wrong.
type problems []Problem

func (p *problems) add(field, format string, args ...any) { p.at(field, Whole, format, args...) }

func (p *problems) at(field string, item int, format string, args ...any) {
	*p = append(*p, Problem{Field: field, Item: item, Message: fmt.Sprintf(format, args...)})
}

// Problems is everything that is wrong with an issuer but its keys themselves. An empty list or text is wrong too: it
// would switch a check of the token off.
func (i Issuer) Problems() []Problem {
	var p problems
	if i.Name == "" {
		p.add("name", "give the issuer a name")
	}
	if len(i.Spellings) == 0 || slices.Contains(i.Spellings, "") {
		p.add("issuer", "write the iss of its tokens, byte for byte")
	}
	if len(i.Audiences) == 0 || slices.Contains(i.Audiences, "") {
		p.add("audiences", "name at least one audience, and none that is empty")
	}
	if i.Leeway < 0 || i.Leeway > MaxLeeway {
		p.add("leewaySeconds", "choose 0 to 300")
	}
	if i.MaxLifetime <= 0 {
		p.add("maxLifetimeSeconds", "choose at least 1")
	}
	if i.AudienceClaim == "aud" {
		p.add("audienceClaim", "stands for an aud that isn't there, so it is another claim: "+
			"write the one that names the client, as in client_id")
	}
	i.checkSources(&p)
	i.checkAlgorithms(&p)
	i.checkSubject(&p)
	i.checkRefused(&p)
	return p
}

// Warnings is what can be meant, and is worth a second look.
func (i Issuer) Warnings() []Problem {
	var p problems
	if i.MaxLifetime > longLifetime {
		p.add("maxLifetimeSeconds", "is longer than 31 days: whoever gets hold of a token has its user's files for as long; "+
			"let clients renew their logins instead")
	}
	return p
}

// checkSubject keeps other claims than sub for issuers with keys of their own: those of a key set sign for whatever
// application its owner has, and only their sub is known never to be chosen by the user.
func (i Issuer) checkSubject(p *problems) {
	shared := i.JWKSURI != "" || i.Discovery || i.JWKS != ""
	switch {
	case i.Subject == Subject{}:
	case shared:
		p.add("subject", "is for issuers whose keys are a secret or publicKey of their own: "+
			"take it out, and name the claim in the grants' prefixes, as in users/{uid}/*")
	case slices.Contains([]string{"iss", "aud", "exp", "nbf", "iat", "jti"}, i.Subject.Claim):
		p.add("subject", "names no user with this claim: write the one that does, as in {claim: uid}")
	}
}

// checkRefused finds values that are required and refused.
func (i Issuer) checkRefused(p *problems) {
	for _, refused := range i.Refuse {
		at := slices.IndexFunc(i.Require, func(q claim.Requirement) bool { return q.Claim == refused.Claim })
		if at < 0 {
			continue
		}
		for item, value := range refused.Values {
			if slices.Contains(i.Require[at].Values, value) {
				const message = "is among the values that require wants: take it out of one of the two"
				*p = append(*p, Problem{"refuse", refused.Claim, item, message})
			}
		}
	}
}

// holdsPEM reports whether a key file was written as a secret: with a public key everybody could sign.
func (s Secret) holdsPEM() bool { return bytes.Contains(s, []byte("-----BEGIN ")) }

func list(words []string) string { return strings.Join(words, ", ") }
