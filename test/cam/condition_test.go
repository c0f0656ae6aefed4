package cam

import "testing"

func TestConditions(t *testing.T) {
	type values = map[string][]string
	prefix := func(s string) values { return values{"cos:prefix": {s}} }
	length := func(s string) values { return values{"cos:content-length": {s}} }
	from := func(s string) values { return values{"qcs:ip": {s}} }
	for _, tt := range []struct {
		name, condition string
		context         values
		want            bool
	}{
		{"string_equal", `{"string_equal":{"cos:prefix":"a/"}}`, prefix("a/"), true},
		{"string_equal, longer", `{"string_equal":{"cos:prefix":"a/"}}`, prefix("a/b"), false},
		{"string_equal knows no wildcard", `{"string_equal":{"cos:prefix":"a*"}}`, prefix("ab"), false},
		{"string_equal, one of several", `{"string_equal":{"cos:prefix":["a/","b/"]}}`, prefix("b/"), true},
		{"string_equal, absent", `{"string_equal":{"cos:prefix":"a/"}}`, nil, false},
		{"string_equal_if_exist, absent", `{"string_equal_if_exist":{"cos:prefix":"a/"}}`, nil, true},
		{"string_equal_if_exist, present", `{"string_equal_if_exist":{"cos:prefix":"a/"}}`, prefix("b/"), false},
		{"string_not_equal", `{"string_not_equal":{"cos:prefix":["a/","b/"]}}`, prefix("c/"), true},
		{"string_not_equal, second", `{"string_not_equal":{"cos:prefix":["a/","b/"]}}`, prefix("b/"), false},
		{"string_equal_ignore_case", `{"string_equal_ignore_case":{"cos:prefix":"A/"}}`, prefix("a/"), true},
		{"string_not_equal_ignore_case", `{"string_not_equal_ignore_case":{"cos:prefix":"A/"}}`, prefix("a/"), false},

		{"string_like, end", `{"string_like":{"cos:prefix":"users/alice/*"}}`, prefix("users/alice/x"), true},
		{"string_like, end, just the folder", `{"string_like":{"cos:prefix":"users/alice/*"}}`, prefix("users/alice/"), true},
		{"string_like, end, sibling", `{"string_like":{"cos:prefix":"users/alice/*"}}`, prefix("users/alice2/"), false},
		{"string_like, end, parent", `{"string_like":{"cos:prefix":"users/alice/*"}}`, prefix("users/"), false},
		{"string_like, empty prefix", `{"string_like":{"cos:prefix":"users/alice/*"}}`, prefix(""), false},
		{"string_like, start", `{"string_like":{"cos:prefix":"*.jpg"}}`, prefix("a.jpg"), true},
		{"string_like, both ends", `{"string_like":{"cos:prefix":"*li*"}}`, prefix("alice"), true},
		{"string_like, everything", `{"string_like":{"cos:prefix":"*"}}`, prefix("x"), true},
		{"string_like minds case", `{"string_like":{"cos:content-type":"image/*"}}`, values{"cos:content-type": {"Image/png"}}, false},

		{"numeric_less_than_equal", `{"numeric_less_than_equal":{"cos:content-length":10}}`, length("10"), true},
		{"numeric_less_than_equal, above", `{"numeric_less_than_equal":{"cos:content-length":"10"}}`, length("11"), false},
		{"numeric compares numbers, not texts", `{"numeric_less_than":{"cos:content-length":10}}`, length("9"), true},
		{"numeric_less_than", `{"numeric_less_than":{"cos:content-length":10}}`, length("10"), false},
		{"numeric_greater_than", `{"numeric_greater_than":{"cos:tls-version":1.1}}`, values{"cos:tls-version": {"1.2"}}, true},
		{"numeric_greater_than_equal", `{"numeric_greater_than_equal":{"cos:tls-version":"1.2"}}`, values{"cos:tls-version": {"1.20"}}, true},
		{"numeric_equal", `{"numeric_equal":{"cos:content-length":[1,2]}}`, length("2"), true},
		{"numeric_not_equal", `{"numeric_not_equal":{"cos:content-length":[1,2]}}`, length("2"), false},
		{"numeric, request sends no number", `{"numeric_less_than_equal":{"cos:content-length":10}}`, length("ten"), false},

		{"ip_equal, address", `{"ip_equal":{"qcs:ip":"10.1.2.3"}}`, from("10.1.2.3"), true},
		{"ip_equal, other address", `{"ip_equal":{"qcs:ip":"10.1.2.3"}}`, from("10.1.2.30"), false},
		{"ip_equal, block", `{"ip_equal":{"qcs:ip":["192.168.0.0/16","10.0.0.0/8"]}}`, from("10.255.0.1"), true},
		{"ip_equal, outside the block", `{"ip_equal":{"qcs:ip":"10.0.0.0/8"}}`, from("11.0.0.1"), false},
		{"ip_equal, v6", `{"ip_equal":{"qcs:ip":"2001:db8::/32"}}`, from("2001:db8:1::1"), true},
		{"ip_equal, v6 spelled otherwise", `{"ip_equal":{"qcs:ip":"2001:db8::1"}}`, from("2001:0db8:0:0::1"), true},
		{"ip_equal, v4 in v6", `{"ip_equal":{"qcs:ip":"10.0.0.0/8"}}`, from("::ffff:10.0.0.1"), true},
		{"ip_not_equal", `{"ip_not_equal":{"qcs:ip":"10.0.0.0/8"}}`, from("10.0.0.1"), false},

		{"bool_equal", `{"bool_equal":{"cos:secure-transport":true}}`, values{"cos:secure-transport": {"true"}}, true},
		{"bool_equal as text", `{"bool_equal":{"cos:secure-transport":"true"}}`, values{"cos:secure-transport": {"false"}}, false},
		{"date_less_than", `{"date_less_than":{"qcs:current_time":"2030-01-01T00:00:00Z"}}`, values{"qcs:current_time": {"2029-12-31T23:59:59Z"}}, true},
		{"date_less_than minds zones", `{"date_less_than":{"qcs:current_time":"2030-01-01T00:00:00+08:00"}}`, values{"qcs:current_time": {"2029-12-31T23:00:00Z"}}, false},
		{"date_greater_than_equal, a day", `{"date_greater_than_equal":{"qcs:current_time":"2030-01-01"}}`, values{"qcs:current_time": {"2030-01-01T00:00:00Z"}}, true},
		{"binary_equal", `{"binary_equal":{"cos:x":"YQ=="}}`, values{"cos:x": {"YQ=="}}, true},
		{"null_equal, absent", `{"null_equal":{"cos:prefix":"true"}}`, nil, true},
		{"null_equal, present", `{"null_equal":{"cos:prefix":"true"}}`, prefix("a"), false},

		{"two keys, both", `{"string_equal":{"cos:prefix":"a","cos:content-type":"b"}}`, values{"cos:prefix": {"a"}, "cos:content-type": {"b"}}, true},
		{"two keys, one", `{"string_equal":{"cos:prefix":"a","cos:content-type":"b"}}`, prefix("a"), false},
		{"two operators, one", `{"string_equal":{"cos:prefix":"a"},"ip_equal":{"qcs:ip":"10.0.0.1"}}`, values{"cos:prefix": {"a"}, "qcs:ip": {"10.0.0.2"}}, false},
		{"for_any_value", `{"for_any_value:string_equal":{"k":["a"]}}`, values{"k": {"x", "a"}}, true},
		{"for_all_value", `{"for_all_value:string_equal":{"k":["a","b"]}}`, values{"k": {"a", "x"}}, false},
		{"for_all_value, all", `{"for_all_value:string_equal":{"k":["a","b"]}}`, values{"k": {"a", "b"}}, true},
		{"for_any_value, negated", `{"for_any_value:string_not_equal":{"k":"a"}}`, values{"k": {"a", "x"}}, true},
		{"no qualifier, negated", `{"string_not_equal":{"k":"a"}}`, values{"k": {"a", "x"}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Parse(`{"version":"2.0","statement":[{"effect":"allow","action":"*","resource":"*","condition":` + tt.condition + `}]}`)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Allows(Request{Action: "cos:X", Resource: "qcs::cos:r:uid/1:b-1/k", Context: tt.context}); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
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
	p, err := Parse(`{"version":"2.0","statement":[{"effect":"allow","action":"name/cos:GetBucket",
		"resource":["qcs::cos:ap-guangzhou:uid/1:b-1/","qcs::cos:ap-guangzhou:uid/1:b-1/*"],
		"condition":{"string_like":{"cos:prefix":["users/a b/*","users%2Fa%20b%2F*"]}}}]}`)
	if err != nil {
		t.Fatal(err)
	}
	for prefix, want := range map[string]bool{
		"users/a b/": true, "users/a b/x": true, "users/a b2/": false, "users/a b": false, "users/": false, "": false, "users/a+b/": false,
	} {
		for _, form := range []PrefixForm{RawPrefix, EncodedPrefix} {
			p.Prefix = form
			for _, resource := range []string{"qcs::cos:ap-guangzhou:uid/1:b-1/", "qcs::cos:ap-guangzhou:uid/1:b-1/" + prefix} {
				got := p.Allows(Request{Action: "name/cos:GetBucket", Resource: resource, Context: map[string][]string{"cos:prefix": {prefix}}})
				if got != want {
					t.Errorf("prefix %q, form %d, resource %s: got %v, want %v", prefix, form, resource, got, want)
				}
			}
		}
	}
	if p.Allows(Request{Action: "name/cos:GetBucket", Resource: "qcs::cos:ap-guangzhou:uid/1:b-1/"}) {
		t.Error("a listing without a prefix was allowed")
	}
}
