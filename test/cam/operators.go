package cam

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cos-credentials/policy/text"
)

// compare reports whether a value of the request meets a value of the policy.
type compare func(request, policy string) (bool, error)

// operators are those of CAM and COS that a grant may have, and null_equal. One with _not_equal means "none of them".
var operators = map[string]compare{
	"string_equal":                 stringEqual,
	"string_not_equal":             stringEqual,
	"string_equal_ignore_case":     stringFold,
	"string_not_equal_ignore_case": stringFold,
	"string_like":                  stringLike,
	"bool_equal":                   boolEqual,
	"null_equal":                   boolEqual,
	"ip_equal":                     ipEqual,
	"ip_not_equal":                 ipEqual,
	"numeric_equal":                ordered(decimal, (*big.Rat).Cmp, 0),
	"numeric_not_equal":            ordered(decimal, (*big.Rat).Cmp, 0),
	"numeric_less_than":            ordered(decimal, (*big.Rat).Cmp, -1),
	"numeric_less_than_equal":      ordered(decimal, (*big.Rat).Cmp, -1, 0),
	"numeric_greater_than":         ordered(decimal, (*big.Rat).Cmp, 1),
	"numeric_greater_than_equal":   ordered(decimal, (*big.Rat).Cmp, 0, 1),
	"date_equal":                   ordered(moment, time.Time.Compare, 0),
	"date_not_equal":               ordered(moment, time.Time.Compare, 0),
	"date_less_than":               ordered(moment, time.Time.Compare, -1),
	"date_less_than_equal":         ordered(moment, time.Time.Compare, -1, 0),
	"date_greater_than":            ordered(moment, time.Time.Compare, 1),
	"date_greater_than_equal":      ordered(moment, time.Time.Compare, 0, 1),
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
	equal, err := stringEqual(request, middle)
	switch {
	case err != nil:
		return false, err
	case before && after:
		return strings.Contains(request, middle), nil
	case before:
		return strings.HasSuffix(request, middle), nil
	case after:
		return strings.HasPrefix(request, middle), nil
	}
	return equal, nil
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

// ordered compares what read makes of both values; accepted are the orders that meet.
func ordered[T any](read func(string) (T, error), order func(a, b T) int, accepted ...int) compare {
	return func(request, policy string) (bool, error) {
		r, errR := read(request)
		p, errP := read(policy)
		if err := cmp.Or(errR, errP); err != nil {
			return false, err
		}
		return slices.Contains(accepted, order(r, p)), nil
	}
}

// decimal reads plain digits only, and a sign: big.Rat would take fractions (1/2), hexadecimal and huge exponents too.
func decimal(s string) (*big.Rat, error) {
	digits := strings.Replace(strings.TrimPrefix(s, "-"), ".", "", 1)
	r, ok := new(big.Rat).SetString(s)
	if !ok || len(digits) > 40 || !text.Only(digits, text.Digits) {
		return nil, fmt.Errorf("%q is not a number", s)
	}
	return r, nil
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
