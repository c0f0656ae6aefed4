package gateway

import "strings"

const (
	maxAsked      = 64 // names of headers that a preflight may ask for
	maxHeaderName = 64 // bytes
	// tokenSet is what a header's name is made of (RFC 9110 section 5.6.2), but for *, which would mean every header.
	tokenSet = "!#$%&'+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// Preflight answers OPTIONS. Credentials are never allowed: the token is a header, not a cookie. A page of an allowed
// origin may send whatever headers it names: tracing libraries add their own, and nothing here reads them.
func (c CORS) Preflight(r Request) Response {
	headers := "authorization, content-type"
	if c.allows(r.Origin) {
		for _, name := range askedHeaders(r.asksToSend) {
			headers += ", " + name
		}
	}
	return Response{Status: 204, Header: map[string]string{
		"Access-Control-Allow-Methods": "GET, POST, OPTIONS",
		"Access-Control-Allow-Headers": headers,
		"Access-Control-Max-Age":       "600",
		"Vary":                         "Origin, Access-Control-Request-Headers",
	}}
}

// askedHeaders are the names that a preflight asks for beside those that are always allowed; none if there is anything
// among them that can't be a header's name.
func askedHeaders(list string) (names []string) {
	asked := strings.SplitN(list, ",", maxAsked+1) // no more: the list may be long
	if len(asked) > maxAsked {
		return nil
	}
	for _, name := range asked {
		name = strings.Trim(name, " \t")
		if name == "" || len(name) > maxHeaderName || strings.Trim(name, tokenSet) != "" {
			return nil
		}
		if !strings.EqualFold(name, "authorization") && !strings.EqualFold(name, "content-type") {
			names = append(names, name)
		}
	}
	return names
}
