package policy

import (
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"cos-credentials/policy/strictyaml"
)

// condition is a CAM condition: operator → key → values.
// https://cloud.tencent.com/document/product/436/71306
type condition map[string]map[string]any

func (c condition) has(operator, key string) bool { _, ok := c[operator][key]; return ok }

// with returns a copy that also holds one more entry.
func (c condition) with(operator, key string, values any) condition {
	out, keys := condition{}, map[string]any{}
	maps.Copy(out, c)
	maps.Copy(keys, c[operator])
	out[operator], keys[key] = keys, values
	return out
}

// universalKeys are carried by every request to COS. A condition on any other key would refuse the requests that don't
// carry it, or, where the function writes it itself, could take the place of its limit.
var universalKeys = []string{"qcs:ip", "qcs:vpc", "cos:secure-transport", "cos:tls-version", "qcs:current_time"}

// operators of CAM and COS; each may end in _if_exist.
var operators = []string{
	"string_equal", "string_not_equal", "string_equal_ignore_case", "string_not_equal_ignore_case", "string_like",
	"date_equal", "date_not_equal",
	"date_greater_than", "date_greater_than_equal", "date_less_than", "date_less_than_equal",
	"ip_equal", "ip_not_equal",
	"numeric_equal", "numeric_not_equal",
	"numeric_less_than", "numeric_less_than_equal", "numeric_greater_than", "numeric_greater_than_equal",
	"bool_equal",
}

// condition reads the grant's own conditions.
func (r *reader) condition(into *condition) func(strictyaml.Node) {
	return func(n strictyaml.Node) {
		if !r.Is(n, strictyaml.Mapping) {
			return
		}
		if len(n.Keys) == 0 {
			r.Problem(n, "must not be empty: leave it out instead")
		}
		*into = condition{}
		for i, operator := range n.Keys {
			if !slices.Contains(operators, strings.TrimSuffix(operator.Text, "_if_exist")) {
				r.Problem(operator, "is not an operator that COS knows: choose from %s", strings.Join(operators, ", "))
				continue
			}
			if r.Is(n.Items[i], strictyaml.Mapping) {
				(*into)[operator.Text] = r.conditionKeys(operator, n.Items[i])
			}
		}
	}
}

func (r *reader) conditionKeys(operator, n strictyaml.Node) map[string]any {
	if len(n.Keys) == 0 {
		r.Problem(operator, "must not be empty: leave it out instead")
	}
	out := map[string]any{}
	for i, key := range n.Keys {
		if !slices.Contains(universalKeys, key.Text) {
			r.Problem(key, "is not carried by every request, so it would refuse those without it, "+
				"or replaces a limit that the function writes itself: choose from %s", strings.Join(universalKeys, ", "))
			continue
		}
		out[key.Text] = r.conditionValues(n.Items[i], strings.HasPrefix(operator.Text, "ip_"))
	}
	return out
}

// conditionValues reads one value or a list.
func (r *reader) conditionValues(n strictyaml.Node, addresses bool) any {
	if n.Kind != strictyaml.Sequence {
		return r.conditionValue(n, addresses)
	}
	out := []any{}
	r.List(func(n strictyaml.Node) { out = append(out, r.conditionValue(n, addresses)) })(n)
	return out
}

// conditionValue reads one value. Numbers and booleans stay what they are.
func (r *reader) conditionValue(n strictyaml.Node, addresses bool) any {
	if !r.Is(n, strictyaml.String, strictyaml.Integer, strictyaml.Decimal, strictyaml.Boolean) {
		return nil
	}
	if addresses && !isNetwork(n.Text) {
		r.Problem(n, "%q is neither an address nor a network, as in 10.0.0.0/8", n.Raw)
	}
	switch n.Kind {
	case strictyaml.Integer, strictyaml.Decimal:
		if json.Valid([]byte(n.Text)) {
			return json.Number(n.Text)
		}
		r.Problem(n, "%q is not a number that JSON knows: put it in quotes", n.Raw)
	case strictyaml.Boolean:
		return n.Text == "true"
	}
	return n.Text
}

func isNetwork(s string) bool {
	if _, err := netip.ParsePrefix(s); err == nil {
		return true
	}
	a, err := netip.ParseAddr(s)
	return err == nil && a.Zone() == ""
}
