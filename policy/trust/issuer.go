// Package trust describes whom the access file trusts to name users: the issuers, their keys, and the rules of their
// algorithms. The access file's reader and the check of tokens share it, so that there is one description of an issuer
// and one set of rules.
package trust

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"cos-credentials/policy/claim"
)

// Issuer is somebody who is trusted to say who the user is: one entry of the access file.
type Issuer struct {
	Name       string   // for logs, grants and {issuer}; unique
	Spellings  []string // the token's iss equals one of them, byte for byte; each unique
	Audiences  []string // the token's aud holds at least one of them
	Algorithms []string // names from Algorithms

	// The keys: one of the four public sources, or secrets, or one of the four beside secrets.
	JWKSURI    string   // where its JSON Web Key Set is
	Discovery  bool     // the OpenID configuration of its first spelling says where the key set is
	JWKS       string   // a JSON Web Key Set (RFC 7517)
	PublicKeys []string // PEM, newest first: one block each, PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE
	Secrets    []Secret // shared with whoever signs, newest first

	Leeway        time.Duration
	MaxLifetime   time.Duration       // the most that exp may lie ahead, and after iat, but for the leeway
	AudienceClaim string              // stands for aud in a token that has none; "" for no such claim
	Require       []claim.Requirement // all of which a token must meet
	Refuse        []claim.Requirement // none of which it may
	Subject       Subject             // the zero value is sub, a string
	Line          int                 // where the file declares it, for messages
}

// Subject is the claim that names the user.
type Subject struct {
	Claim   string // as claim.Named finds it
	Integer bool   // it is a whole number, see claim.IsInteger; else a string that is not empty
}

// Name is what the claim is called.
func (s Subject) Name() string { return cmp.Or(s.Claim, DefaultSubject) }

// The times of an issuer whose entry names none, and the bounds of those that may be named.
const (
	DefaultLeeway      = 30 * time.Second
	MaxLeeway          = 300 * time.Second
	DefaultMaxLifetime = 24 * time.Hour
	MaxMaxLifetime     = 9e9 * time.Second
	longLifetime       = 31 * 24 * time.Hour // above it the operator is warned
)

// How many there may be of what can be a list.
const (
	MaxSpellings = 4
	MaxKeys      = 3 // secrets, or PEM keys
)

// DefaultSubject is the claim that names the user of an issuer whose entry names none.
const DefaultSubject = "sub"

// An issuer shows its name only, whoever prints it: it may hold a secret.

func (i Issuer) Format(w fmt.State, _ rune)   { io.WriteString(w, "trust.Issuer("+i.Name+")") }
func (i Issuer) LogValue() slog.Value         { return slog.StringValue(i.Name) }
func (i Issuer) MarshalJSON() ([]byte, error) { return json.Marshal(i.Name) }

// DefaultAlgorithms is what an issuer with such key sources uses if its entry names no algorithm. One with both kinds
// has no default: its entry says which algorithms are whose.
func (i Issuer) DefaultAlgorithms() []string {
	switch {
	case len(i.Secrets) == 0:
		return defaultForPublic
	case len(i.publicSources()) == 0:
		return defaultForSecret
	}
	return nil
}
