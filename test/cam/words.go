package cam

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

const inParts = "InitiateMultipartUpload ListMultipartUploads ListParts UploadPart CompleteMultipartUpload " +
	"AbortMultipartUpload"

// sets are actions that go by one word when all of them are there.
var sets = []struct{ word, actions string }{
	{"upload", "PutObject PostObject " + inParts},
	{"multipart upload", inParts},
	{"simple upload", "PutObject"},
	{"form upload", "PostObject"},
	{"download", "GetObject HeadObject OptionsObject"},
	{"delete", "DeleteObject"},
	{"list", "GetBucket"},
}

// Summary says in one line what the policy opens: "upload, download users/alice/*".
func (p Policy) Summary() string {
	var places []string
	actions := map[string][]string{}
	var out []string
	var denied []Statement
	for _, s := range p.Statements {
		place := strings.Join(s.places(), " ")
		if conditions := s.words(); conditions != "" {
			place += " if " + conditions
		}
		if s.Deny {
			denied = append(denied, s)
			continue
		}
		if !slices.Contains(places, place) {
			places = append(places, place)
		}
		actions[place] = append(actions[place], s.Actions...)
	}
	for _, place := range places {
		out = append(out, strings.Join(actionWords(actions[place]), ", ")+" "+place)
	}
	for i, s := range denied {
		if i > 0 && s.like(denied[i-1]) {
			out[len(out)-1] += ", " + s.keys()
			continue
		}
		words := "never " + strings.Join(actionWords(s.Actions), ", ") + " " + strings.Join(s.places(), " ")
		if keys := s.keys(); keys != "" {
			words += " with certain " + keys
		}
		out = append(out, words)
	}
	return strings.Join(out, "; ")
}

// like reports whether two statements that deny differ in their conditions only.
func (s Statement) like(t Statement) bool {
	return s.Deny && t.Deny && slices.Equal(s.Actions, t.Actions) && slices.Equal(s.Resources, t.Resources)
}

// keys names what the conditions are about.
func (s Statement) keys() string {
	var out []string
	for _, c := range s.Conditions {
		out = append(out, shortKey(c.Key))
	}
	return strings.Join(out, " and ")
}

// Sentences says what each statement opens, with its conditions. Those that deny the same under different conditions
// are one sentence.
func (p Policy) Sentences() []string {
	var out []string
	for i, s := range p.Statements {
		if i > 0 && s.like(p.Statements[i-1]) {
			out[len(out)-1] += ", or if " + s.words()
			continue
		}
		var names []string
		for _, a := range s.Actions {
			names = append(names, shortAction(a))
		}
		words := strings.Join(actionWords(s.Actions), ", ")
		line := fmt.Sprintf("%s  %s (%s)", strings.Join(s.places(), " "), words, strings.Join(names, ", "))
		if s.Deny {
			line = "never " + line
		}
		if conditions := s.words(); conditions != "" {
			line += ", if " + conditions
		}
		out = append(out, line)
	}
	return out
}

func shortAction(a string) string {
	return strings.TrimPrefix(strings.TrimPrefix(a, "name/"), "cos:")
}

func actionWords(actions []string) []string {
	var left, out []string
	for _, a := range actions {
		left = append(left, shortAction(a))
	}
	for _, set := range sets {
		members := strings.Fields(set.actions)
		if slices.ContainsFunc(members, func(m string) bool { return !slices.Contains(left, m) }) {
			continue
		}
		left = slices.DeleteFunc(left, func(a string) bool { return slices.Contains(members, a) })
		out = append(out, set.word)
	}
	return append(out, left...)
}

// places is where the statement works: object keys, or the prefixes of a listing.
func (s Statement) places() []string {
	for _, c := range s.Conditions {
		if c.Key == "cos:prefix" {
			return withoutEncoded(c.Values)
		}
	}
	var out []string
	for _, r := range s.Resources {
		if seg := strings.SplitN(r, ":", 6); len(seg) == 6 {
			_, r, _ = strings.Cut(seg[5], "/")
		}
		out = append(out, r)
	}
	return out
}

// withoutEncoded drops the URL-encoded twin of a value: it is the same place.
func withoutEncoded(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool {
		plain, err := url.PathUnescape(v)
		return err == nil && plain != v && slices.Contains(values, plain)
	})
}

var operatorWords = map[string]string{
	"string_equal": "is", "string_like": "is like", "ip_equal": "is", "ip_not_equal": "is not", "bool_equal": "is",
	"numeric_less_than_equal": "≤", "numeric_less_than": "<",
	"numeric_greater_than_equal": "≥", "numeric_greater_than": ">",
}

func shortKey(key string) string { return strings.TrimPrefix(strings.TrimPrefix(key, "cos:"), "qcs:") }

func (s Statement) words() string {
	var out []string
	for _, c := range s.Conditions {
		if c.Key == "cos:prefix" {
			continue // it is the place
		}
		word, ok := operatorWords[strings.TrimSuffix(c.Operator, "_if_exist")]
		if !ok {
			word = c.Operator
		}
		if c.Operator == "string_like" && slices.Equal(c.Values, []string{"*"}) {
			out = append(out, shortKey(c.Key)+" is there")
			continue
		}
		words := shortKey(c.Key) + " " + word + " " + strings.Join(withoutEncoded(c.Values), " or ")
		if strings.HasSuffix(c.Operator, "_if_exist") {
			words += ", if it is there"
		}
		out = append(out, words)
	}
	return strings.Join(out, " and ")
}

// Opening is one action on one place, a key or a prefix, as a policy opens it.
type Opening struct{ Action, Place, If string }

// Openings is all that the policy opens, action by action and place by place.
func (p Policy) Openings() (all []Opening) {
	for _, s := range p.Statements {
		for _, a := range s.Actions {
			for _, place := range s.places() {
				if !s.Deny {
					all = append(all, Opening{shortAction(a), place, p.conditionsOf(s, a)})
				}
			}
		}
	}
	return all
}

// conditionsOf says under which conditions a statement opens an action, and what other statements deny of it.
func (p Policy) conditionsOf(s Statement, a string) string {
	var all, never []string
	if words := s.words(); words != "" {
		all = append(all, words)
	}
	for _, d := range p.Statements {
		if d.Deny && slices.Contains(d.Actions, a) && !slices.Contains(never, d.keys()) {
			never = append(never, d.keys())
		}
	}
	if never != nil {
		all = append(all, "without certain "+strings.Join(never, ", "))
	}
	return strings.Join(all, " and ")
}
