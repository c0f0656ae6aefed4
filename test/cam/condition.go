package cam

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cos-credentials/policy/text"
)

// operator is a condition's operator taken apart: name[_if_exist].
type operator struct {
	name    string
	compare compare
	ifExist bool // an absent key is fine
	negated bool // none of the policy's values may be met, and by none of the request's
}

func parseOperator(s string) (op operator, _ error) {
	op.name, op.ifExist = strings.CutSuffix(s, "_if_exist")
	op.compare, op.negated = operators[op.name], strings.Contains(op.name, "_not_equal")
	if op.compare == nil || op.name == "null_equal" && op.ifExist {
		return op, errors.New("unknown operator")
	}
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
		if strings.HasPrefix(op.name, "ip_") {
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
	got := context[c.Key]
	switch {
	case op.name == "null_equal":
		return slices.Contains(c.Values, fmt.Sprint(len(got) == 0)), nil
	case len(got) == 0:
		return op.ifExist, nil
	}
	met := false
	for _, value := range got {
		if c.Key == "cos:prefix" && form == EncodedPrefix {
			value = text.Percent(value)
		}
		for _, want := range c.Values {
			ok, err := op.compare(value, want)
			if err != nil {
				return false, err
			}
			met = met || ok
		}
	}
	return met != op.negated, nil
}
