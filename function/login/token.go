package login

import (
	"encoding/base64"
	"errors"
	"strings"

	"cos-credentials/function/strictjson"
)

const maxToken = 16 << 10 // bytes

// tokenLimits bounds header and claims. No token can hold as many members as it has bytes: their size is bound enough.
var tokenLimits = strictjson.Limits{Depth: 8, Members: maxToken}

// decoded is the header and claims of a token. Its signature has been found to be base64url; the library reads it.
type decoded struct{ header, claims []byte }

// split takes a compact JWS (RFC 7515 section 7.1) apart.
func split(token string) (decoded, error) {
	if len(token) > maxToken {
		return decoded{}, invalid("the token is larger than 16 KiB")
	}
	// The alphabet is checked here because Go's decoder skips line breaks: one token could be spelled in many ways.
	for _, c := range []byte(token) {
		if !('A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.') {
			return decoded{}, invalid("the token holds a character outside A-Z a-z 0-9 - _ .")
		}
	}
	parts := strings.SplitN(token, ".", 4)
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return decoded{}, invalid("the token is not three non-empty segments")
	}
	header, errHeader := base64url.DecodeString(parts[0])
	claims, errClaims := base64url.DecodeString(parts[1])
	_, errSignature := base64url.DecodeString(parts[2])
	if errHeader != nil || errClaims != nil || errSignature != nil {
		return decoded{}, invalid("a segment is not strict base64url")
	}
	return decoded{header: header, claims: claims}, nil
}

// base64url is without padding (RFC 7515 section 2), and has no stray bits in the last character.
var base64url = base64.RawURLEncoding.Strict()

// joseHeader is what the rest needs of a JOSE header.
type joseHeader struct {
	alg string
	kid string // "" if absent
}

// refusedParameters would change what the signature covers or who made it (crit, b64, zip, enc), or bring the key along (jwk,
// jku, x5u). golang-jwt looks at none of them. x5c and x5t* name a certificate that nobody here uses; they are ignored.
var refusedParameters = []string{"crit", "b64", "zip", "enc", "jwk", "jku", "x5u"}

func readHeader(data []byte) (joseHeader, error) {
	parameters, reason := decodeObject(data)
	if reason != "" {
		return joseHeader{}, invalid("the header is not strict JSON: " + reason)
	}
	for _, name := range refusedParameters {
		if _, present := parameters[name]; present {
			return joseHeader{}, invalid("the header has the parameter " + name)
		}
	}
	alg, ok := parameters["alg"].(string)
	if !ok {
		return joseHeader{}, invalid("the header has no alg")
	}
	kid, ok := optionalString(parameters, "kid", isKeyID)
	if !ok {
		return joseHeader{}, invalid("the kid is not 1 to 256 printable ASCII characters")
	}
	// RFC 8725 section 3.11: a logout token or a DPoP proof of the same issuer is no login.
	if _, ok := optionalString(parameters, "typ", func(typ string) bool {
		return isMediaType(typ, "JWT") || isMediaType(typ, "at+jwt")
	}); !ok {
		return joseHeader{}, invalid("the typ is neither JWT nor at+jwt")
	}
	// RFC 7519 section 5.2: the claims of a nested token are another token.
	if _, ok := optionalString(parameters, "cty", func(cty string) bool { return !isMediaType(cty, "JWT") }); !ok {
		return joseHeader{}, invalid("the cty says that the token holds another one")
	}
	return joseHeader{alg: alg, kid: kid}, nil
}

// isMediaType compares a typ or cty, in any case, with or without its application/ (RFC 7515 section 4.1.9). Beyond ASCII something
// folds to k and s only, and no name here has those.
func isMediaType(value, name string) bool {
	return strings.EqualFold(value, name) || strings.EqualFold(value, "application/"+name)
}

func isKeyID(kid string) bool {
	for _, c := range []byte(kid) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return 1 <= len(kid) && len(kid) <= 256
}

// optionalString returns a member that is either absent ("") or a string of which valid is true.
func optionalString(members map[string]any, name string, valid func(string) bool) (string, bool) {
	value, present := members[name]
	if !present {
		return "", true
	}
	text, ok := value.(string)
	return text, ok && valid(text)
}

func anyString(string) bool { return true }

// decodeObject reads one strict JSON object of a token; reason says why it can't.
func decodeObject(data []byte) (members map[string]any, reason string) {
	value, err := strictjson.Decode(data, tokenLimits)
	var syntax *strictjson.Error
	if errors.As(err, &syntax) {
		return nil, syntax.Reason
	}
	members, ok := value.(map[string]any)
	if err != nil || !ok {
		return nil, "not an object"
	}
	return members, ""
}
