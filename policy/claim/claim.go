// Package claim finds claims in a verified token and holds them to wanted values.
//
// Claims are as a token's JSON has them: string, bool, json.Number, nil, []any, map[string]any.
package claim

import (
	"encoding/json"
	"slices"
	"strings"

	"cos-credentials/policy/text"
)

// Lookup follows a dotted path through nested objects, by exact names.
func Lookup(claims map[string]any, path string) (any, bool) {
	for {
		name, rest, nested := strings.Cut(path, ".")
		value, ok := claims[name]
		if !nested || !ok {
			return value, ok
		}
		if claims, ok = value.(map[string]any); !ok {
			return nil, false
		}
		path = rest
	}
}

// IsPath reports whether a name can be looked up: names of letters, digits, _, - and :, joined by dots.
func IsPath(s string) bool {
	for name := range strings.SplitSeq(s, ".") {
		if name == "" || !text.Only(name, text.Alnum+"_-:") {
			return false
		}
	}
	return true
}

// Requirement is one claim and the values of which it must be, or as an array hold, at least one.
type Requirement struct {
	Claim  string
	Values []any // string, bool or json.Number
}

// Met reports whether the claims meet the requirement. A claim that is absent meets none.
func (q Requirement) Met(claims map[string]any) bool {
	value, ok := claims[q.Claim] // a name like https://example.com/role is no path
	if IsPath(q.Claim) {
		value, ok = Lookup(claims, q.Claim)
	}
	if !ok {
		return false
	}
	if many, is := value.([]any); is {
		return slices.ContainsFunc(many, q.holds)
	}
	return q.holds(value)
}

func (q Requirement) holds(value any) bool {
	switch value.(type) {
	case string, bool, json.Number: // comparable, and nothing else can equal a value
		return slices.Contains(q.Values, value)
	}
	return false
}
