package cam

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// elementsOf hands out an object's members; it must have all of names but those that end in "?", and no other.
func elementsOf(v any, what string, names ...string) (map[string]any, error) {
	out, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s must be an object", what)
	}
	for name := range out {
		if !slices.Contains(names, name) && !slices.Contains(names, name+"?") {
			return nil, fmt.Errorf("%s has an unknown element %q", what, name)
		}
	}
	for _, name := range names {
		if _, ok := out[name]; !ok && !strings.HasSuffix(name, "?") {
			return nil, fmt.Errorf("%s has no %s", what, name)
		}
	}
	return out, nil
}

// texts takes one value or an array of them. What is no string is written as one: only conditions have a use for it.
func texts(v any) (out []string, _ error) {
	several, ok := v.([]any)
	if !ok {
		several = []any{v}
	}
	for _, one := range several {
		switch one.(type) {
		case string, json.Number, bool:
			out = append(out, fmt.Sprint(one))
		default:
			return nil, errors.New("a value must be a string, a number or a truth value")
		}
	}
	return out, nil
}
