package replay

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"cos-credentials/test/sts"
)

// compare holds an answer to the case.
func (o *Outcome) compare(r response, grant sts.Grant, asked []sts.Record) {
	want := o.Case.Answer
	if r.StatusCode != want.Status {
		o.differ("status", strconv.Itoa(want.Status), strconv.Itoa(r.StatusCode)+" "+Shorten(r.Body))
		return // the rest would only repeat it
	}
	if got := r.name(); want.Code != "" && got != want.Code {
		o.differ("code", want.Code, got)
	}
	for name, v := range want.Headers {
		got, there := r.header(name)
		switch {
		case v == nil && there:
			o.differ(name, "absent", got)
		case v != nil && !there:
			o.differ(name, *v, "absent")
		case v != nil && got != *v:
			o.differ(name, *v, got)
		}
	}
	key := r.key()
	o.compareKey(r, key)
	if want.Body != nil {
		o.compareBody(r.Body, withKey(want.Body, key))
	}
	if want.Policy != nil {
		o.compareJSON("policy", withKey(want.Policy, key), []byte(grant.Policy))
	}
	if want.Form != nil {
		o.compareForm(r)
	}
	if want.Life > 0 {
		if life := grant.Expires - time.Now().Unix(); life < int64(want.Life)-3 || life > int64(want.Life) {
			o.differ("life of the key", fmt.Sprint(want.Life, " s"), fmt.Sprint(life, " s"))
		}
	}
	o.compareSTS(asked)
}

func (o *Outcome) compareBody(body string, want json.RawMessage) {
	var expected any
	if err := json.Unmarshal(want, &expected); err != nil {
		o.differ("body", "a case that can be read", err.Error())
		return
	}
	if text, ok := expected.(string); ok {
		if body != text {
			o.differ("body", text, Shorten(body))
		}
		return
	}
	var got any
	json.Unmarshal([]byte(body), &got)
	if !contains(got, expected) {
		var short bytes.Buffer
		json.Compact(&short, want)
		o.differ("body", "at least "+short.String(), Shorten(body))
	}
}

// contains: objects may have more members than expected; everything else is equal.
func contains(got, want any) bool {
	members, ok := want.(map[string]any)
	if !ok {
		return reflect.DeepEqual(got, want)
	}
	object, ok := got.(map[string]any)
	for name, v := range members {
		ok = ok && contains(object[name], v)
	}
	return ok
}

// compareJSON compares documents in full. The order of statements and actions counts: documents are deterministic, and a
// cache's key.
func (o *Outcome) compareJSON(what string, want, got []byte) {
	if w, g := indented(want), indented(got); w != g {
		o.Differences = append(o.Differences, Difference{What: what, Lines: diff(w, g)})
	}
}

// compareKey: … in the expected key stands for the day and 26 characters that nobody can guess.
func (o *Outcome) compareKey(r response, key string) {
	want := o.Case.Answer.Key
	_, isForm := r.form()
	if want == "" && isForm { // whose key may be the one that was asked for
		return
	}
	pattern := strings.Replace(regexp.QuoteMeta(want), "…", `\d{4}/\d\d/\d\d/[a-z2-7]{26}`, 1)
	if !regexp.MustCompile("^" + pattern + "$").MatchString(key) {
		o.differ("key", cmp.Or(want, "none that the function chose"), key)
	}
}

// withKey fills in the key that no case can know beforehand.
func withKey(want json.RawMessage, key string) json.RawMessage {
	text, _ := json.Marshal(key)
	return bytes.ReplaceAll(want, []byte("${KEY}"), text[1:len(text)-1])
}

// compareLog looks for the line of the request with this id.
func (o *Outcome) compareLog(id string) {
	want := o.Case.Answer.Log
	if want == nil {
		return
	}
	var members any
	if err := json.Unmarshal(want, &members); err != nil {
		o.differ("log", "a case that can be read", err.Error())
		return
	}
	for _, line := range o.Log {
		var got map[string]any
		if json.Unmarshal([]byte(line), &got) == nil && got["requestId"] == id && contains(got, members) {
			return
		}
	}
	o.differ("log", "a line of the request with at least "+string(want), strings.Join(o.Log, "\n"))
}

func (o *Outcome) compareSTS(asked []sts.Record) {
	var calls []string
	for _, a := range asked {
		calls = append(calls, strings.TrimSpace(a.Action+" "+a.Code))
	}
	got := strings.Join(calls, ", ")
	switch want := o.Case.Answer.STS.(type) {
	case bool:
		if want != (len(asked) > 0) {
			o.differ("STS", map[bool]string{true: "asked", false: "not asked"}[want], "calls: "+got)
		}
	case string:
		if len(asked) != 1 || asked[0].Action != want {
			o.differ("STS", want, "calls: "+got)
		}
	}
	for _, a := range asked {
		// A fault hits good requests only, so one that met no fault was refused for what it is.
		if o.Case.STS != nil && a.Fault == nil {
			o.differ("STS", "a request that STS accepts", a.Action+" "+a.Code)
		}
	}
}

// indented writes JSON with its members sorted, so that two documents differ only where they mean something else.
func indented(document []byte) string {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return string(document)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	e.Encode(v)
	return strings.TrimSpace(out.String())
}
