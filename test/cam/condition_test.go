package cam

import (
	"fmt"
	"testing"
)

func TestConditions(t *testing.T) {
	type sent = []string
	for _, tt := range []struct {
		operator, values string // of the policy
		request          []string
		want             bool
	}{
		{"string_equal", `"a*"`, sent{"ab"}, false},
		{"string_equal", `["a/","b/"]`, sent{"b/"}, true},
		{"string_equal", `"a/"`, nil, false},
		{"string_equal", `"a"`, sent{"x", "a"}, true},
		{"string_equal_if_exist", `"a/"`, nil, true},
		{"string_equal_if_exist", `"a/"`, sent{"b/"}, false},
		{"string_not_equal", `["a/","b/"]`, sent{"c/"}, true},
		{"string_not_equal", `["a/","b/"]`, sent{"b/"}, false},
		{"string_not_equal", `"a"`, sent{"a", "x"}, false},
		{"string_not_equal", `"a"`, nil, false},
		{"string_equal_ignore_case", `"A/"`, sent{"a/"}, true},
		{"string_not_equal_ignore_case", `"A/"`, sent{"a/"}, false},

		{"string_like", `"users/alice/*"`, sent{"users/alice/x"}, true},
		{"string_like", `"users/alice/*"`, sent{"users/alice2/"}, false},
		{"string_like", `"users/alice/*"`, sent{""}, false},
		{"string_like", `"*.jpg"`, sent{"a.jpg"}, true},
		{"string_like", `"*li*"`, sent{"alice"}, true},
		{"string_like", `"*"`, sent{"x"}, true},
		{"string_like", `"image/*"`, sent{"Image/png"}, false},

		{"numeric_less_than_equal", `10`, sent{"10"}, true},
		{"numeric_less_than_equal", `"10"`, sent{"11"}, false},
		{"numeric_less_than_equal", `10`, sent{"ten"}, false},
		{"numeric_less_than", `10`, sent{"10"}, false},
		{"numeric_greater_than", `1.1`, sent{"1.2"}, true},
		{"numeric_not_equal", `[1,2]`, sent{"2"}, false},

		{"ip_equal", `"10.1.2.3"`, sent{"10.1.2.3"}, true},
		{"ip_equal", `"10.1.2.3"`, sent{"10.1.2.30"}, false},
		{"ip_equal", `["192.168.0.0/16","10.0.0.0/8"]`, sent{"10.255.0.1"}, true},
		{"ip_equal", `"2001:db8::/32"`, sent{"2001:db8:1::1"}, true},
		{"ip_equal", `"10.0.0.0/8"`, sent{"::ffff:10.0.0.1"}, true},
		{"ip_not_equal", `"10.0.0.0/8"`, sent{"10.0.0.1"}, false},

		{"bool_equal", `true`, sent{"true"}, true},
		{"bool_equal", `"true"`, sent{"false"}, false},
		{"date_less_than", `"2030-01-01T00:00:00Z"`, sent{"2029-12-31T23:59:59Z"}, true},
		{"date_less_than", `"2030-01-01T00:00:00+08:00"`, sent{"2029-12-31T23:00:00Z"}, false},
		{"date_greater_than_equal", `"2030-01-01"`, sent{"2030-01-01T00:00:00Z"}, true},
		{"null_equal", `"true"`, nil, true},
		{"null_equal", `"true"`, sent{"a"}, false},
	} {
		t.Run(fmt.Sprintf("%s %s %q", tt.operator, tt.values, tt.request), func(t *testing.T) {
			condition := `{"` + tt.operator + `":{"k":` + tt.values + `}}`
			if got := allowedIf(t, condition, map[string][]string{"k": tt.request}); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
	// All must hold.
	for condition, want := range map[string]bool{
		`{"string_equal":{"a":"1","b":"2"}}`: true, `{"string_equal":{"a":"1","b":"3"}}`: false,
		`{"string_equal":{"a":"1"},"string_like":{"b":"3*"}}`: false,
	} {
		if allowedIf(t, condition, map[string][]string{"a": {"1"}, "b": {"2"}}) != want {
			t.Error(condition)
		}
	}
}

// allowedIf asks a policy that allows everything under a condition.
func allowedIf(t *testing.T, condition string, context map[string][]string) bool {
	t.Helper()
	p := parse(t, `{"effect":"allow","action":"*","resource":"*","condition":`+condition+`}`)
	return p.Allows(Request{Action: "cos:X", Resource: "qcs::cos:r:uid/1:b-1/k", Context: context})
}

// A policy built by hand skips Parse. What it can't decide must not open anything, whichever way the effect points.
func TestUndecidableFailsClosed(t *testing.T) {
	everything := Statement{Actions: []string{"*"}, Resources: []string{"*"}}
	request := Request{Action: "cos:X", Resource: "qcs::cos:r:uid/1:b-1/k", Context: map[string][]string{
		"cos:prefix": {"a"}, "cos:content-length": {"many"}, "qcs:ip": {"here"},
	}}
	for _, c := range []Condition{
		{"string_resembles", "cos:prefix", []string{"a"}},
		{"string_like", "cos:prefix", []string{"a*b*c"}},
		{"string_equal", "cos:prefix", []string{"${uin}"}},
		{"string_equal", "cos:prefix", nil},
		{"numeric_less_than", "cos:content-length", []string{"10"}},
		{"ip_equal", "qcs:ip", []string{"10.0.0.0/8"}},
		{"null_equal_if_exist", "cos:prefix", []string{"true"}},
	} {
		s := everything
		s.Conditions = []Condition{c}
		if (Policy{Statements: []Statement{s}}).Allows(request) {
			t.Errorf("%v allowed", c)
		}
		s.Deny = true
		if (Policy{Statements: []Statement{everything, s}}).Allows(request) {
			t.Errorf("%v did not deny", c)
		}
	}
}

func TestListingInEitherForm(t *testing.T) {
	p := parse(t, `{"effect":"allow","action":"name/cos:GetBucket","resource":"qcs::cos:ap-guangzhou:uid/1:b-1/*",
		"condition":{"string_like":{"cos:prefix":["users/a b/*","users%2Fa%20b%2F*"]}}}`)
	for prefix, want := range map[string]bool{"users/a b/x": true, "users/a b2/": false, "": false, "users/a+b/": false} {
		for _, p.Prefix = range []PrefixForm{RawPrefix, EncodedPrefix} {
			r := Request{Action: "name/cos:GetBucket", Resource: "qcs::cos:ap-guangzhou:uid/1:b-1/"}
			if p.Allows(r) {
				t.Error("a listing without a prefix was allowed")
			}
			r.Context = map[string][]string{"cos:prefix": {prefix}}
			if got := p.Allows(r); got != want {
				t.Errorf("prefix %q, form %d: got %v, want %v", prefix, p.Prefix, got, want)
			}
		}
	}
}
