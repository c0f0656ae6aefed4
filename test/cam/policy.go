// Package cam decides what a CAM policy document allows in COS, so that tests can ask "what does this key open?" instead
// of comparing texts.
//
// It is test equipment and leans to one side: whatever CAM's documentation leaves open is refused by [Parse], and what
// can't be decided in [Policy.Allows] never allows and always denies. The one open question that matters to listings, in
// which form COS compares cos:prefix, is a switch ([PrefixForm]).
package cam

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
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
	actionName = regexp.MustCompile(`^(name/)?[a-z]+:[A-Za-z*]+$`)
	policyVars = "${" // CAM expands ${uin} and others; COS resources can't hold them
)

// Parse reads a policy document as strictly as the strictest reading of CAM's documentation.
func Parse(document string) (Policy, error) {
	root, err := decode(document)
	if err != nil {
		return Policy{}, err
	}
	top, err := root.members("policy", "version", "statement")
	if err != nil {
		return Policy{}, err
	}
	if v, err := top["version"].text("version"); err != nil {
		return Policy{}, err
	} else if v != "2.0" {
		return Policy{}, fmt.Errorf(`version must be "2.0", not %q`, v)
	}
	statements, ok := top["statement"].any.(list)
	if !ok || len(statements) == 0 {
		return Policy{}, errors.New("statement must be an array with at least one statement")
	}
	var p Policy
	for i, in := range statements {
		s, err := statement(value{in})
		if err != nil {
			return Policy{}, fmt.Errorf("statement %d: %w", i+1, err)
		}
		p.Statements = append(p.Statements, s)
	}
	return p, nil
}

func statement(in value) (Statement, error) {
	members, err := in.members("statement", "effect", "action", "resource", "condition?")
	if err != nil {
		return Statement{}, err
	}
	var s Statement
	effect, err := members["effect"].text("effect")
	if err != nil {
		return s, err
	}
	switch effect {
	case "allow":
	case "deny":
		s.Deny = true
	default:
		return s, fmt.Errorf(`effect must be "allow" or "deny", not %q`, effect)
	}
	if s.Actions, err = members["action"].texts("action"); err != nil {
		return s, err
	}
	for _, a := range s.Actions {
		if a != "*" && !actionName.MatchString(a) {
			return s, fmt.Errorf("action %q is not of the form name/cos:Action", a)
		}
	}
	if s.Resources, err = members["resource"].texts("resource"); err != nil {
		return s, err
	}
	for _, r := range s.Resources {
		if err := checkResource(r); err != nil {
			return s, fmt.Errorf("resource %q: %w", r, err)
		}
	}
	if c, ok := members["condition"]; ok {
		s.Conditions, err = conditions(c)
	}
	return s, err
}

func conditions(in value) ([]Condition, error) {
	operators, ok := in.any.(object)
	if !ok || len(operators) == 0 {
		return nil, errors.New("condition must be an object that names an operator")
	}
	var out []Condition
	for _, op := range operators {
		keys, ok := op.value.(object)
		if !ok || len(keys) == 0 {
			return nil, fmt.Errorf("condition %s must be an object that names a key", op.name)
		}
		for _, key := range keys {
			values, err := value{key.value}.scalars(key.name)
			if err != nil {
				return nil, fmt.Errorf("condition %s: %w", op.name, err)
			}
			c := Condition{op.name, key.name, values}
			if err := c.check(); err != nil {
				return nil, fmt.Errorf("condition %s: %s: %w", op.name, key.name, err)
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// checkResource takes "*" or the six segments qcs:project:service:region:account:resource.
func checkResource(r string) error {
	if r == "*" {
		return nil
	}
	seg := strings.SplitN(r, ":", 6)
	switch {
	case len(seg) < 6 || seg[0] != "qcs":
		return errors.New("needs the six segments qcs:project:service:region:account:resource")
	case seg[1] != "":
		return errors.New("the project segment must be empty")
	case seg[2] == "" || seg[5] == "":
		return errors.New("the service and resource segments can't be empty")
	case strings.Contains(r, policyVars):
		return errors.New("a policy variable can't be part of a COS resource")
	case strings.Contains(r, "?"):
		return errors.New("? has no documented meaning")
	case strings.ContainsFunc(r, func(c rune) bool { return c < ' ' || c == 0x7f }):
		return errors.New("a control character can't be part of a resource")
	}
	for _, s := range seg[2:5] {
		if strings.Contains(s, "*") && s != "*" {
			return errors.New("a wildcard in the middle has no documented meaning")
		}
	}
	if i := strings.Index(seg[5], "*"); i >= 0 && i != len(seg[5])-1 {
		return errors.New("* is a wildcard only at the end")
	}
	return nil
}

// Length counts a document as CAM's limit of 6,144 characters does: without white space.
func Length(document string) int {
	return len(slices.DeleteFunc([]rune(document), func(c rune) bool { return strings.ContainsRune(" \t\r\n", c) }))
}
