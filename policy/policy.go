// Package policy says what a verified login may do in COS, and nothing else.
//
// It reads the access file (access.yaml), which names the trusted issuers and the grants. For one identity it picks a
// grant, fills the grant's prefix templates with the identity's claims, and writes the result as a CAM policy document:
//
//	identity → Grant → Entitlement → CAM document
//
// Everything here is pure: no network, no clock, and of the environment only what the lookup handed to [Load] gives.
// Whatever is missing or doubtful denies. Values are refused, never repaired, because two identities that are repaired
// into one prefix would open each other's files.
package policy

import (
	_ "embed"
	"fmt"
	"log/slog"
	"net/netip"
	"time"
)

// DefaultFile is the access file that is built into the function.
//
//go:embed access.yaml
var DefaultFile []byte

// Access is a checked access file. The zero value trusts nobody and grants nothing.
type Access struct {
	Issuers []Issuer
	Grants  []Grant
}

// Issuer is one party that is trusted to name users. Exactly one of the five key sources is set.
type Issuer struct {
	Name        string   // what grants and {issuer} call it
	Issuer      string   // equals the token's iss, byte for byte
	Audiences   []string // the token's aud holds at least one of them
	Algorithms  []string // names of RFC 7518
	JWKSURI     string
	Discovery   bool
	JWKS        string // a JSON Web Key Set
	PublicKey   string // PEM
	Secret      Secret
	Leeway      time.Duration
	MaxLifetime time.Duration // the most that exp may lie ahead
	Line        int           // where the file declares it, for messages
}

// Secret is a key that never shows itself in a log or a message.
type Secret []byte

func (Secret) String() string               { return "[secret]" }
func (Secret) GoString() string             { return "[secret]" }
func (Secret) Format(f fmt.State, _ rune)   { f.Write([]byte("[secret]")) }
func (Secret) LogValue() slog.Value         { return slog.StringValue("[secret]") }
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// Grant is what the logins of some issuers may do. Its prefixes are templates until an identity fills them.
type Grant struct {
	Name      string
	Bucket    string // BucketName-APPID
	Region    string
	Duration  time.Duration // the longest life of a key
	PastLogin bool          // limitToLogin: false, a key may outlive the login

	issuers          []located // names of issuers
	when             []requirement
	templates        []template
	actions          []string // CAM names, in the order of the action table
	maxBytes         int64    // 0: no limit
	contentTypes     []string
	condition        condition
	pinClientAddress bool
	line             int
}

// Identity is a verified login: who vouches for it, and what the token says.
type Identity struct {
	Issuer  string         // the issuer's name in the access file
	Claims  map[string]any // as decoded from the token, numbers as json.Number
	Address netip.Addr     // the address that asks; the zero Addr when it is unknown
}

// Kind says which rule a [Refusal] comes from.
type Kind int

const (
	_                 Kind = iota
	NotEntitled            // no grant matches the login, or not the one that it named
	IdentityNotUsable      // a claim in the prefix is missing or can't be a segment, or the address is needed and unknown
	ScopeNotAllowed        // the request asks for more than the grant gives
	ScopeTooLarge          // what the request asks for doesn't fit into one policy
	InvalidRequest         // the request contradicts itself
)

// Refusal says why an identity gets no key. Reason is for the operator's log: it names grants, issuers and claims, never
// a claim's value.
type Refusal struct {
	Kind   Kind
	Reason string
}

func (r *Refusal) Error() string { return r.Reason }

func refuse(kind Kind, format string, args ...any) *Refusal {
	return &Refusal{kind, fmt.Sprintf(format, args...)}
}
