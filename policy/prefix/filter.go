package prefix

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"

	"cos-credentials/policy/claim"
	"cos-credentials/policy/text"
)

// filter says which values a placeholder takes and how it writes them. Each maps different values to different segments
// (sha256 as far as anyone can tell), and none writes a slash, a wildcard or an empty segment.
type filter int

const (
	plain     filter = iota
	integers         // {claim|int}
	base64url        // {claim|base64url}
	hexadec          // {claim|hex}
	digest           // {claim|sha256}
)

var filterNames = [...]string{plain: "", integers: "int", base64url: "base64url", hexadec: "hex", digest: "sha256"}

const (
	maxPlain   = 128  // bytes
	maxEncoded = 1024 // bytes before encoding
)

// The characters of filled values.
const (
	plainSet     = text.Alnum + "._@-"
	base64urlSet = text.Alnum + "-_"
)

// issuerClaim is the placeholder that stands for the issuer's name, whatever a token says.
const issuerClaim = "issuer"

// value finds a segment's claim in a login and writes it, or says in half a sentence why it can't.
func (s segment) value(issuer string, claims map[string]any, pick string) (out, why string) {
	if s.picks {
		return s.filter.write(pick)
	}
	if s.claim == issuerClaim {
		if s.filter == plain {
			return issuer, "" // [a-z0-9-], which a plain claim could not begin with -
		}
		return s.filter.write(issuer)
	}
	found, ok := claim.Lookup(claims, s.claim)
	if !ok {
		return "", "is not in the token"
	}
	return s.filter.write(found)
}

// write turns a claim's value into a segment's text, or says why it can't.
func (f filter) write(found any) (out, why string) {
	if f == integers {
		n, ok := found.(json.Number)
		if !ok || !claim.IsInteger(string(n)) {
			return "", "is not a whole number of at most 19 digits"
		}
		return string(n), ""
	}
	v, ok := found.(string)
	switch {
	case !ok:
		return "", "is not a string"
	case v == "":
		return "", "is empty"
	case f == plain && !isPlain(v):
		return "", "can't stand in a prefix unencoded: " + notPlain(v) + "; {claim|base64url} takes any string"
	case len(v) > maxEncoded:
		return "", "is longer than 1,024 bytes"
	}
	switch f {
	case plain:
		return v, ""
	case base64url:
		return base64.RawURLEncoding.EncodeToString([]byte(v)), ""
	case hexadec:
		return hex.EncodeToString([]byte(v)), ""
	case digest:
		sum := sha256.Sum256([]byte(v))
		return hex.EncodeToString(sum[:]), ""
	}
	return "", "has an unknown filter"
}

// isPlain: ^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$, with no .. and no final dot.
func isPlain(v string) bool {
	return v != "" && len(v) <= maxPlain && text.Only(v[:1], text.Alnum) && text.Only(v, plainSet) &&
		!strings.Contains(v, "..") && v[len(v)-1] != '.'
}

// notPlain says why a text is not plain, without quoting it.
func notPlain(v string) string {
	switch {
	case len(v) > maxPlain:
		return "it is longer than 128 bytes"
	case !text.Only(v[:1], text.Alnum):
		return "its first character is no letter or digit"
	case !text.Only(v, plainSet):
		return "a character after the first is none of letters, digits and ._@-"
	}
	return "it has two dots in a row, or a dot at its end"
}

// writes reports whether some value becomes this text.
func (f filter) writes(s string) bool {
	switch f {
	case plain:
		return isPlain(s)
	case integers:
		return claim.IsInteger(s)
	case base64url:
		v, err := base64.RawURLEncoding.Strict().DecodeString(s)
		return err == nil && len(v) >= 1 && len(v) <= maxEncoded && !strings.ContainsAny(s, "\r\n")
	case hexadec:
		return s != "" && len(s) <= 2*maxEncoded && len(s)%2 == 0 && text.Only(s, text.Hex)
	}
	return len(s) == 2*sha256.Size && text.Only(s, text.Hex)
}
