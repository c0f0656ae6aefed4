package login

import (
	"strconv"
	"time"
)

// Kind is what an [Error] means for the user. The zero value is Invalid.
type Kind int

const (
	Invalid         Kind = iota // anything wrong with the token but the next two
	Expired                     // the signature is right, exp has passed
	NotYetValid                 // the signature is right, nbf or iat lies ahead
	Blocked                     // the token is right, and the operator has shut its user out
	KeysUnavailable             // nothing is known about the token: the issuer's keys can't be had
)

func (k Kind) String() string {
	switch k {
	case Invalid:
		return "invalid"
	case Expired:
		return "expired"
	case NotYetValid:
		return "not yet valid"
	case Blocked:
		return "of a blocked user"
	case KeysUnavailable:
		return "keys unavailable"
	}
	return "kind " + strconv.Itoa(int(k))
}

// Error says why a token was refused.
type Error struct {
	Kind       Kind
	Reason     string        // for the log: made of constants, never of what a token or an issuer's answer holds
	RetryAfter time.Duration // KeysUnavailable only: whole seconds, at least one
}

func (e *Error) Error() string { return "token " + e.Kind.String() + ": " + e.Reason }

func invalid(reason string) error { return &Error{Kind: Invalid, Reason: reason} }

// ConfigError is one problem with one issuer.
type ConfigError struct {
	Issuer  string // its name, or issuers[n] if it has none
	Field   string // as the access file spells it; "" is the whole entry
	Message string // what to do next; never holds key material
}

func (e *ConfigError) Error() string {
	place := "issuer " + e.Issuer + ": "
	if e.Field != "" {
		place += e.Field + ": "
	}
	return place + e.Message
}
