package cos

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// formPolicy is what a form's signer allows it to be.
type formPolicy struct {
	Expiration time.Time `json:"expiration"`
	Conditions []any     `json:"conditions"`
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
	for _, c := range p.Conditions {
		name, bad := x.obeyCondition(c)
		if bad != nil {
			return bad
		}
		held = append(held, name)
	}
	for _, name := range mustHold {
		if !slices.Contains(held, name) {
			return fail("AccessDenied", "The policy has no condition on %s.", name)
		}
	}
	return nil
}

// obeyCondition takes {"key":"a"}, ["starts-with","$key","a"], and ["content-length-range",1,10], which is on the size
// of the file. Nobody here signs others. It returns the field that is held.
func (x *call) obeyCondition(c any) (field string, _ *failure) {
	if exact, _ := c.(map[string]any); len(exact) == 1 {
		for name, value := range exact {
			return name, x.obeyField(name, func(got string) bool { return value == got })
		}
	}
	list, _ := c.([]any)
	if len(list) != 3 {
		return "", malformed("policy has a condition that can't be read")
	}
	least, isNumber := list[1].(float64)
	most, areNumbers := list[2].(float64)
	if list[0] == "content-length-range" && isNumber && areNumbers {
		return "", x.obeySize(least, most)
	}
	name, _ := list[1].(string)
	begin, areTexts := list[2].(string)
	name, dollar := strings.CutPrefix(name, "$")
	if list[0] != "starts-with" || !dollar || !areTexts {
		return "", malformed("policy has a condition that can't be read")
	}
	return name, x.obeyField(name, func(got string) bool { return strings.HasPrefix(got, begin) })
}

func (x *call) obeySize(least, most float64) *failure {
	switch size := float64(len(x.form.file)); {
	case size > most:
		return fail("EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size.")
	case size < least:
		return fail("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed object size.")
	}
	return nil
}

func (x *call) obeyField(name string, holds func(string) bool) *failure {
	got := x.form.fields[strings.ToLower(name)]
	switch name {
	case "bucket":
		got = x.Bucket
	case "key":
		got = x.key
	case "q-sign-time":
		got = x.form.fields["q-key-time"]
	}
	if !holds(got) {
		return fail("AccessDenied", "The form does not obey the policy's condition on %s.", name)
	}
	return nil
}
