package cos

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"
)

// formPolicy is what a form's signer allows it to be.
type formPolicy struct {
	Expiration string            `json:"expiration"`
	Conditions []json.RawMessage `json:"conditions"`
}

// mustHold are the conditions without which COS takes no policy: they bind it to its signature.
var mustHold = []string{"q-sign-algorithm", "q-ak", "q-sign-time"}

// obey holds the form to its policy, but for the file's size, which shows when it has come in.
func (f *form) obey(document []byte, ours string, now time.Time) *failure {
	var p formPolicy
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return malformed("policy is not JSON of a policy's form")
	}
	if _, err := d.Token(); err != io.EOF {
		return malformed("policy goes on after its end")
	}
	expires, err := time.Parse(time.RFC3339, p.Expiration)
	if err != nil {
		return malformed("policy has no expiration such as 2030-01-02T15:04:05.000Z")
	}
	if now.After(expires) {
		return fail("AccessDenied", "Policy has expired.")
	}
	var held []string
	for _, raw := range p.Conditions {
		c, ok := readCondition(raw)
		if !ok {
			return malformed("policy has a condition that can't be read")
		}
		if c.operator == "content-length-range" {
			f.ranges = append(f.ranges, c)
			continue
		}
		if !c.holds(f.field(c.field, ours)) {
			return fail("AccessDenied", "The form does not obey the policy's condition on %s.", c.field)
		}
		held = append(held, c.field)
	}
	for _, name := range mustHold {
		if !slices.Contains(held, name) {
			return fail("AccessDenied", "The policy has no condition on %s.", name)
		}
	}
	return nil
}

// field is the value that a condition is held to.
func (f *form) field(name, ours string) string {
	switch name {
	case "bucket":
		return ours
	case "key":
		return f.key
	case "q-sign-time":
		return f.fields["q-key-time"]
	}
	return f.fields[name]
}

// size holds the file to the policy.
func (f *form) size(n int64) *failure {
	for _, c := range f.ranges {
		switch {
		case n > c.most:
			return fail("EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size.")
		case n < c.least:
			return fail("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed object size.")
		}
	}
	return nil
}

// condition is {"key":"a"}, ["eq","$key","a"], ["starts-with","$key","a"] or ["content-length-range",1,10].
type condition struct {
	operator    string
	field       string // in lower case
	value       string
	least, most int64
}

func (c condition) holds(got string) bool {
	return got == c.value || c.operator == "starts-with" && strings.HasPrefix(got, c.value)
}

func readCondition(raw json.RawMessage) (c condition, ok bool) {
	var exact map[string]string
	if json.Unmarshal(raw, &exact) == nil {
		for name, value := range exact {
			c = condition{field: strings.ToLower(name), value: value}
		}
		return c, len(exact) == 1
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || len(list) != 3 || json.Unmarshal(list[0], &c.operator) != nil {
		return c, false
	}
	both := func(one, two any) bool {
		return json.Unmarshal(list[1], one) == nil && json.Unmarshal(list[2], two) == nil
	}
	switch c.operator {
	case "content-length-range":
		return c, both(&c.least, &c.most) && 0 <= c.least && c.least <= c.most
	case "eq", "starts-with":
		ok = both(&c.field, &c.value)
		name, dollar := strings.CutPrefix(c.field, "$")
		c.field = strings.ToLower(name)
		return c, ok && dollar && name != ""
	}
	return c, false
}
