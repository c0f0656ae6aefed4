package gateway

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// CORS says which web pages may read the answers. The zero value allows none.
type CORS struct {
	any     bool
	origins []string
}

// ParseCORS reads a comma-separated list of exact origins, or * alone. The error names every wrong item. The right ones
// are returned even then, so that their pages can read the answer that says so.
func ParseCORS(list string) (CORS, error) {
	if strings.TrimSpace(list) == "" {
		return CORS{}, nil
	}
	if strings.TrimSpace(list) == "*" {
		return CORS{any: true}, nil
	}
	var c CORS
	var wrong []string
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); isOrigin(item) {
			c.origins = append(c.origins, item)
		} else {
			wrong = append(wrong, fmt.Sprintf("%q", item))
		}
	}
	if wrong != nil {
		return c, fmt.Errorf("%s is not an origin: write scheme://host[:port] as browsers send it, in lower case and "+
			"without a path, as in https://app.example.com, or * alone", strings.Join(wrong, ", "))
	}
	return c, nil
}

// isOrigin accepts what browsers send as Origin (RFC 6454 section 6.1), but for null, which any sandboxed page sends.
func isOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && u.Host != "" && u.Hostname() != "" && s == u.Scheme+"://"+u.Host &&
		s == strings.ToLower(s) && !strings.ContainsAny(s, "*, ") && u.User == nil
}

// Apply adds the headers that let the page of an origin read an answer.
func (c CORS) Apply(origin string, r *Response) {
	if r.Header == nil {
		r.Header = map[string]string{}
	}
	switch {
	case c.any:
		r.Header["Access-Control-Allow-Origin"] = "*"
	case len(c.origins) > 0:
		r.Header["Vary"] = "Origin"
		if slices.Contains(c.origins, origin) {
			r.Header["Access-Control-Allow-Origin"] = origin
		}
	}
	if r.Header["Retry-After"] != "" && r.Header["Access-Control-Allow-Origin"] != "" {
		r.Header["Access-Control-Expose-Headers"] = "Retry-After" // or the page could not read it
	}
}

// Preflight answers OPTIONS. Credentials are never allowed: the token is a header, not a cookie.
func Preflight() Response {
	return Response{Status: 204, Header: map[string]string{
		"Access-Control-Allow-Methods": "GET, POST, OPTIONS",
		"Access-Control-Allow-Headers": "authorization, content-type",
		"Access-Control-Max-Age":       "600",
	}}
}
