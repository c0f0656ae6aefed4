// Package login turns a bearer token into a verified [Identity].
//
// A token is a JSON Web Token in compact form (RFC 7519, RFC 7515), signed by an issuer that the access file names.
// What decides about it is one list, rules, from top to bottom; golang-jwt verifies the signature and compares the
// times with the clock. [Verifier.Verify] stops at the first rule that refuses, [Verifier.Explain] runs them all.
// Every refusal is an [*Error].
package login

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Identity is a user, as an issuer has vouched for them.
type Identity struct {
	Issuer  string         // the issuer's Name
	Subject string         // the claim that names the user, usually sub; unique only together with Issuer
	Claims  map[string]any // all claims, as from strictjson: numbers are json.Number; sub is the subject
	Expires time.Time      // the token's exp; may lie as far back as the issuer's leeway
}

// An identity shows its issuer only, whoever prints it: it is a person's data.

func (i Identity) Format(w fmt.State, _ rune)   { io.WriteString(w, "login.Identity("+i.Issuer+")") }
func (i Identity) LogValue() slog.Value         { return slog.StringValue(i.Issuer) }
func (i Identity) MarshalJSON() ([]byte, error) { return json.Marshal(i.Issuer) }
