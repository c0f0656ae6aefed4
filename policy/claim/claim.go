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

// MaxInteger is the most digits of a number that may name a user.
const MaxInteger = 19

// IsInteger reports whether a number is whole, from 0, and of at most 19 digits, as JSON writes it: each has only one
// text.
func IsInteger(v string) bool {
	return v != "" && len(v) <= MaxInteger && text.Only(v, text.Digits) && (v == "0" || v[0] != '0')
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

// Named finds the claim that a rule of the access file names: by its path, or where the name is none, as
// https://example.com/role, by the whole name.
func Named(claims map[string]any, name string) (any, bool) {
	if IsPath(name) {
		return Lookup(claims, name)
	}
	value, ok := claims[name]
	return value, ok
}

// Scope is the claim that holds several values in one string, parted by spaces (RFC 8693 section 4.2).
const Scope = "scope"

// Requirement is one claim and the values of which it must be, or as an array hold, at least one.
type Requirement struct {
	Claim  string
	Values []any // string, bool or json.Number
}

// Met reports whether the claims meet the requirement. A claim that is absent meets none.
func (q Requirement) Met(claims map[string]any) bool {
	value, ok := Named(claims, q.Claim)
	if !ok {
		return false
	}
	if many, is := value.([]any); is {
		return slices.ContainsFunc(many, q.holds)
	}
	if words, is := value.(string); is && q.Claim == Scope {
		return slices.ContainsFunc(strings.Split(words, " "), func(word string) bool { return q.holds(word) })
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
