package cam

import (
	"strings"
	"testing"
)

const alice = `{"version":"2.0","statement":[{"effect":"allow",
	"action":["name/cos:PutObject","name/cos:GetObject"],
	"resource":["qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/users/alice/*"]}]}`

func TestParseRefuses(t *testing.T) {
	statement := func(s string) string { return `{"version":"2.0","statement":[` + s + `]}` }
	resource := func(r string) string {
		return statement(`{"effect":"allow","action":"*","resource":"` + r + `"}`)
	}
	condition := func(c string) string {
		return statement(`{"effect":"allow","action":"*","resource":"*","condition":` + c + `}`)
	}
	for _, tt := range []struct{ name, document, says string }{
		{"nothing", ``, "not JSON"},
		{"null", `null`, "must be an object"},
		{"cut off", alice[:len(alice)-1], "not JSON"},
		{"text after the end", alice + `{}`, "after its end"},
		{"not UTF-8", "{\"version\":\"\xff\"}", "UTF-8"},
		{"deep nesting", strings.Repeat(`[`, 10_000), "too deeply"},
		{"no version", `{"statement":[]}`, "no version"},
		{"old version", strings.Replace(alice, `"2.0"`, `"1.0"`, 1), `must be "2.0"`},
		{"version as number", strings.Replace(alice, `"2.0"`, `2.0`, 1), "must be a string"},
		{"upper case", strings.Replace(alice, `"effect"`, `"Effect"`, 1), `unknown element "Effect"`},
		{"principal", strings.Replace(alice, `"effect"`, `"principal":{"qcs":["*"]},"effect"`, 1), `unknown element "principal"`},
		{"effect twice", strings.Replace(alice, `"effect"`, `"effect":"deny","effect"`, 1), "there twice"},
		{"no statement", `{"version":"2.0","statement":[]}`, "at least one statement"},
		{"one statement without its array", `{"version":"2.0","statement":{}}`, "must be an array"},
		{"unknown effect", strings.Replace(alice, `"allow"`, `"Allow"`, 1), "effect must be"},
		{"no action", statement(`{"effect":"allow","resource":"*"}`), "no action"},
		{"empty actions", statement(`{"effect":"allow","action":[],"resource":"*"}`), "action is empty"},
		{"action without service", statement(`{"effect":"allow","action":"PutObject","resource":"*"}`), "not of the form"},
		{"resource of five segments", resource("qcs::cos:ap-guangzhou:uid/1"), "six segments"},
		{"resource of another cloud", resource("arn::cos:ap-guangzhou:uid/1:b-1/*"), "six segments"},
		{"resource with a project", resource("qcs:id/0:cos:ap-guangzhou:uid/1:b-1/*"), "project"},
		{"resource without service", resource("qcs:::ap-guangzhou:uid/1:b-1/*"), "can't be empty"},
		{"wildcard in the middle", resource("qcs::cos:ap-guangzhou:uid/1:b-1/*/a"), "only at the end"},
		{"wildcard in the account", resource("qcs::cos:ap-guangzhou:uid/*:b-1/a"), "no documented meaning"},
		{"question mark", resource("qcs::cos:ap-guangzhou:uid/1:b-1/a?"), "no documented meaning"},
		{"policy variable", resource("qcs::cos:ap-guangzhou:uid/1:b-1/${uin}/*"), "policy variable"},
		{"control character", resource("qcs::cos:ap-guangzhou:uid/1:b-1/a\\u0000"), "control character"},
		{"empty condition", condition(`{}`), "names an operator"},
		{"operator without key", condition(`{"ip_equal":{}}`), "names a key"},
		{"key without value", condition(`{"ip_equal":{"qcs:ip":[]}}`), "no value"},
		{"unknown operator", condition(`{"string_likes":{"cos:prefix":"a"}}`), "unknown operator"},
		{"AWS operator", condition(`{"StringLike":{"cos:prefix":"a"}}`), "unknown operator"},
		{"both qualifiers", condition(`{"for_all_value:for_any_value:string_equal":{"a":"a"}}`), "unknown operator"},
		{"value that is no address", condition(`{"ip_equal":{"qcs:ip":"10.0.0"}}`), "10.0.0"},
		{"value that is no number", condition(`{"numeric_equal":{"cos:content-length":"1e3"}}`), "not a number"},
		{"value that is no time", condition(`{"date_less_than":{"qcs:current_time":"tomorrow"}}`), "not a time"},
		{"value that is no truth", condition(`{"bool_equal":{"cos:secure-transport":"yes"}}`), "neither"},
		{"wildcard inside string_like", condition(`{"string_like":{"cos:prefix":"a*b"}}`), "only at the start"},
		{"value that is an object", condition(`{"string_equal":{"cos:prefix":{}}}`), "must be a string"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.document)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want an error that says %q", err, tt.says)
			}
		})
	}
}

func TestAllows(t *testing.T) {
	const (
		guangzhou = "qcs::cos:ap-guangzhou:uid/1250000000:"
		bucket    = guangzhou + "examplebucket-1250000000"
	)
	one := func(effect, action, resource string) string {
		return `{"effect":"` + effect + `","action":` + action + `,"resource":` + resource + `}`
	}
	all := func(statements ...string) string {
		return `{"version":"2.0","statement":[` + strings.Join(statements, ",") + `]}`
	}
	put := `"name/cos:PutObject"`
	for _, tt := range []struct {
		name, policy, action, resource string
		want                           bool
	}{
		{"own object", alice, "name/cos:PutObject", bucket + "/users/alice/a.jpg", true},
		{"action without name/", alice, "cos:PutObject", bucket + "/users/alice/a.jpg", true},
		{"own object, folders down", alice, "name/cos:GetObject", bucket + "/users/alice/a/b/c", true},
		{"colon in the key", alice, "name/cos:GetObject", bucket + "/users/alice/a:b", true},
		{"another user", alice, "name/cos:PutObject", bucket + "/users/bob/a.jpg", false},
		{"sibling that begins the same", alice, "name/cos:PutObject", bucket + "/users/alice2/a.jpg", false},
		{"the folder's name without its /", alice, "name/cos:PutObject", bucket + "/users/alice", false},
		{"an action not named", alice, "name/cos:DeleteObject", bucket + "/users/alice/a.jpg", false},
		{"action in another case", alice, "name/cos:putobject", bucket + "/users/alice/a.jpg", false},
		{"another region", alice, "name/cos:PutObject", strings.Replace(bucket, "guangzhou", "beijing", 1) + "/users/alice/a", false},
		{"another account", alice, "name/cos:PutObject", strings.Replace(bucket, "uid/1250000000", "uid/1250000001", 1) + "/users/alice/a", false},
		{"another bucket", alice, "name/cos:PutObject", guangzhou + "other-1250000000/users/alice/a", false},
		{"a resource of another shape", alice, "name/cos:PutObject", "users/alice/a.jpg", false},

		{"exact object", all(one("allow", put, `"`+bucket+`/a.txt"`)), "cos:PutObject", bucket + "/a.txt", true},
		{"exact object, longer name", all(one("allow", put, `"`+bucket+`/a.txt"`)), "cos:PutObject", bucket + "/a.txt2", false},
		{"every region", all(one("allow", put, `"qcs::cos::uid/1250000000:examplebucket-1250000000/*"`)), "cos:PutObject", bucket + "/a", true},
		{"every resource", all(one("allow", put, `"*"`)), "cos:PutObject", bucket + "/a", true},
		{"every action", all(one("allow", `"*"`, `"*"`)), "cos:PutObject", bucket + "/a", true},
		{"wildcard in an action", all(one("allow", `"name/cos:*Object"`, `"*"`)), "cos:GetObject", bucket + "/a", true},
		{"wildcard in an action, no match", all(one("allow", `"name/cos:Get*"`, `"*"`)), "cos:PutObject", bucket + "/a", false},

		{"deny after allow", all(one("allow", put, `"*"`), one("deny", put, `"`+bucket+`/secret/*"`)), "cos:PutObject", bucket + "/secret/a", false},
		{"deny before allow", all(one("deny", put, `"`+bucket+`/secret/*"`), one("allow", put, `"*"`)), "cos:PutObject", bucket + "/secret/a", false},
		{"deny of something else", all(one("deny", put, `"`+bucket+`/secret/*"`), one("allow", put, `"*"`)), "cos:PutObject", bucket + "/open/a", true},
		{"deny alone", all(one("deny", put, `"`+bucket+`/secret/*"`)), "cos:PutObject", bucket + "/open/a", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Parse(tt.policy)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Allows(Request{Action: tt.action, Resource: tt.resource}); got != tt.want {
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

func FuzzParse(f *testing.F) {
	f.Add(alice)
	f.Add(`{"version":"2.0","statement":[{"effect":"deny","action":"*","resource":"*","condition":{"numeric_greater_than_if_exist":{"cos:content-length":10}}}]}`)
	f.Add(`{"version":"2.0","statement":[{"effect":"allow","action":"cos:Get*","resource":"qcs::cos:::a-1/*","condition":{"string_like":{"cos:prefix":["a/*","a%2F*"]}}}]}`)
	f.Fuzz(func(t *testing.T, document string) {
		p, err := Parse(document)
		if err != nil {
			if len(p.Statements) > 0 {
				t.Error("a refused document left statements behind")
			}
			return
		}
		// What Parse lets through must be decidable, and no policy may allow what it both allows and denies.
		request := Request{Action: "cos:GetObject", Resource: "qcs::cos:ap-guangzhou:uid/1:a-1/x"}
		p.Allows(request)
		p.Statements = append(p.Statements, Statement{Deny: true, Actions: []string{"*"}, Resources: []string{"*"}})
		if p.Allows(request) {
			t.Error("a deny of everything was overruled")
		}
	})
}
