package replay

import (
	"encoding/json"
	"testing"
)

func TestCompareLog(t *testing.T) {
	log := []string{
		"not JSON",
		`{"requestId":"other","folded":true,"prefixes":1}`,
		`{"requestId":"id","folded":true,"prefixes":2}`,
	}
	for want, ok := range map[string]bool{
		`{"folded":true}`:              true,
		`{"folded":true,"prefixes":2}`: true,
		`{}`:                           true,
		`{"prefixes":1}`:               false, // of another request
		`{"cached":true}`:              false,
		`{`:                            false,
	} {
		o := Outcome{Case: Case{Answer: &Answer{Log: json.RawMessage(want)}}, Log: log}
		if o.compareLog("id"); o.OK() != ok {
			t.Errorf("%s: %+v", want, o.Differences)
		}
	}
}

func TestKeyIsFilledIn(t *testing.T) {
	got := withKey(json.RawMessage(`{"key":"${KEY}","prefixes":["${KEY}"]}`), `a"b`)
	if string(got) != `{"key":"a\"b","prefixes":["a\"b"]}` {
		t.Errorf("%s", got)
	}
}
