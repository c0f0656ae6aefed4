package replay

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestContains(t *testing.T) {
	for want, ok := range map[string]bool{
		`{"a":1}`: true, `{"a":1,"b":{"c":[1,2]}}`: true, `{"b":{}}`: true,
		`{"b":{"c":[1]}}`: false, `{"a":2,"b":{}}`: false, `{"b":{"x":1,"d":3}}`: false, `{`: false, `""`: false,
	} {
		for range 20 { // the members of a map come in any order
			if contains([]byte(`{"a":1,"b":{"c":[1,2],"d":3}}`), []byte(want)) != ok {
				t.Errorf("%s: not %v", want, ok)
			}
		}
	}
}

func TestChosenKeys(t *testing.T) {
	for key, want := range map[string]string{
		"users/alice/2026/11/23/abcdefghijklmnopqrstuvwx23.jpg": "users/alice/….jpg",
		"users/alice/2026/11/23/abcdefghijklmnopqrstuvwx23":     "users/alice/…",
		"": "",
		"users/alice/2026/11/23/abcdefghijklmnopqrstuvwx2.jpg":   "!users/alice/….jpg", // too short
		"x/users/alice/2026/11/23/abcdefghijklmnopqrstuvwx23.jp": "!users/alice/….jp",
		"users/alice/b": "!", // none was expected
	} {
		o := Outcome{Case: Case{Answer: &Answer{Key: strings.TrimPrefix(want, "!")}}}
		if o.compareKey(key); o.OK() == strings.HasPrefix(want, "!") {
			t.Errorf("%q as %q: %+v", key, want, o.Differences)
		}
	}
}

// What the contract says of every answer is held to it, whatever the case expects.
func TestBadAnswersAreNoticed(t *testing.T) {
	key := `{"credentials":{"tmpSecretId":"a","tmpSecretKey":"b","sessionToken":"c"},"startTime":START,` +
		`"expiredTime":4000000000,"expiration":"2096-10-02T07:06:40Z","requestId":"id","bucket":"b-1","region":"r","grant":"g",` +
		`"prefix":"a/","prefixes":["a/*"]}`
	called := time.Unix(1<<30, 0)
	key = strings.Replace(key, "START", fmt.Sprint(called.Unix()-60), 1)
	const refused = `{"code":40300,"codeDesc":"NotEntitled","message":"No.","requestId":"id"}`
	for _, tt := range []struct {
		what    string // "" for what is right
		status  int
		body    string
		was, is string
	}{
		{"", 200, key, "", ""}, {"", 403, refused, "", ""}, {"", 204, "", "", ""},
		{"body", 200, key, `"requestId"`, `"more":1,"requestId"`},
		{"body", 200, key, `"c"`, `""`},
		{"startTime", 200, key, `"startTime":`, `"startTime":1`},
		{"expiration", 200, key, "40Z", "41Z"},
		{"requestId", 200, key, `"id"`, `"other"`},
		{"prefix", 200, key, `"a/"`, `"b/"`},
		{"prefixes", 200, key, `"a/*"]`, `"a/*"],"key":"a/b"`},
		{"body", 403, refused, `}`, `}{}`},
		{"codeDesc", 403, refused, "NotEntitled", "Forbidden"},
		{"code", 403, refused, "40300", "40301"},
		{"status", 400, refused, "", ""},
		{"message", 403, refused, "No.", ""},
		{"requestId", 403, refused, `"id"`, `""`},
		{"WWW-Authenticate", 401, refused, "", ""},
		{"Retry-After", 503, refused, "", ""},
		{"body", 204, refused, "", ""},
	} {
		headers := map[string]string{"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
		o := Outcome{began: called, ended: called}
		o.conform(response{StatusCode: tt.status, Body: strings.Replace(tt.body, tt.was, tt.is, 1), Headers: headers}, "id")
		noticed := slices.ContainsFunc(o.Differences, func(d Difference) bool { return d.What == tt.what })
		if noticed != (tt.what != "") || tt.what == "" && !o.OK() {
			t.Errorf("%d, %s instead of %s: %+v", tt.status, tt.is, tt.was, o.Differences)
		}
	}
	o := Outcome{began: called, ended: called}
	o.conform(response{StatusCode: 200, Body: key, IsBase64Encoded: true, Headers: map[string]string{
		"content-type": "text/plain", "cache-control": "public", "access-control-allow-credentials": "true",
	}}, "id")
	if len(o.Differences) != 4 {
		t.Errorf("four headers and members are wrong: %+v", o.Differences)
	}
}
