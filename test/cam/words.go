package cam

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

const multipart = `InitiateMultipartUpload ListMultipartUploads ListParts UploadPart CompleteMultipartUpload
	AbortMultipartUpload`

// sets are actions that go by one word when all of them are there.
var sets = []struct{ word, actions string }{
	{"upload", "PutObject PostObject " + multipart},
	{"multipart upload", multipart},
	{"simple upload", "PutObject"},
	{"form upload", "PostObject"},
	{"download", "GetObject HeadObject OptionsObject"},
	{"delete", "DeleteObject"},
	{"list", "GetBucket"},
}

// Summary says in one line what the policy opens: "upload, download users/alice/*".
func (p Policy) Summary() string {
	var order, out []string
	actions := map[string][]string{} // by place
	for _, s := range p.Statements {
		place := strings.Join(s.places(), " ") + s.words(" if ")
		if s.Deny {
			place += " (denied)"
		}
		if actions[place] == nil {
			order = append(order, place)
		}
		actions[place] = append(actions[place], s.shortActions()...)
	}
	for _, place := range order {
		out = append(out, actionWords(actions[place])+" "+place)
	}
	return strings.Join(out, "; ")
}

// Sentences says what each statement opens, with its bucket and its conditions.
func (p Policy) Sentences() (out []string) {
	for _, s := range p.Statements {
		names := s.shortActions()
		line := fmt.Sprintf("%s  %s (%s)%s",
			strings.Join(s.places(), " "), actionWords(names), strings.Join(names, ", "), s.words(", if "))
		if s.Deny {
			line = "never " + line
		}
		out = append(out, line)
	}
	return out
}

func (s Statement) shortActions() (out []string) {
	for _, a := range s.Actions {
		out = append(out, strings.TrimPrefix(strings.TrimPrefix(a, "name/"), "cos:"))
	}
	return out
}

func actionWords(actions []string) string {
	left, out := slices.Clone(actions), []string(nil)
	for _, set := range sets {
		names := strings.Fields(set.actions)
		if slices.ContainsFunc(names, func(m string) bool { return !slices.Contains(left, m) }) {
			continue
		}
		left = slices.DeleteFunc(left, func(a string) bool { return slices.Contains(names, a) })
		out = append(out, set.word)
	}
	return strings.Join(append(out, left...), ", ")
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

// words are the conditions, if there are any, after a conjunction.
func (s Statement) words(conjunction string) string {
	var out []string
	for _, c := range s.Conditions {
		if c.Key == "cos:prefix" {
			continue // it is the place
		}
		word := cmp.Or(operatorWords[strings.TrimSuffix(c.Operator, "_if_exist")], c.Operator)
		key := strings.TrimPrefix(strings.TrimPrefix(c.Key, "cos:"), "qcs:")
		out = append(out, key+" "+word+" "+strings.Join(withoutEncoded(c.Values), " or "))
	}
	if out == nil {
		return ""
	}
	return conjunction + strings.Join(out, " and ")
}
