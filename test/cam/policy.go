// Package cam decides what a CAM policy document allows in COS, so that tests can ask "what does this key open?" and
// need not compare texts.
//
// It is test equipment and leans to one side: whatever CAM's documentation leaves open is refused by [Parse], and what
// can't be decided in [Policy.Allows] never allows and always denies. The one open question that matters to listings,
// in which form COS compares cos:prefix, is a switch ([PrefixForm]).
package cam

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"cos-credentials/function/strictjson"
)

// Policy is a parsed document. The zero value allows nothing.
type Policy struct {
	Statements []Statement
	Prefix     PrefixForm // how cos:prefix is compared
}

// Statement is one rule of a policy. All of its conditions must hold.
type Statement struct {
	Deny       bool
	Actions    []string
	Resources  []string
	Conditions []Condition
}

// Condition is one operator with one key: the key's value in the request is compared with any of Values.
type Condition struct {
	Operator string
	Key      string
	Values   []string
}

// PrefixForm is the form of a listing's prefix that is compared with a policy's cos:prefix. The vendor's documentation
// says encoded, practitioners report both.
type PrefixForm int

const (
	RawPrefix     PrefixForm = iota // users/42/
	EncodedPrefix                   // users%2F42%2F
)

var (
	actionShape   = regexp.MustCompile(`^(\*|(name/)?[a-z]+:[A-Za-z*]+)$`)
	resourceShape = regexp.MustCompile(`^qcs::[a-z]+:[a-z0-9-]*:[a-z0-9/]*:(\*|[^*?[:cntrl:]]+\*?)$`)
	policyVars    = "${" // CAM expands ${uin} and others; COS resources can't hold them
)

// Parse reads a policy document as strictly as the strictest reading of CAM's documentation.
func Parse(document string) (p Policy, _ error) {
	// encoding/json folds the case of member names and lets the last of two equal ones win: it may see another policy than
	// the cloud does.
	root, err := strictjson.Decode([]byte(document), strictjson.Limits{Depth: 32, Members: 100_000})
	if err != nil {
		return p, fmt.Errorf("policy is not strict JSON: %w", err)
	}
	top, err := elementsOf(root, "policy", "version", "statement")
	if err != nil {
		return p, err
	}
	if top["version"] != "2.0" {
		return p, errors.New(`version must be "2.0"`)
	}
	statements, ok := top["statement"].([]any)
	if !ok || len(statements) == 0 {
		return p, errors.New("statement must be an array with at least one statement")
	}
	for i, in := range statements {
		s, err := statement(in)
		if err != nil {
			return Policy{}, fmt.Errorf("statement %d: %w", i+1, err)
		}
		p.Statements = append(p.Statements, s)
	}
	return p, nil
}

func statement(in any) (s Statement, _ error) {
	elements, err := elementsOf(in, "statement", "effect", "action", "resource", "condition?")
	if err != nil {
		return s, err
	}
	if s.Deny = elements["effect"] == "deny"; !s.Deny && elements["effect"] != "allow" {
		return s, errors.New(`effect must be "allow" or "deny"`)
	}
	if s.Actions, err = texts(elements["action"]); err != nil || !allAre(s.Actions, actionShape.MatchString) {
		return s, fmt.Errorf("action %q is not of the form name/cos:Action", s.Actions)
	}
	if s.Resources, err = texts(elements["resource"]); err != nil || !allAre(s.Resources, isResource) {
		return s, fmt.Errorf("resource %q is not qcs::cos:region:uid/appid:bucket/key, * only at its end", s.Resources)
	}
	if in, ok := elements["condition"]; ok {
		s.Conditions, err = conditions(in)
	}
	return s, err
}

func conditions(in any) (out []Condition, _ error) {
	byOperator, ok := in.(map[string]any)
	if !ok || len(byOperator) == 0 {
		return nil, errors.New("condition must be an object that names an operator")
	}
	for _, name := range slices.Sorted(maps.Keys(byOperator)) {
		byKey, ok := byOperator[name].(map[string]any)
		if !ok || len(byKey) == 0 {
			return nil, fmt.Errorf("condition %s must be an object that names a key", name)
		}
		for _, key := range slices.Sorted(maps.Keys(byKey)) {
			values, err := texts(byKey[key])
			c := Condition{name, key, values}
			if err == nil {
				err = c.check()
			}
			if err != nil {
				return nil, fmt.Errorf("condition %s: %s: %w", name, key, err)
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// allAre reports whether there are values, and whether all of them are good.
func allAre(values []string, good func(string) bool) bool {
	bad := func(s string) bool { return !good(s) }
	return len(values) > 0 && !slices.ContainsFunc(values, bad)
}

// isResource takes "*" or the six segments qcs::service:region:account:resource. What else has no documented meaning: a
// wildcard that isn't at the end, a question mark, a project, a policy variable.
func isResource(r string) bool {
	return r == "*" || resourceShape.MatchString(r) && !strings.Contains(r, policyVars)
}

// Length counts a document as CAM's limit of 6,144 characters does: without white space.
func Length(document string) int {
	return len(slices.DeleteFunc([]rune(document), func(c rune) bool { return strings.ContainsRune(" \t\r\n", c) }))
}
