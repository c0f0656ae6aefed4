// Package trust describes whom the access file trusts to name users: the issuers, their keys, and the rules of their
// algorithms. The access file's reader and the check of tokens share it, so that there is one description of an issuer
// and one set of rules.
package trust

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Issuer is somebody who is trusted to say who the user is: one entry of the access file.
type Issuer struct {
	Name        string   // for logs, grants and {issuer}; unique
	Issuer      string   // equals the token's iss, byte for byte; unique
	Audiences   []string // the token's aud holds at least one of them
	Algorithms  []string // names from Algorithms
	JWKSURI     string   // where its JSON Web Key Set is; exactly one of this and the next four is set
	Discovery   bool     // its OpenID configuration says where the key set is
	JWKS        string   // a JSON Web Key Set (RFC 7517)
	PublicKey   string   // PEM: one block, PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE
	Secret      Secret   // shared with whoever signs
	Leeway      time.Duration
	MaxLifetime time.Duration // the most that exp may lie ahead
	Line        int           // where the file declares it, for messages
}

// The times of an issuer whose entry names none, and the bounds of those that may be named.
const (
	DefaultLeeway      = 30 * time.Second
	MaxLeeway          = 300 * time.Second
	DefaultMaxLifetime = 24 * time.Hour
	MaxMaxLifetime     = 9e9 * time.Second
)

// An issuer shows its name only, whoever prints it: it may hold a secret.

func (i Issuer) Format(w fmt.State, _ rune)   { io.WriteString(w, "trust.Issuer("+i.Name+")") }
func (i Issuer) LogValue() slog.Value         { return slog.StringValue(i.Name) }
func (i Issuer) MarshalJSON() ([]byte, error) { return json.Marshal(i.Name) }

// Secret is a key that never shows itself in a log or a message.
type Secret []byte

func (Secret) String() string               { return "[secret]" }
func (Secret) GoString() string             { return "[secret]" }
func (Secret) Format(f fmt.State, _ rune)   { f.Write([]byte("[secret]")) }
func (Secret) LogValue() slog.Value         { return slog.StringValue("[secret]") }
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// DefaultAlgorithms is what an issuer with such a key source uses if its entry names no algorithm.
func (i Issuer) DefaultAlgorithms() []string {
	if len(i.Secret) > 0 {
		return defaultForSecret
	}
	return defaultForPublic
}
