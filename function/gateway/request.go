package gateway

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxBody is the longest body in bytes, after base64 decoding.
const MaxBody = 256 << 10

// Token is the bearer token (RFC 6750 section 2.1). It is looked for in the Authorization header and nowhere else.
func (r Request) Token() (string, *Error) {
	if len(r.authorization) > 1 {
		return "", invalidRequest("The request has more than one Authorization header.")
	}
	if len(r.authorization) == 1 {
		scheme, token, _ := strings.Cut(r.authorization[0], " ")
		if token = strings.TrimLeft(token, " "); strings.EqualFold(scheme, "Bearer") && token != "" {
			return token, nil
		}
	}
	return "", &Error{
		Code:    TokenMissing,
		Message: "Log in first: send the login's token in the header Authorization, after the word Bearer.",
	}
}

// Query is a query parameter's value, "" if it is absent. A parameter that is there more than once with different
// values, or without any, is an error.
func (r Request) Query(name string) (string, *Error) {
	if r.query == nil {
		return "", nil
	}
	all, ok := r.query.(map[string]any)
	if !ok {
		return "", invalidRequest("The event's queryString can't be read.")
	}
	value, ok := all[name]
	if !ok {
		return "", nil
	}
	values := slices.Compact(stringsOf(value))
	if len(values) != 1 || values[0] == "" || strings.ContainsRune(values[0], utf8.RuneError) {
		return "", notOnce(name)
	}
	return values[0], nil
}

func notOnce(name string) *Error {
	return invalidRequest("The query parameter " + name + " must be there once, with a value.")
}

// NotInQuery refuses a request whose query names what belongs into its body: a limit there would be dropped in silence.
func (r Request) NotInQuery(names []string) *Error {
	all, _ := r.query.(map[string]any)
	for _, name := range names {
		if _, there := all[name]; there {
			return invalidRequest("The query has the parameter " + name + ", which belongs into the JSON body of a POST.")
		}
	}
	return nil
}

// Body is the request's body in bytes, at most [MaxBody] of them. Only a POST has one: that of a GET means nothing
// (RFC 9110 section 9.3.1), and is not read.
func (r Request) Body() ([]byte, *Error) {
	if r.Method != "POST" {
		return nil, nil
	}
	tooLarge := &Error{Code: RequestTooLarge, Message: "The body is longer than 256 KiB."}
	if !r.encoded {
		if len(r.body) > MaxBody {
			return nil, tooLarge
		}
		return []byte(r.body), nil
	}
	if len(r.body) > base64.StdEncoding.EncodedLen(MaxBody) {
		return nil, tooLarge
	}
	body, err := base64.StdEncoding.Strict().DecodeString(r.body)
	switch {
	case err != nil:
		return nil, invalidRequest("The event says that its body is base64, and it is not.")
	case len(body) > MaxBody:
		return nil, tooLarge
	}
	return body, nil
}
