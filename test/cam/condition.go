package cam

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// operator is a condition's operator taken apart: [for_any_value:|for_all_value:]name[_if_exist].
type operator struct {
	name    string
	compare compare
	ifExist bool // an absent key is fine
	every   bool // every value of the request must meet the condition, not just one
	negated bool
}

func parseOperator(s string) (operator, error) {
	var op operator
	name, all := strings.CutPrefix(s, "for_all_value:")
	name, some := strings.CutPrefix(name, "for_any_value:")
	op.name, op.ifExist = strings.CutSuffix(name, "_if_exist")
	compare, ok := operators[op.name]
	if !ok || all && some {
		return op, errors.New("unknown operator")
	}
	if op.name == "null_equal" && s != op.name {
		return op, errors.New("null_equal takes no qualifier and no _if_exist")
	}
	op.compare, op.negated = compare, strings.Contains(op.name, "_not_equal")
	op.every = all || op.negated && !some
	return op, nil
}

// check finds unknown operators and values that the operator can't read, by comparing each with itself.
func (c Condition) check() error {
	op, err := parseOperator(c.Operator)
	if err != nil {
		return err
	}
	if len(c.Values) == 0 {
		return errors.New("no value")
	}
	for _, v := range c.Values {
		sample := v
		if op.name == "ip_equal" || op.name == "ip_not_equal" {
			sample, _, _ = strings.Cut(v, "/")
		}
		if _, err := op.compare(sample, v); err != nil {
			return err
		}
	}
	return nil
}

func (c Condition) holds(context map[string][]string, form PrefixForm) (bool, error) {
	if err := c.check(); err != nil {
		return false, err
	}
	op, _ := parseOperator(c.Operator)
	got, present := context[c.Key]
	present = present && len(got) > 0
	if op.name == "null_equal" {
		return slices.Contains(c.Values, fmt.Sprint(!present)), nil
	}
	if !present {
		return op.ifExist, nil
	}
	if c.Key == "cos:prefix" && form == EncodedPrefix {
		encoded := make([]string, len(got))
		for i, v := range got {
			encoded[i] = strings.ReplaceAll(url.QueryEscape(v), "+", "%20")
		}
		got = encoded
	}
	met := 0
	for _, g := range got {
		ok, err := op.meets(g, c.Values)
		if err != nil {
			return false, err
		}
		if ok {
			met++
		}
	}
	if op.every {
		return met == len(got), nil
	}
	return met > 0, nil
}

// meets compares one value of the request with the policy's: any of them, or none of them for a negated operator.
func (op operator) meets(request string, policy []string) (bool, error) {
	for _, p := range policy {
		ok, err := op.compare(request, p)
		if err != nil {
			return false, err
		}
		if ok {
			return !op.negated, nil
		}
	}
	return op.negated, nil
}
