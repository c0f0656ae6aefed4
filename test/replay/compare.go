package replay

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	diff "github.com/google/go-cmp/cmp"

	"cos-credentials/test/sts"
)

// Difference is one thing that is not as the case, or the contract, has it.
type Difference struct {
	What, Want, Got string
	Diff            string // instead of Want and Got: a long text, its lines marked - (expected) and + (got)
}

// expect notes what differs; no secret is in the note.
func (o *Outcome) expect(ok bool, what, want, got string) {
	if !ok {
		o.Differences = append(o.Differences, Difference{What: what, Want: Shorten(want), Got: Shorten(got)})
	}
}

// equal compares two values as they are written.
func (o *Outcome) equal(what string, want, got any) {
	o.expect(fmt.Sprint(want) == fmt.Sprint(got), what, fmt.Sprint(want), fmt.Sprint(got))
}

// compare holds an answer to the case.
func (o *Outcome) compare(r response, grant sts.Grant, id string, asked []sts.Record) {
	want := o.Case.Answer
	if r.StatusCode != want.Status {
		o.expect(false, "status", fmt.Sprint(want.Status), fmt.Sprint(r.StatusCode, " ", r.Body))
		return // the rest would only repeat it
	}
	if want.Code != "" {
		o.equal("code", want.Code, r.name())
	}
	for name, v := range want.Headers {
		if v == nil {
			o.equal(name, absent, r.header(name))
		} else {
			o.equal(name, *v, r.header(name))
		}
	}
	f, isForm := r.form()
	key := cmp.Or(f.Key, r.success().Key)
	if want.Key != "" || !isForm { // of a form, the key may be the one that was asked for
		o.compareKey(key)
	}
	if want.Body != nil {
		o.expect(contains([]byte(r.Body), withKey(want.Body, key)), "body", "at least "+string(want.Body), r.Body)
	}
	if want.Policy != nil {
		o.compareJSON("policy", withPrivate(withKey(want.Policy, key)), []byte(grant.Policy))
	}
	if want.Form != nil {
		o.compareForm(r)
	}
	if want.Links != nil {
		o.compareLinks(r)
	}
	if from := grant.Expires - int64(want.Life); want.Life > 0 {
		o.expect(from >= o.began.Unix()-2 && from <= o.ended.Unix(), // whole seconds, of three clocks
			"life of the key", fmt.Sprint(want.Life, " s"), fmt.Sprint(grant.Expires-o.ended.Unix(), " s"))
	}
	if want.Log != nil {
		there := slices.ContainsFunc(o.Log, func(line string) bool {
			return strings.Contains(line, id) && contains([]byte(line), want.Log)
		})
		o.expect(there, "log", "a line of the request with at least "+string(want.Log), strings.Join(o.Log, "\n"))
	}
	o.compareSTS(asked)
}

// contains compares two JSON texts: objects may have more members than expected, and everything else is equal. An empty
// text is what "" expects.
func contains(got, want []byte) bool {
	var g, w any
	if len(got) == 0 {
		got = []byte(`""`)
	}
	return json.Unmarshal(want, &w) == nil && json.Unmarshal(got, &g) == nil && containsValue(g, w)
}

func containsValue(got, want any) bool {
	members, ok := want.(map[string]any)
	if !ok {
		return reflect.DeepEqual(got, want)
	}
	object, ok := got.(map[string]any)
	for name, v := range members {
		ok = ok && containsValue(object[name], v)
	}
	return ok
}

// compareJSON compares documents in full. The order of statements and actions counts: documents are deterministic, and
// a cache's key.
func (o *Outcome) compareJSON(what string, want, got []byte) {
	if d := diff.Diff(indented(want), indented(got)); d != "" {
		o.Differences = append(o.Differences, Difference{What: what, Diff: d})
	}
}

// compareKey: … in the expected key stands for the day and 26 characters that nobody can guess.
func (o *Outcome) compareKey(key string) {
	want := o.Case.Answer.Key
	pattern := strings.Replace(regexp.QuoteMeta(want), "…", `\d{4}/\d\d/\d\d/[a-z2-7]{26}`, 1)
	matches := regexp.MustCompile("^" + pattern + "$").MatchString(key)
	o.expect(matches, "key", cmp.Or(want, "none that the function chose"), key)
}

// withKey fills in the key that no case can know beforehand.
func withKey(want json.RawMessage, key string) []byte {
	text, _ := json.Marshal(key)
	return bytes.ReplaceAll(want, []byte("${KEY}"), text[1:len(text)-1])
}

func (o *Outcome) compareSTS(asked []sts.Record) {
	var calls []string
	for _, a := range asked {
		calls = append(calls, strings.TrimSpace(a.Action+" "+a.Code))
		// A fault hits good requests only, so one that met no fault was refused for what it is.
		o.expect(o.Case.STS == nil || a.Fault != nil, "STS", "a request that STS accepts", a.Action+" "+a.Code)
	}
	got := "calls: " + strings.Join(calls, ", ")
	switch want := o.Case.Answer.STS.(type) {
	case bool:
		o.expect(want == (len(asked) > 0), "STS", map[bool]string{true: "asked", false: "not asked"}[want], got)
	case string:
		o.expect(len(asked) == 1 && asked[0].Action == want, "STS", want, got)
	case nil:
	default:
		o.expect(false, "STS", "a case that says true, false or an action's name", fmt.Sprint(want))
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
	text, _ := json.MarshalIndent(v, "", "  ")
	return string(text)
}
