package strictyaml

import (
	"slices"
	"strconv"
	"strings"
)

// Field is one key that a mapping may hold, and what reads its value.
type Field struct {
	Name string
	Read func(Node)
}

// Object reads a mapping key by key. A key that is not listed is a problem: a misspelt limit must not be no limit.
func (r *Reader) Object(n Node, fields []Field) bool {
	if !r.Is(n, Mapping) {
		return false
	}
	for i, key := range n.Keys {
		at := slices.IndexFunc(fields, func(f Field) bool { return f.Name == key.Text })
		if at < 0 {
			r.Problem(key, "is not known here: %s may hold %s", describe(n.Path), names(fields))
			continue
		}
		fields[at].Read(n.Items[i])
	}
	return true
}

func describe(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}

func names(fields []Field) string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name
	}
	return strings.Join(out, ", ")
}

// Require complains of fields that a mapping lacks; a value that was there but wrong has been reported already.
func (r *Reader) Require(n Node, fields ...string) {
	for _, f := range fields {
		if !n.Has(f) {
			r.Problem(n.At(f), "is missing")
		}
	}
}

// Is reports whether a node has one of the kinds, and complains otherwise.
func (r *Reader) Is(n Node, want ...Kind) bool {
	if slices.Contains(want, n.Kind) {
		return true
	}
	if n.Kind != Broken {
		list := make([]string, len(want))
		for i, k := range want {
			list[i] = string(k)
		}
		r.Problem(n, "must be %s, but is %s%s", strings.Join(list, " or "), n.Kind, quotes(n, want))
	}
	return false
}

func quotes(n Node, want []Kind) string {
	switch {
	case !slices.Contains(want, String):
	case n.Kind == Integer || n.Kind == Decimal || n.Kind == Boolean:
		return ": put it in quotes"
	case n.Kind == Mapping:
		return ": if it begins with {, put it in quotes"
	}
	return ""
}

// String reads a string that is not empty.
func (r *Reader) String(into *string) func(Node) {
	return func(n Node) {
		switch {
		case !r.Is(n, String):
		case n.Text == "":
			r.Problem(n, "must not be empty")
		default:
			*into = n.Text
		}
	}
}

// Matching reads a string of a given form; the message says which.
func (r *Reader) Matching(into *string, valid func(string) bool, form string) func(Node) {
	return func(n Node) {
		var s string
		if r.String(&s)(n); s == "" {
			return
		}
		if !valid(s) {
			r.Problem(n, "%q is not %s", n.Raw, form)
			return
		}
		*into = s
	}
}

// OneOf reads one of some words.
func (r *Reader) OneOf(into *string, words []string) func(Node) {
	return func(n Node) {
		var s string
		if r.String(&s)(n); s == "" {
			return
		}
		if !slices.Contains(words, s) {
			r.Problem(n, "%q is not known: choose from %s", n.Raw, strings.Join(words, ", "))
			return
		}
		*into = s
	}
}

// Once holds what read puts into value to one place in the file.
func (r *Reader) Once(value *string, what string, read func(Node)) func(Node) {
	return func(n Node) {
		if read(n); *value == "" {
			return
		}
		key := what + " " + *value
		if first, ok := r.taken[key]; ok {
			r.Problem(n, "is taken: it is the %s on line %d already", what, first)
			return
		}
		r.taken[key] = n.Line
	}
}

// Number reads digits within limits.
func (r *Reader) Number(into *int64, least, most int64, unit string) func(Node) {
	return func(n Node) {
		if n.Kind != Integer && !(n.Kind == String && n.Plain) {
			r.Is(n, Integer)
			return
		}
		v, err := strconv.ParseInt(n.Text, 10, 64)
		if err != nil || strconv.FormatInt(v, 10) != n.Text || v < least || v > most {
			r.Problem(n, "%q is not a number of %s from %d to %d, in digits", n.Raw, unit, least, most)
			return
		}
		*into = v
	}
}

// Flag reads true or false.
func (r *Reader) Flag(into *bool) func(Node) {
	return func(n Node) {
		switch {
		case n.Kind == Boolean || n.Kind == String && n.Plain:
			if n.Text == "true" || n.Text == "false" {
				*into = n.Text == "true"
				return
			}
			r.Problem(n, "%q is neither true nor false", n.Raw)
		default:
			r.Is(n, Boolean)
		}
	}
}

// List reads a list that is not empty, item by item.
func (r *Reader) List(read func(Node)) func(Node) {
	return func(n Node) {
		if !r.Is(n, Sequence) {
			return
		}
		if len(n.Items) == 0 {
			r.Problem(n, "must not be empty: name at least one")
		}
		for _, item := range n.Items {
			read(item)
		}
	}
}

// Strings reads a list of strings, each there once.
func (r *Reader) Strings(into *[]string) func(Node) {
	var nodes []Node
	read := r.Nodes(&nodes)
	return func(n Node) {
		read(n)
		for _, one := range nodes {
			*into = append(*into, one.Text)
		}
	}
}

// Nodes reads a list of strings, each there once, and keeps their places.
func (r *Reader) Nodes(into *[]Node) func(Node) {
	return r.List(func(n Node) {
		var s string
		r.String(&s)(n)
		switch {
		case s == "":
		case slices.ContainsFunc(*into, func(other Node) bool { return other.Text == s }):
			r.Problem(n, "%q is there twice", n.Raw)
		default:
			*into = append(*into, n)
		}
	})
}

// OneOrMore reads a string, or a list of up to most strings, and keeps their places. It doesn't mind one that is there
// twice: two variables may hold the same.
func (r *Reader) OneOrMore(into *[]Node, most int) func(Node) {
	one := func(n Node) {
		var s string
		if r.String(&s)(n); s != "" {
			*into = append(*into, n)
		}
	}
	return func(n Node) {
		switch {
		case n.Kind != Sequence:
			if r.Is(n, String, Sequence) {
				one(n)
			}
		case len(n.Items) > most:
			r.Problem(n, "holds %d values: keep %d at most", len(n.Items), most)
		default:
			r.List(one)(n)
		}
	}
}
