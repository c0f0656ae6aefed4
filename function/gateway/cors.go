package gateway

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// CORS says which web pages may read the answers. The zero value allows none.
type CORS struct {
	any     bool
	origins []string
}

// ParseCORS reads a comma-separated list of exact origins, or * alone. The error names every wrong item, and how
// browsers spell it. The right ones are returned even then, so that their pages can read the answer that says so.
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
		item = strings.TrimSpace(item)
		switch spelled := browserOrigin(item); spelled {
		case "":
			wrong = append(wrong, fmt.Sprintf("%q is not an origin: write scheme://host[:port] as browsers send it, as in "+
				"https://app.example.com, or * alone", item))
		case item:
			c.origins = append(c.origins, item)
		default:
			wrong = append(wrong, fmt.Sprintf("%q is not an origin that browsers send: write %s", item, spelled))
		}
	}
	if wrong != nil {
		return c, errors.New(strings.Join(wrong, "; "))
	}
	return c, nil
}

func (c CORS) allows(origin string) bool { return c.any || slices.Contains(c.origins, origin) }

// Apply adds the headers that let the page of an origin read an answer.
func (c CORS) Apply(origin string, r *Response) {
	if r.Header == nil {
		r.Header = map[string]string{}
	}
	if c.any {
		r.Header["Access-Control-Allow-Origin"] = "*"
	} else if c.allows(origin) {
		r.Header["Access-Control-Allow-Origin"] = origin
	}
	if len(c.origins) > 0 && r.Header["Vary"] == "" {
		r.Header["Vary"] = "Origin"
	}
	if r.Header["Retry-After"] != "" && r.Header["Access-Control-Allow-Origin"] != "" {
		r.Header["Access-Control-Expose-Headers"] = "Retry-After" // or the page could not read it
	}
}
