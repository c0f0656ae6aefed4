package cos

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// formPolicy is what a form's signer allows it to be.
type formPolicy struct {
	Expiration time.Time         `json:"expiration"`
	Conditions []json.RawMessage `json:"conditions"`
}

// mustHold are the conditions without which COS takes no policy: they bind it to its signature.
var mustHold = []string{"q-sign-algorithm", "q-ak", "q-sign-time"}

// obey holds the form to its policy.
func (x *call) obey(document []byte) *failure {
	var p formPolicy
	d := json.NewDecoder(strings.NewReader(string(document)))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil || d.More() || p.Expiration.IsZero() {
		return malformed("policy is not JSON of a policy's form")
	}
	if x.now().After(p.Expiration) {
		return fail("AccessDenied", "Policy has expired.")
	}
	var held []string
	for _, raw := range p.Conditions {
		c, ok := readCondition(raw)
		if !ok {
			return malformed("policy has a condition that can't be read")
		}
		if bad := x.obeyOne(c); bad != nil {
			return bad
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

// condition is {"key":"a"}, ["starts-with","$key","a"] or ["content-length-range",1,10], which is on the file's size.
// Nobody here signs others.
type condition struct {
	operator    string
	field       string // in lower case
	value       string
	least, most int
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
	case "starts-with":
		ok = both(&c.field, &c.value)
		name, dollar := strings.CutPrefix(c.field, "$")
		c.field = strings.ToLower(name)
		return c, ok && dollar
	}
	return c, false
}

func (x *call) obeyOne(c condition) *failure {
	got := x.form.fields[c.field]
	switch c.field {
	case "bucket":
		got = x.Bucket
	case "key":
		got = x.key
	case "q-sign-time":
		got = x.form.fields["q-key-time"]
	}
	size := len(x.form.file)
	switch {
	case c.operator == "content-length-range" && size > c.most:
		return fail("EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size.")
	case c.operator == "content-length-range" && size < c.least:
		return fail("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed object size.")
	case c.operator == "" && got != c.value, c.operator == "starts-with" && !strings.HasPrefix(got, c.value):
		return fail("AccessDenied", "The form does not obey the policy's condition on %s.", c.field)
	}
	return nil
}
