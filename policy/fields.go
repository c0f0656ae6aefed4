package policy

import (
	"slices"
	"strconv"
	"strings"
)

// field is one key that a mapping may hold, and what reads its value.
type field struct {
	name string
	read func(n node, path string)
}

// object reads a mapping key by key. A key that is not listed is a problem: a misspelt limit must not be no limit.
func (r *reader) object(n node, path string, fields []field) bool {
	if !r.is(n, path, mapping) {
		return false
	}
	for i, key := range n.keys {
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == key.text })
		if at < 0 {
			r.problem(key.line, join(path, key.text), "is not known here: %s may hold %s", what(path), names(fields))
			continue
		}
		fields[at].read(n.items[i], join(path, key.text))
	}
	return true
}

func what(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}

func names(fields []field) string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.name
	}
	return strings.Join(out, ", ")
}

// is reports whether a node has one of the kinds, and complains otherwise.
func (r *reader) is(n node, path string, want ...kind) bool {
	if slices.Contains(want, n.kind) {
		return true
	}
	if n.kind != broken {
		list := make([]string, len(want))
		for i, k := range want {
			list[i] = string(k)
		}
		r.problem(n.line, path, "must be %s, but is %s%s", strings.Join(list, " or "), n.kind, quotes(n, want))
	}
	return false
}

func quotes(n node, want []kind) string {
	switch {
	case !slices.Contains(want, text):
	case n.kind == integer || n.kind == decimal || n.kind == boolean:
		return ": put it in quotes"
	case n.kind == mapping:
		return ": if it begins with {, put it in quotes"
	}
	return ""
}

// str reads a string that is not empty.
func (r *reader) str(into *string) func(node, string) {
	return func(n node, path string) {
		switch {
		case !r.is(n, path, text):
		case n.text == "":
			r.problem(n.line, path, "must not be empty")
		default:
			*into = n.text
		}
	}
}

// matching reads a string of a given form; the message says which.
func (r *reader) matching(into *string, valid func(string) bool, form string) func(node, string) {
	return func(n node, path string) {
		var s string
		if r.str(&s)(n, path); s == "" {
			return
		}
		if !valid(s) {
			r.problem(n.line, path, "%q is not %s", n.raw, form)
			return
		}
		*into = s
	}
}

// number reads digits within limits.
func (r *reader) number(into *int64, least, most int64, unit string) func(node, string) {
	return func(n node, path string) {
		if n.kind != integer && !(n.kind == text && n.plain) {
			r.is(n, path, integer)
			return
		}
		v, err := strconv.ParseInt(n.text, 10, 64)
		if err != nil || strconv.FormatInt(v, 10) != n.text || v < least || v > most {
			r.problem(n.line, path, "%q is not a number of %s from %d to %d, in digits", n.raw, unit, least, most)
			return
		}
		*into = v
	}
}

// flag reads true or false.
func (r *reader) flag(into *bool) func(node, string) {
	return func(n node, path string) {
		switch {
		case n.kind == boolean || n.kind == text && n.plain:
			if n.text == "true" || n.text == "false" {
				*into = n.text == "true"
				return
			}
			r.problem(n.line, path, "%q is neither true nor false", n.raw)
		default:
			r.is(n, path, boolean)
		}
	}
}

// list reads a list that is not empty, item by item.
func (r *reader) list(read func(n node, path string)) func(node, string) {
	return func(n node, path string) {
		if !r.is(n, path, sequence) {
			return
		}
		if len(n.items) == 0 {
			r.problem(n.line, path, "must not be empty: name at least one")
		}
		for i, item := range n.items {
			read(item, path+"["+strconv.Itoa(i)+"]")
		}
	}
}

// strs reads a list of strings, each there once.
func (r *reader) strs(into *[]string) func(node, string) {
	return r.list(func(n node, path string) {
		var s string
		r.str(&s)(n, path)
		switch {
		case s == "":
		case slices.Contains(*into, s):
			r.problem(n.line, path, "%q is there twice", n.raw)
		default:
			*into = append(*into, s)
		}
	})
}
