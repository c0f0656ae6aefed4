package gateway

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// integrated is an answer as the gateways read it: header values and the body are strings.
type integrated struct {
	IsBase64Encoded *bool
	StatusCode      int
	Headers         map[string]string
	Body            string
}

func encode(t *testing.T, r Response) integrated {
	t.Helper()
	text, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var out integrated
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if out.IsBase64Encoded == nil || *out.IsBase64Encoded {
		t.Errorf("isBase64Encoded must be there and false: %s", text)
	}
	return out
}

func TestCredentialsShape(t *testing.T) {
	body := Credentials{
		Credentials: Keys{"id", "key", "token"}, RequestID: "r", Bucket: "b-1", Region: "ap-guangzhou",
		Grant: "own-files", Prefix: "users/42/", Prefixes: []string{"users/42/*"},
		StartTime: 1700000000, ExpiredTime: 1700001800, Expiration: "2023-11-14T22:43:20Z",
	}
	got := encode(t, Response{Status: 200, Body: body})
	const want = `{"credentials":{"tmpSecretId":"id","tmpSecretKey":"key","sessionToken":"token"},` +
		`"startTime":1700000000,"expiredTime":1700001800,"expiration":"2023-11-14T22:43:20Z","requestId":"r",` +
		`"bucket":"b-1","region":"ap-guangzhou","grant":"own-files","prefix":"users/42/","prefixes":["users/42/*"]}`
	if got.Body != want {
		t.Errorf("got  %s\nwant %s", got.Body, want)
	}
	if got.StatusCode != 200 || got.Headers["Content-Type"] != "application/json; charset=utf-8" || got.Headers["Cache-Control"] != "no-store" {
		t.Errorf("status and headers: %+v", got)
	}
}

// What a client programs against: a change of a number or a name breaks it.
func TestErrorTable(t *testing.T) {
	table := []struct {
		code   Code
		status int
		number int
		name   string
	}{
		{InvalidRequest, 400, 40000, "InvalidRequest"},
		{TokenMissing, 401, 40100, "TokenMissing"},
		{TokenInvalid, 401, 40101, "TokenInvalid"},
		{TokenExpired, 401, 40102, "TokenExpired"},
		{TokenNotYetValid, 401, 40103, "TokenNotYetValid"},
		{NotEntitled, 403, 40300, "NotEntitled"},
		{ScopeNotAllowed, 403, 40301, "ScopeNotAllowed"},
		{IdentityNotUsable, 403, 40302, "IdentityNotUsable"},
		{SealRequired, 403, 40303, "SealRequired"},
		{NotFound, 404, 40400, "NotFound"},
		{MethodNotAllowed, 405, 40500, "MethodNotAllowed"},
		{RequestTooLarge, 413, 41300, "RequestTooLarge"},
		{ScopeTooLarge, 413, 41301, "ScopeTooLarge"},
		{TooManyRequests, 429, 42900, "TooManyRequests"},
		{Misconfigured, 500, 50000, "Misconfigured"},
		{StsFailed, 502, 50200, "StsFailed"},
		{KeysUnavailable, 503, 50300, "KeysUnavailable"},
		{StsBusy, 503, 50301, "StsBusy"},
		{StsTimeout, 504, 50400, "StsTimeout"},
		{Code{}, 500, 50000, "Misconfigured"}, // a code that nobody has set
	}
	for _, c := range table {
		got := encode(t, (&Error{Code: c.code, Message: "m", Reason: "secret"}).Response("r"))
		want := fmt.Sprintf(`{"code":%d,"codeDesc":"%s","message":"m","requestId":"r"}`, c.number, c.name)
		if got.Body != want || got.StatusCode != c.status || c.code.String() != c.name {
			t.Errorf("got %d %s, want %d %s", got.StatusCode, got.Body, c.status, want)
		}
		challenge := got.Headers["WWW-Authenticate"]
		switch {
		case c.code == TokenMissing && challenge != "Bearer",
			c.code != TokenMissing && c.status == 401 && challenge != `Bearer error="invalid_token"`,
			c.status != 401 && challenge != "":
			t.Errorf("%s: WWW-Authenticate: %q", c.name, challenge)
		}
	}
	source, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	if rows := strings.Count(string(source), "= Code{"); rows != len(table)-1 {
		t.Errorf("errors.go has %d codes, and this test knows %d", rows, len(table)-1)
	}
}

// Whoever meets an error finds its row, in both languages.
func TestEveryCodeIsExplained(t *testing.T) {
	source, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`Code\{(\d{3})\d\d, "(\w+)"\}`).FindAllStringSubmatch(string(source), -1)
	for _, page := range []string{"../../README.md", "../../README.zh-CN.md"} {
		text, err := os.ReadFile(page)
		if err != nil || len(codes) < 19 {
			t.Fatalf("%v, or only %d codes were found", err, len(codes))
		}
		for _, code := range codes {
			row := regexp.MustCompile(`(?m)^\|[^|]*\b` + code[1] + `\b[^|]*\|[^|]*` + "`" + code[2] + "`" + `[^|]*\| .+ \|$`)
			if !row.Match(text) {
				t.Errorf("%s has no row for %s %s", page, code[1], code[2])
			}
		}
	}
}

func TestRetryAfterIsWholeSecondsRoundedUp(t *testing.T) {
	for after, want := range map[time.Duration]string{0: "", time.Millisecond: "1", time.Second: "1", 1001 * time.Millisecond: "2", 30 * time.Second: "30"} {
		if got := (&Error{Code: StsBusy, RetryAfter: after}).Response("").Header["Retry-After"]; got != want {
			t.Errorf("%v: got %q, want %q", after, got, want)
		}
	}
}

func TestCORS(t *testing.T) {
	const app = "https://app.example.com"
	for name, c := range map[string]struct{ list, origin, allow, vary string }{
		"none":               {"", app, "", ""},
		"any":                {"*", app, "*", ""},
		"listed":             {app, app, app, "Origin"},
		"second":             {"http://localhost:3000, " + app, app, app, "Origin"},
		"not listed":         {app, "https://evil.example.com", "", "Origin"},
		"no origin":          {app, "", "", "Origin"},
		"null":               {app, "null", "", "Origin"},
		"begins like":        {app, app + ".evil.com", "", "Origin"},
		"ends like":          {app, "https://evilapp.example.com", "", "Origin"},
		"other scheme":       {app, "http://app.example.com", "", "Origin"},
		"other port":         {app, app + ":8443", "", "Origin"},
		"other case":         {app, "https://APP.example.com", "", "Origin"},
		"list as origin":     {app + ",https://b.example.com", app + ",https://b.example.com", "", "Origin"},
		"header in a header": {app, app + "\r\nSet-Cookie: a=b", "", "Origin"},
	} {
		cors, err := ParseCORS(c.list)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, r := range []Response{{Status: 200}, (&Error{Code: TokenMissing}).Response(""), cors.Preflight(Request{Origin: c.origin})} {
			vary := c.vary
			if r.Status == 204 {
				vary = "Origin, Access-Control-Request-Headers"
			}
			cors.Apply(c.origin, &r)
			if r.Header["Access-Control-Allow-Origin"] != c.allow || r.Header["Vary"] != vary || r.Header["Access-Control-Allow-Credentials"] != "" {
				t.Errorf("%s: %v", name, r.Header)
			}
		}
	}
}

// A page that is told to wait must be able to read for how long.
func TestCORSLetsPagesReadRetryAfter(t *testing.T) {
	for list, want := range map[string]string{"*": "Retry-After", "https://app.example.com": "Retry-After", "https://other.example.com": "", "": ""} {
		cors, _ := ParseCORS(list)
		busy, good := (&Error{Code: StsBusy, RetryAfter: time.Second}).Response(""), Response{Status: 200}
		cors.Apply("https://app.example.com", &busy)
		cors.Apply("https://app.example.com", &good)
		if got := busy.Header["Access-Control-Expose-Headers"]; got != want || good.Header["Access-Control-Expose-Headers"] != "" {
			t.Errorf("%q: %v, %v", list, busy.Header, good.Header)
		}
	}
}

func TestCORSListIsChecked(t *testing.T) {
	for _, list := range []string{
		"*,https://a.example.com", "https://a.example.com,*", "null", "https://a.example.com/", "https://a.example.com/x", "a.example.com",
		"https://*.example.com", "https://A.example.com", "https://a.example.com,", ",", "https://", "https://u@a.example.com", "https://a b", "https://a.example.com?x",
	} {
		if _, err := ParseCORS(list); err == nil || !strings.Contains(err.Error(), "is not an origin") {
			t.Errorf("%q: got %v", list, err)
		}
	}
	c, _ := ParseCORS("*, https://good.example.com")
	r := Response{}
	if c.Apply("https://evil.example.com", &r); r.Header["Access-Control-Allow-Origin"] != "" {
		t.Error("a broken list must not become *")
	}
}

// The message of an origin that no browser sends spells the one that it does send.
func TestOriginsAreSpelledRight(t *testing.T) {
	for item, want := range map[string]string{
		"https://app.example.com:443":   "https://app.example.com",
		"http://app.example.com:80":     "http://app.example.com",
		"https://app.example.com:0443":  "https://app.example.com",
		"http://localhost:05173":        "http://localhost:5173",
		"https://App.Example.com":       "https://app.example.com",
		"HTTPS://app.example.com":       "https://app.example.com",
		"https://app.example.com/":      "https://app.example.com",
		"https://app.example.com/a?b#c": "https://app.example.com",
		"https://例子.测试":                 "https://xn--fsqu00a.xn--0zwm56d",
		"https://Bücher.example:8443":   "https://xn--bcher-kva.example:8443",
		"http://[0:0:0:0:0:0:0:1]:8080": "http://[::1]:8080",
	} {
		_, err := ParseCORS(item)
		if err == nil || !strings.HasSuffix(err.Error(), "write "+want) {
			t.Errorf("%s: %v", item, err)
		}
		if c, err := ParseCORS(want); err != nil || !c.allows(want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	for _, item := range []string{
		"http://localhost:5173", "https://app.example.com:80", "http://app.example.com:443", "capacitor://localhost", "http://127.0.0.1:3000",
		"http://[::1]:3000", "https://a_b.example.com", "chrome-extension://abcdefghijklmnop",
	} {
		if c, err := ParseCORS(item); err != nil || !c.allows(item) {
			t.Errorf("%s: %v", item, err)
		}
	}
}

func TestPreflight(t *testing.T) {
	const app, usual = "https://app.example.com", "authorization, content-type"
	many := func(n int, name string) string { return strings.Repeat(name+",", n-1) + name }
	for name, c := range map[string]struct{ origin, asks, want string }{
		"nothing":            {app, "", usual},
		"the usual":          {app, "Authorization,content-type", usual},
		"tracing":            {app, "authorization,baggage,sentry-trace, traceparent\t,x-xsrf-token", usual + ", baggage, sentry-trace, traceparent, x-xsrf-token"},
		"64":                 {app, many(64, "x-a"), usual + strings.Repeat(", x-a", 64)},
		"65":                 {app, many(65, "x-a"), usual},
		"longest":            {app, strings.Repeat("a", 64), usual + ", " + strings.Repeat("a", 64)},
		"too long":           {app, "x-b," + strings.Repeat("a", 65), usual},
		"no name":            {app, "x-b,,x-c", usual},
		"a space":            {app, "x b", usual},
		"header in a header": {app, "x-b\r\nset-cookie: a=b", usual},
		"everything":         {app, "x-b,*", usual},
		"not ASCII":          {app, "x-é", usual},
		"other origin":       {"https://evil.example.com", "x-b", usual},
		"no origin":          {"", "x-b", usual},
	} {
		cors, _ := ParseCORS(app)
		got := encode(t, cors.Preflight(Request{Origin: c.origin, asksToSend: c.asks}))
		if got.StatusCode != 204 || got.Body != "" || got.Headers["Access-Control-Allow-Methods"] != "GET, POST, OPTIONS" ||
			got.Headers["Access-Control-Allow-Headers"] != c.want || got.Headers["Access-Control-Max-Age"] != "600" ||
			got.Headers["Vary"] != "Origin, Access-Control-Request-Headers" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	r := parse(t, strings.Replace(get(`"headers":{"Access-Control-Request-Headers":"x-b"},`), "GET", "OPTIONS", 1))
	if got := (CORS{any: true}).Preflight(r).Header["Access-Control-Allow-Headers"]; got != usual+", x-b" {
		t.Errorf("any origin: %s", got)
	}
}

// Whatever text an answer holds, it is what a JSON reader makes of it.
func TestEncodeIsJSON(t *testing.T) {
	for _, text := range []string{"", `"quoted" \ back`, "line\nbreak\x00\x1f\x7f", "<a>&\u2028", "小明 😀", `\u0041`, "\xff"} {
		got := encode(t, Response{Status: 200, Header: map[string]string{"X-A": strings.ToValidUTF8(text, "")}, Body: map[string]string{"a": text}})
		var body map[string]string
		if err := json.Unmarshal([]byte(got.Body), &body); err != nil || body["a"] != strings.ToValidUTF8(text, "\ufffd") {
			t.Errorf("%q: %q, %v", text, got.Body, err)
		}
		if got.Headers["X-A"] != strings.ToValidUTF8(text, "") || len(got.Headers) != 3 {
			t.Errorf("%q: %q", text, got.Headers)
		}
	}
}
