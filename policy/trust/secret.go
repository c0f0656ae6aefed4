package trust

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"unicode"
)

// Secret is a key that never shows itself in a log or a message.
type Secret []byte

func (Secret) String() string               { return "[secret]" }
func (Secret) GoString() string             { return "[secret]" }
func (Secret) Format(f fmt.State, _ rune)   { f.Write([]byte("[secret]")) }
func (Secret) LogValue() slog.Value         { return slog.StringValue("[secret]") }
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// encodings are the ways to write a secret, as secretEncoding names them. The first is the default.
var encodings = []struct {
	name   string
	decode func(string) (Secret, string)
}{
	{"text", textSecret},
	{"base64", func(s string) (Secret, string) { return base64Secret(s, base64.StdEncoding) }},
	{"base64url", func(s string) (Secret, string) { return base64Secret(s, base64.URLEncoding) }},
	{"hex", hexSecret},
}

// Encodings lists the values of secretEncoding.
func Encodings() (all []string) {
	for _, e := range encodings {
		all = append(all, e.name)
	}
	return all
}

// DecodeSecret reads a secret in the encoding of that name; why says what is wrong with it, without showing it.
func DecodeSecret(encoding, written string) (secret Secret, why string) {
	for _, e := range encodings {
		if e.name == encoding {
			return e.decode(written)
		}
	}
	return nil, "has an encoding that is not known: choose from " + strings.Join(Encodings(), ", ")
}

func textSecret(written string) (Secret, string) {
	if strings.TrimFunc(written, unicode.IsSpace) != written {
		return nil, "begins or ends with white space, which is easily lost where the secret is copied: " +
			"take it away on both sides"
	}
	return Secret(written), ""
}

const orText = "write secretEncoding: text if the signer uses its characters as they stand"

// base64Secret takes padding (RFC 4648 section 3.2) or none: both are in use, and neither can be read in two ways.
func base64Secret(written string, encoding *base64.Encoding) (Secret, string) {
	if !strings.HasSuffix(written, "=") {
		encoding = encoding.WithPadding(base64.NoPadding)
	}
	secret, err := encoding.Strict().DecodeString(written)
	if err != nil || strings.ContainsAny(written, "\r\n") { // which the decoder skips
		return nil, "is not in its secretEncoding: base64 is written with + and /, base64url with - and _, " +
			"and neither with white space; " + orText
	}
	return secret, ""
}

func hexSecret(written string) (Secret, string) {
	secret, err := hex.DecodeString(written)
	if err != nil {
		return nil, "is not in its secretEncoding: hex is an even number of 0-9 and a-f; " + orText
	}
	return secret, ""
}
