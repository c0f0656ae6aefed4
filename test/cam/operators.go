package cam

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"strings"
	"time"
)

// compare reports whether a value of the request meets a value of the policy.
type compare func(request, policy string) (bool, error)

// operators are those of CAM and COS; one that ends in _not_equal is its opposite's "none of them".
var operators = map[string]compare{
	"string_equal":                 stringEqual,
	"string_not_equal":             stringEqual,
	"string_equal_ignore_case":     stringFold,
	"string_not_equal_ignore_case": stringFold,
	"string_like":                  stringLike,
	"binary_equal":                 binaryEqual,
	"bool_equal":                   boolEqual,
	"ip_equal":                     ipEqual,
	"ip_not_equal":                 ipEqual,
	"numeric_equal":                numeric(func(c int) bool { return c == 0 }),
	"numeric_not_equal":            numeric(func(c int) bool { return c == 0 }),
	"numeric_less_than":            numeric(func(c int) bool { return c < 0 }),
	"numeric_less_than_equal":      numeric(func(c int) bool { return c <= 0 }),
	"numeric_greater_than":         numeric(func(c int) bool { return c > 0 }),
	"numeric_greater_than_equal":   numeric(func(c int) bool { return c >= 0 }),
	"date_equal":                   date(func(c int) bool { return c == 0 }),
	"date_not_equal":               date(func(c int) bool { return c == 0 }),
	"date_less_than":               date(func(c int) bool { return c < 0 }),
	"date_less_than_equal":         date(func(c int) bool { return c <= 0 }),
	"date_greater_than":            date(func(c int) bool { return c > 0 }),
	"date_greater_than_equal":      date(func(c int) bool { return c >= 0 }),
	"null_equal":                   boolEqual,
}

func stringEqual(request, policy string) (bool, error) {
	if strings.Contains(policy, policyVars) {
		return false, errors.New("policy variables are not supported here")
	}
	return request == policy, nil
}

func stringFold(request, policy string) (bool, error) {
	_, err := stringEqual(request, policy)
	return strings.EqualFold(request, policy), err
}

// stringLike knows * at the start and at the end, as COS does, and nowhere else.
func stringLike(request, policy string) (bool, error) {
	if policy == "*" {
		return true, nil
	}
	middle, before := strings.CutPrefix(policy, "*")
	middle, after := strings.CutSuffix(middle, "*")
	if strings.Contains(middle, "*") {
		return false, errors.New("string_like takes * only at the start and at the end")
	}
	if _, err := stringEqual(request, middle); err != nil {
		return false, err
	}
	switch {
	case before && after:
		return strings.Contains(request, middle), nil
	case before:
		return strings.HasSuffix(request, middle), nil
	case after:
		return strings.HasPrefix(request, middle), nil
	}
	return request == middle, nil
}

func binaryEqual(request, policy string) (bool, error) {
	_, err := base64.StdEncoding.DecodeString(policy)
	return request == policy, err
}

func boolEqual(request, policy string) (bool, error) {
	for _, v := range []string{request, policy} {
		if v != "true" && v != "false" {
			return false, fmt.Errorf("%q is neither true nor false", v)
		}
	}
	return request == policy, nil
}

func ipEqual(request, policy string) (bool, error) {
	address, err := netip.ParseAddr(request)
	if err != nil {
		return false, err
	}
	address = address.Unmap()
	if !strings.Contains(policy, "/") {
		want, err := netip.ParseAddr(policy)
		return err == nil && want.Unmap() == address, err
	}
	block, err := netip.ParsePrefix(policy)
	return err == nil && block.Contains(address), err
}

func numeric(accept func(int) bool) compare {
	return func(request, policy string) (bool, error) {
		r, err := decimal(request)
		if err != nil {
			return false, err
		}
		p, err := decimal(policy)
		if err != nil {
			return false, err
		}
		return accept(r.Cmp(p)), nil
	}
}

// decimal reads plain digits only: a sign aside, big.Rat would take fractions (1/2), hexadecimal and huge exponents too.
func decimal(s string) (*big.Rat, error) {
	digits := strings.Replace(strings.TrimPrefix(s, "-"), ".", "", 1)
	plain := digits != "" && len(digits) <= 40 && !strings.ContainsFunc(digits, func(c rune) bool { return c < '0' || c > '9' })
	r, ok := new(big.Rat).SetString(s)
	if !plain || !ok {
		return nil, fmt.Errorf("%q is not a number", s)
	}
	return r, nil
}

func date(accept func(int) bool) compare {
	return func(request, policy string) (bool, error) {
		r, err := moment(request)
		if err != nil {
			return false, err
		}
		p, err := moment(policy)
		if err != nil {
			return false, err
		}
		return accept(r.Compare(p)), nil
	}
}

func moment(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t, err = time.Parse(time.DateOnly, s)
	}
	if err != nil {
		return t, fmt.Errorf("%q is not a time such as 2030-01-02T15:04:05Z", s)
	}
	return t, nil
}
