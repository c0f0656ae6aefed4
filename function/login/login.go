// Package login turns a bearer token into a verified [Identity].
//
// A token is a JSON Web Token in compact form (RFC 7519, RFC 7515), signed by an issuer that the access file names. golang-jwt
// checks the signature, the times, the issuer and the audience; this package decides what gets so far, and with which key.
// [Verifier.Verify] is the whole check, in order. Every refusal is an [*Error].
package login

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Issuer is somebody who is trusted to say who the user is: one entry of the access file. [New] checks every field.
type Issuer struct {
	Name        string   // for logs, errors and Identity; unique
	Issuer      string   // the token's iss, byte for byte; unique
	Audiences   []string // the token's aud holds at least one of these
	Algorithms  []string // HS256/384/512 with Secret, and only then; else RS, PS, ES 256/384/512 and EdDSA (Ed25519)
	JWKSURI     string   // where its JSON Web Key Set is; exactly one of this and the next four
	Discovery   bool     // its OpenID configuration says where the key set is
	JWKS        string   // a JSON Web Key Set (RFC 7517)
	PublicKey   string   // PEM: one block, PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE
	Secret      []byte   // shared; at least 32, 48, 64 bytes for HS256, 384, 512
	Leeway      time.Duration
	MaxLifetime time.Duration // exp - now may not exceed it
}

// Identity is a user, as an issuer has vouched for them.
type Identity struct {
	Issuer  string         // the issuer's Name
	Subject string         // the token's sub; unique only together with Issuer
	Claims  map[string]any // all claims, as from strictjson: numbers are json.Number
	Expires time.Time      // the token's exp; may lie as far back as the issuer's leeway
}

// Issuer and Identity show their name only, whoever prints them: one holds a secret, the other a person's data.

func (i Issuer) Format(w fmt.State, _ rune)   { io.WriteString(w, "login.Issuer("+i.Name+")") }
func (i Issuer) LogValue() slog.Value         { return slog.StringValue(i.Name) }
func (i Issuer) MarshalJSON() ([]byte, error) { return json.Marshal(i.Name) }

func (i Identity) Format(w fmt.State, _ rune)   { io.WriteString(w, "login.Identity("+i.Issuer+")") }
func (i Identity) LogValue() slog.Value         { return slog.StringValue(i.Issuer) }
func (i Identity) MarshalJSON() ([]byte, error) { return json.Marshal(i.Issuer) }
