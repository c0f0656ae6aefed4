package policy

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
)

// condition is a CAM condition: operator → key → values.
// https://cloud.tencent.com/document/product/436/71306
type condition map[string]map[string]any

func (c condition) has(operator, key string) bool { _, ok := c[operator][key]; return ok }

// with returns a copy that also holds one more entry.
func (c condition) with(operator, key string, values any) condition {
	out := make(condition, len(c)+1)
	for op, keys := range c {
		out[op] = keys
	}
	keys := make(map[string]any, len(out[operator])+1)
	for k, v := range out[operator] {
		keys[k] = v
	}
	keys[key] = values
	out[operator] = keys
	return out
}

// universalKeys are carried by every request to COS. A condition on any other key would refuse the requests that don't
// carry it, or, where the function writes it itself, could take the place of its limit.
var universalKeys = []string{"qcs:ip", "qcs:vpc", "cos:secure-transport", "cos:tls-version", "qcs:current_time"}

// operators of CAM and COS; each may end in _if_exist.
var operators = []string{
	"string_equal", "string_not_equal", "string_equal_ignore_case", "string_not_equal_ignore_case", "string_like",
	"date_equal", "date_not_equal", "date_greater_than", "date_greater_than_equal", "date_less_than", "date_less_than_equal",
	"ip_equal", "ip_not_equal",
	"numeric_equal", "numeric_not_equal", "numeric_less_than", "numeric_less_than_equal", "numeric_greater_than", "numeric_greater_than_equal",
	"bool_equal",
}

func (r *reader) condition(n node, path string) condition {
	if !r.is(n, path, mapping) {
		return nil
	}
	if len(n.keys) == 0 {
		r.problem(n.line, path, "must not be empty: leave it out instead")
	}
	out := condition{}
	for i, op := range n.keys {
		below := join(path, op.text)
		base := strings.TrimSuffix(op.text, "_if_exist")
		if !slices.Contains(operators, base) {
			r.problem(op.line, below, "is not an operator that COS knows: choose from %s", strings.Join(operators, ", "))
			continue
		}
		if !r.is(n.items[i], below, mapping) {
			continue
		}
		if len(n.items[i].keys) == 0 {
			r.problem(op.line, below, "must not be empty: leave it out instead")
		}
		out[op.text] = map[string]any{}
		for j, key := range n.items[i].keys {
			at := join(below, key.text)
			if !slices.Contains(universalKeys, key.text) {
				r.problem(key.line, at, "is not carried by every request, so it would refuse those without it, or replaces a limit that the function writes itself: choose from %s",
					strings.Join(universalKeys, ", "))
				continue
			}
			out[op.text][key.text] = r.conditionValues(n.items[i].items[j], at, strings.HasPrefix(base, "ip_"))
		}
	}
	return out
}

// conditionValues reads one value or a list. Numbers and booleans stay what they are.
func (r *reader) conditionValues(n node, path string, addresses bool) any {
	value := func(n node, path string) any {
		if !r.is(n, path, text, integer, decimal, boolean) {
			return nil
		}
		if addresses && !isNetwork(n.text) {
			r.problem(n.line, path, "%q is neither an address nor a network, as in 10.0.0.0/8", n.raw)
		}
		switch n.kind {
		case integer, decimal:
			if json.Valid([]byte(n.text)) {
				return json.Number(n.text)
			}
			r.problem(n.line, path, "%q is not a number that JSON knows: put it in quotes", n.raw)
		case boolean:
			return n.text == "true"
		}
		return n.text
	}
	if n.kind != sequence {
		return value(n, path)
	}
	out := []any{}
	r.list(func(n node, path string) { out = append(out, value(n, path)) })(n, path)
	return out
}

func isNetwork(s string) bool {
	if _, err := netip.ParsePrefix(s); err == nil {
		return true
	}
	a, err := netip.ParseAddr(s)
	return err == nil && a.Zone() == ""
}

// contentTypes reads patterns like image/png and image/*.
func (r *reader) contentTypes(n node, path string) []string {
	var out []string
	r.list(func(n node, path string) {
		var s string
		r.matching(&s, isContentType, "a content type in lower case, as in image/png or image/*")(n, path)
		switch {
		case s == "":
		case slices.Contains(out, s):
			r.problem(n.line, path, "%q is there twice", n.raw)
		default:
			out = append(out, s)
		}
	})(n, path)
	return out
}

func isContentType(s string) bool {
	kind, sub, ok := strings.Cut(s, "/")
	sub, starred := strings.CutSuffix(sub, "*")
	token := func(c byte) bool { return lowerDigit(c) || strings.IndexByte("!#&^_.+-", c) >= 0 }
	return ok && kind != "" && only(kind, token) && (sub != "" || starred) && only(sub, token)
}

// requirement is one claim of `when` and the values of which it must be, or hold, one.
type requirement struct {
	claim  string
	values []any // string, bool or json.Number
}

func (r *reader) when(n node, path string) []requirement {
	if !r.is(n, path, mapping) {
		return nil
	}
	if len(n.keys) == 0 {
		r.problem(n.line, path, "must not be empty: leave it out instead")
	}
	var out []requirement
	for i, key := range n.keys {
		req := requirement{claim: key.text}
		r.list(func(n node, path string) {
			switch {
			case n.kind == integer && only(n.text, digit) && (n.text == "0" || n.text[0] != '0'):
				req.values = append(req.values, json.Number(n.text))
			case n.kind == boolean:
				req.values = append(req.values, n.text == "true")
			case r.is(n, path, text, integer, boolean):
				if n.text == "" || n.kind == integer {
					r.problem(n.line, path, "%q is not a value that a claim can be held to: write a string, a whole number from 0, true or false", n.raw)
				}
				req.values = append(req.values, n.text)
			}
		})(n.items[i], join(path, key.text))
		out = append(out, req)
	}
	return out
}

// met reports whether the claim equals, or as an array holds, one of the values.
func (q requirement) met(claims map[string]any) bool {
	claim, ok := claims[q.claim] // a name like https://example.com/role is no path
	if isPath(q.claim) {
		claim, ok = lookup(claims, q.claim)
	}
	if !ok {
		return false
	}
	if many, is := claim.([]any); is {
		return slices.ContainsFunc(many, q.holds)
	}
	return q.holds(claim)
}

func (q requirement) holds(claim any) bool {
	switch claim.(type) {
	case string, bool, json.Number: // comparable, and nothing else can equal a value
		return slices.Contains(q.values, claim)
	}
	return false
}
