package cam

import (
	"strings"
	"testing"
)

const (
	guangzhou = "qcs::cos:ap-guangzhou:uid/1250000000:"
	bucket    = guangzhou + "examplebucket-1250000000"
	alice     = `{"effect":"allow","action":["name/cos:PutObject","name/cos:GetObject"],
		"resource":["` + bucket + `/users/alice/*"]}`
)

// document is a policy of statements.
func document(statements string) string { return `{"version":"2.0","statement":[` + statements + `]}` }

func parse(t *testing.T, statements string) Policy {
	t.Helper()
	p, err := Parse(document(statements))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParseRefuses(t *testing.T) {
	good := document(alice)
	spoilt := func(from, to string) string { return strings.Replace(good, from, to, 1) }
	resource := func(r string) string {
		return document(`{"effect":"allow","action":"*","resource":"` + r + `"}`)
	}
	condition := func(c string) string {
		return document(`{"effect":"allow","action":"*","resource":"*","condition":` + c + `}`)
	}
	for _, tt := range []struct{ policy, says string }{
		{``, "not strict JSON"},
		{good + `{}`, "not strict JSON"},
		{spoilt(`"effect"`, `"effect":"deny","effect"`), "occurs twice"},
		{`null`, "must be an object"},
		{`{"statement":[]}`, "no version"},
		{spoilt(`"2.0"`, `"1.0"`), `must be "2.0"`},
		{spoilt(`"2.0"`, `2.0`), `must be "2.0"`},
		{spoilt(`"effect"`, `"Effect"`), `unknown element "Effect"`},
		{spoilt(`"effect"`, `"principal":{"qcs":["*"]},"effect"`), `unknown element "principal"`},
		{document(``), "at least one statement"},
		{`{"version":"2.0","statement":{}}`, "must be an array"},
		{spoilt(`"allow"`, `"Allow"`), "effect must be"},
		{document(`{"effect":"allow","resource":"*"}`), "no action"},
		{document(`{"effect":"allow","action":[],"resource":"*"}`), "not of the form"},
		{document(`{"effect":"allow","action":[1],"resource":"*"}`), "not of the form"},
		{document(`{"effect":"allow","action":"PutObject","resource":"*"}`), "not of the form"},
		{resource("qcs::cos:ap-guangzhou:uid/1"), "resource"},
		{resource("qcs:id/0:cos:ap-guangzhou:uid/1:b-1/*"), "resource"},
		{resource("qcs::cos:ap-guangzhou:uid/1:b-1/*/a"), "resource"},
		{resource("qcs::cos:ap-guangzhou:uid/*:b-1/a"), "resource"},
		{resource("qcs::cos:ap-guangzhou:uid/1:b-1/a?"), "resource"},
		{resource("qcs::cos:ap-guangzhou:uid/1:b-1/${uin}/*"), "resource"},
		{resource("qcs::cos:ap-guangzhou:uid/1:b-1/a\\u0000"), "resource"},
		{condition(`{}`), "names an operator"},
		{condition(`{"ip_equal":{}}`), "names a key"},
		{condition(`{"ip_equal":{"qcs:ip":[]}}`), "no value"},
		{condition(`{"StringLike":{"cos:prefix":"a"}}`), "unknown operator"},
		{condition(`{"bool_not_equal":{"cos:prefix":"true"}}`), "unknown operator"},
		{condition(`{"ip_equal":{"qcs:ip":"10.0.0"}}`), "10.0.0"},
		{condition(`{"numeric_equal":{"cos:content-length":"1e3"}}`), "not a number"},
		{condition(`{"date_less_than":{"qcs:current_time":"tomorrow"}}`), "not a time"},
		{condition(`{"bool_equal":{"cos:secure-transport":"yes"}}`), "neither"},
		{condition(`{"string_like":{"cos:prefix":"a*b"}}`), "only at the start"},
		{condition(`{"string_equal":{"cos:prefix":{}}}`), "must be a string"},
	} {
		t.Run(tt.policy, func(t *testing.T) {
			_, err := Parse(tt.policy)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want an error that says %q", err, tt.says)
			}
		})
	}
}

func TestAllows(t *testing.T) {
	one := func(effect, action, resource string) string {
		return `{"effect":"` + effect + `","action":"` + action + `","resource":"` + resource + `"}`
	}
	put, secret := one("allow", "name/cos:PutObject", "*"), one("deny", "name/cos:PutObject", bucket+"/secret/*")
	exact := one("allow", "name/cos:PutObject", bucket+"/a.txt")
	everywhere := one("allow", "name/cos:PutObject", "qcs::cos::uid/1250000000:examplebucket-1250000000/*")
	beijing := strings.Replace(bucket, "guangzhou", "beijing", 1)
	for _, tt := range []struct {
		name, statements, action, resource string
		want                               bool
	}{
		{"own object", alice, "name/cos:PutObject", bucket + "/users/alice/a.jpg", true},
		{"action without name/", alice, "cos:PutObject", bucket + "/users/alice/a.jpg", true},
		{"own object, folders down", alice, "name/cos:GetObject", bucket + "/users/alice/a/b/c", true},
		{"colon in the key", alice, "name/cos:GetObject", bucket + "/users/alice/a:b", true},
		{"sibling that begins the same", alice, "name/cos:PutObject", bucket + "/users/alice2/a.jpg", false},
		{"the folder's name without its /", alice, "name/cos:PutObject", bucket + "/users/alice", false},
		{"an action not named", alice, "name/cos:DeleteObject", bucket + "/users/alice/a.jpg", false},
		{"action in another case", alice, "name/cos:putobject", bucket + "/users/alice/a.jpg", false},
		{"another region", alice, "name/cos:PutObject", beijing + "/users/alice/a", false},
		{"another account", alice, "name/cos:PutObject", strings.Replace(bucket, "0:", "1:", 1) + "/users/alice/a", false},
		{"another bucket", alice, "name/cos:PutObject", guangzhou + "other-1250000000/users/alice/a", false},
		{"a resource of another shape", alice, "name/cos:PutObject", "users/alice/a.jpg", false},

		{"exact object", exact, "cos:PutObject", bucket + "/a.txt", true},
		{"exact object, longer name", exact, "cos:PutObject", bucket + "/a.txt2", false},
		{"every region", everywhere, "cos:PutObject", beijing + "/a", true},
		{"every action", one("allow", "*", "*"), "cos:PutObject", bucket + "/a", true},
		{"wildcard in an action", one("allow", "name/cos:*Object", "*"), "cos:GetObject", bucket + "/a", true},
		{"wildcard in an action, no match", one("allow", "name/cos:Get*", "*"), "cos:PutObject", bucket + "/a", false},

		{"deny after allow", put + "," + secret, "cos:PutObject", bucket + "/secret/a", false},
		{"deny before allow", secret + "," + put, "cos:PutObject", bucket + "/secret/a", false},
		{"deny of something else", put + "," + secret, "cos:PutObject", bucket + "/open/a", true},
		{"deny alone", secret, "cos:PutObject", bucket + "/open/a", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := parse(t, tt.statements).Allows(Request{Action: tt.action, Resource: tt.resource}); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	if (Policy{}).Allows(Request{Action: "cos:PutObject", Resource: bucket + "/a"}) {
		t.Error("the zero Policy allows something")
	}
}

func TestLengthLeavesOutWhiteSpace(t *testing.T) {
	if got := Length("{ \"a\":\t\"中 文\" }\n"); got != len(`{"a":"`)+2+len(`"}`) {
		t.Errorf("got %d", got)
	}
}
