package cam

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// A policy is read from a tree of its own: encoding/json folds the case of member names and lets the last of two equal
// ones win, and a reader that does either may see another policy than the cloud does.
type (
	object []member
	member struct {
		name  string
		value any
	}
	list  []any
	value struct{ any }
)

const maxDepth = 32

func decode(document string) (value, error) {
	if !utf8.ValidString(document) {
		return value{}, errors.New("policy is not UTF-8")
	}
	d := json.NewDecoder(strings.NewReader(document))
	d.UseNumber()
	out, err := next(d, 0)
	if err != nil {
		return value{}, fmt.Errorf("policy is not JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return value{}, errors.New("policy is not JSON: text after its end")
	}
	return value{out}, nil
}

func next(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deeply")
	}
	token, err := d.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		out := list{}
		for d.More() {
			v, err := next(d, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		_, err = d.Token()
		return out, err
	case json.Delim('{'):
		out := object{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			if slices.ContainsFunc(out, func(m member) bool { return m.name == name }) {
				return nil, fmt.Errorf("member %q is there twice", name)
			}
			v, err := next(d, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, member{name.(string), v})
		}
		_, err = d.Token()
		return out, err
	}
	return token, nil
}

// members hands out an object's members; it must have all of names but those that end in "?", and no other.
func (v value) members(what string, names ...string) (map[string]value, error) {
	in, ok := v.any.(object)
	if !ok {
		return nil, fmt.Errorf("%s must be an object", what)
	}
	out := map[string]value{}
	for _, m := range in {
		if !slices.Contains(names, m.name) && !slices.Contains(names, m.name+"?") {
			return nil, fmt.Errorf("%s has an unknown element %q", what, m.name)
		}
		out[m.name] = value{m.value}
	}
	for _, n := range names {
		if _, ok := out[n]; !ok && !strings.HasSuffix(n, "?") {
			return nil, fmt.Errorf("%s has no %s", what, n)
		}
	}
	return out, nil
}

func (v value) text(what string) (string, error) {
	if s, ok := v.any.(string); ok && s != "" {
		return s, nil
	}
	return "", fmt.Errorf("%s must be a string", what)
}

// texts takes one string or an array of them.
func (v value) texts(what string) ([]string, error) {
	in, ok := v.any.(list)
	if !ok {
		in = list{v.any}
	}
	if len(in) == 0 {
		return nil, fmt.Errorf("%s is empty", what)
	}
	var out []string
	for _, one := range in {
		s, err := value{one}.text(what)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// scalars is texts for condition values, which may be numbers and truth values, or empty.
func (v value) scalars(what string) ([]string, error) {
	in, ok := v.any.(list)
	if !ok {
		in = list{v.any}
	}
	if len(in) == 0 {
		return nil, fmt.Errorf("%s has no value", what)
	}
	var out []string
	for _, one := range in {
		switch one.(type) {
		case string, json.Number, bool:
			out = append(out, fmt.Sprint(one))
		default:
			return nil, fmt.Errorf("%s must be a string, a number, a truth value or an array of them", what)
		}
	}
	return out, nil
}
