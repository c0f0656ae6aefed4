package cam

import (
	"strings"
	"testing"
)

func TestSummary(t *testing.T) {
	at := func(place, actions string, in ...Condition) Statement {
		return Statement{false, strings.Fields(actions), []string{"qcs::cos:r:uid/1:b-1/" + place}, in}
	}
	listed := Condition{"string_like", "cos:prefix", []string{"users/a/*", "users%2Fa%2F*"}}
	short := Condition{"numeric_less_than_equal", "cos:content-length", []string{"1024"}}
	image := Condition{"string_like", "cos:content-type", []string{"image/*"}}
	denied := Statement{true, []string{"*"}, []string{"*"}, nil}
	for want, statements := range map[string][]Statement{
		"simple upload, form upload, download users/a/*": {
			at("users/a/*", "name/cos:PutObject name/cos:PostObject"),
			at("users/a/*", "cos:GetObject cos:HeadObject cos:OptionsObject"),
		},
		"list users/a/*":                 {at("*", "name/cos:GetBucket", listed)},
		"GetObjectACL a/*; * * (denied)": {at("a/*", "cos:GetObjectACL"), denied},
		"simple upload a/* if content-length ≤ 1024 and content-type is like image/*": {
			at("a/*", "cos:PutObject", short, image),
		},
	} {
		p := Policy{Statements: statements}
		if got := p.Summary(); got != want || len(p.Sentences()) != len(statements) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
