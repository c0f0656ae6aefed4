package test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"cos-credentials/test/replay"
)

// Whatever arrives is answered, by one and the same process, and a good request after it works.
func TestHostilePayloads(t *testing.T) {
	t.Parallel()
	const most = 6 << 20 // the platform's limit of an event
	fill := func(begin, middle, end string) string {
		return begin + strings.Repeat(middle, (most-len(begin)-len(end))/len(middle)) + end
	}
	inBody := func(body string) string {
		text, _ := json.Marshal(body)
		return `{"httpMethod":"POST","path":"/","headers":{"authorization":"Bearer ${TOKEN}"},"queryString":{},"body":` + string(text) + `}`
	}
	r := newRunner(t)
	answer := func(payload string) (status int, code string) {
		t.Helper()
		o, err := r.Run(t.Context(), replay.Case{Name: "hostile", Raw: &payload, Answer: &replay.Answer{Status: -1}})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range o.Differences {
			if d.What != "status" { // of which nothing was expected
				t.Errorf("%.60q: %s: want %s, got %s", payload, d.What, d.Want, d.Got)
			}
		}
		return o.Status, o.Code
	}
	for _, tt := range []struct{ name, payload, want string }{
		{"nothing", ``, "400 InvalidRequest"},
		{"white space", "\n \t", "400 InvalidRequest"},
		{"null", `null`, "400 InvalidRequest"},
		{"number", `1e999999`, "400 InvalidRequest"},
		{"string", `"GET /"`, "400 InvalidRequest"},
		{"array", `[]`, "400 InvalidRequest"},
		{"empty object", `{}`, "400 InvalidRequest"},
		{"cut off", `{"httpMethod":"GET"`, "400 InvalidRequest"},
		{"two events", `{"httpMethod":"GET"}{"httpMethod":"GET"}`, "400 InvalidRequest"},
		{"binary", "\x00\xff\xfe\x1f\x8b", "400 InvalidRequest"},
		{"6 MB of open arrays", fill("", "[", ""), "413 RequestTooLarge"},
		{"6 MB of open objects", fill("", `{"a":`, ""), "413 RequestTooLarge"},
		{"2 MB of open arrays", strings.Repeat("[", 2<<20), "400 InvalidRequest"},
		{"2 MB of open objects", strings.Repeat(`{"a":`, 2<<20/5), "400 InvalidRequest"},
		{"6 MB of closed nesting in an event", fill(`{"httpMethod":"GET","path":"/","headers":`, "[", "") + strings.Repeat("]", 10), "413 RequestTooLarge"},
		{"6 MB of text", fill(`"`, "a", `"`), "413 RequestTooLarge"},
		{"6 MB of spaces", fill(`{}`, " ", ""), "413 RequestTooLarge"},
		{"method twice", `{"httpMethod":"GET","path":"/","httpMethod":"GET"}`, "400 InvalidRequest"},
		{"the same header twice", `{"httpMethod":"GET","path":"/","headers":{"authorization":"Bearer ${TOKEN}","authorization":"Bearer ${TOKEN}"}}`, "400 InvalidRequest"},
		{"headers of the wrong type", `{"httpMethod":"GET","path":"/","headers":[1,2]}`, "400 InvalidRequest"},
		{"body of the wrong type", `{"httpMethod":"POST","path":"/","headers":{"authorization":"Bearer ${TOKEN}"},"body":{"a":1}}`, "400 InvalidRequest"},
		{"body nested deeply", inBody(strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)), "400 InvalidRequest"},
		{"body with a huge number", inBody(`{"durationSeconds":1e400000000}`), "400 InvalidRequest"},
		{"body with many digits", inBody(`{"durationSeconds":` + strings.Repeat("9", 100_000) + `}`), "403 ScopeNotAllowed"},
		{"body not UTF-8", `{"httpMethod":"POST","path":"/","headers":{"authorization":"Bearer ${TOKEN}"},"isBase64Encoded":true,"body":"//8="}`, "400 InvalidRequest"},
		{"body not base64", `{"httpMethod":"POST","path":"/","headers":{"authorization":"Bearer ${TOKEN}"},"isBase64Encoded":true,"body":"{}"}`, "400 InvalidRequest"},
		{"token of 1 MB", `{"httpMethod":"GET","path":"/","headers":{"authorization":"Bearer ` + strings.Repeat("a", 1<<20) + `"}}`, "401 TokenInvalid"},
		{"token of dots", `{"httpMethod":"GET","path":"/","headers":{"authorization":"Bearer ` + strings.Repeat(".", 10_000) + `"}}`, "401 TokenInvalid"},
		{"token twice", `{"httpMethod":"GET","path":"/","headers":{"authorization":"Bearer ${TOKEN}","Authorization":"Bearer ${TOKEN sub=bob}"}}`, "400 InvalidRequest or 401 TokenInvalid"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, code := answer(tt.payload)
			if got := fmt.Sprint(status, " ", code); !strings.Contains(tt.want, got) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	if n := len(r.STS.Records()); n != 0 {
		t.Errorf("STS was asked %d times", n)
	}
	if status, _ := answer(`{"httpMethod":"GET","path":"/","headers":{"authorization":"Bearer ${TOKEN}"}}`); status != 200 {
		t.Errorf("a good request afterwards: %d", status)
	}
	if n := r.Started(); n != 1 {
		t.Errorf("%d processes were started: one should have lived through it all", n)
	}
}
