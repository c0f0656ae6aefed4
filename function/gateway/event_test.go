package gateway

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// get is an event as small as events get, with more members in front.
func get(more string) string { return `{` + more + `"httpMethod":"GET","path":"/sts"}` }

func TestParseRefusesWhatIsNoHTTPEvent(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 2<<20/5-100)
	for name, event := range map[string]string{
		"nothing":           ``,
		"white space":       " \n",
		"no JSON":           `hello`,
		"null":              `null`,
		"true":              `true`,
		"number":            `1`,
		"string":            `"GET /"`,
		"array":             `[]`,
		"array of events":   `[` + get("") + `]`,
		"cut off":           `{"httpMethod":"GET"`,
		"two values":        get("") + get(""),
		"nesting":           deep,
		"nesting inside":    `{"a":` + deep,
		"arrays":            strings.Repeat("[", 2<<20),
		"member twice":      get(`"httpMethod":"GET",`),
		"spelled twice":     get(`"http\u004dethod":"GET",`),
		"header twice":      get(`"headers":{"authorization":"Bearer a","authorization":"Bearer a"},`),
		"source twice":      get(`"requestContext":{"sourceIp":"10.0.0.1","sourceIp":"10.0.0.2"},`),
		"query twice":       get(`"queryString":{"grant":"a","grant":"b"},`),
		"many members":      get(`"requestContext":{"many":[` + strings.Repeat("1,", 10000) + `1]},`),
		"empty object":      `{}`,
		"no path":           `{"httpMethod":"GET"}`,
		"relative path":     `{"httpMethod":"GET","path":"sts"}`,
		"no method":         `{"path":"/"}`,
		"method no string":  `{"path":"/","httpMethod":1}`,
		"body no string":    get(`"body":{},`),
		"headers no object": get(`"headers":["a"],`),
		"context no object": get(`"requestContext":"x",`),
		"base64 a number":   get(`"isBase64Encoded":1,`),
		"base64 a word":     get(`"isBase64Encoded":"yes",`),
		"timer event":       `{"Type":"Timer","TriggerName":"t","Time":"2019-02-21T11:49:00Z","Message":""}`,
	} {
		if _, refusal := Parse([]byte(event)); refusal == nil || refusal.Code != InvalidRequest {
			t.Errorf("%s: got %v, want InvalidRequest", name, refusal)
		}
	}
}

func TestEventsAreBounded(t *testing.T) {
	fill := func(size int) string {
		return get(`"body":"` + strings.Repeat("x", size-len(get(`"body":"",`))) + `",`)
	}
	if _, refusal := Parse([]byte(fill(maxEvent))); refusal != nil {
		t.Error(refusal)
	}
	if _, refusal := Parse([]byte(fill(maxEvent + 1))); refusal == nil || refusal.Code != RequestTooLarge {
		t.Error(refusal)
	}
}

// A page may read that its event was refused unread, if it is clear whose page it is: one header, in one member.
func TestOriginOfARefusedEvent(t *testing.T) {
	const app, other = "https://app.example.com", "https://other.example.com"
	const twice = `"path":"/",`
	const headers = `"headers":{"x":["a",{"origin":"b"}],"Origin":"` + app + `","authorization":"a:,\\\"}]"},`
	long := `"body":"` + strings.Repeat(`\"`, maxEvent/2) + `",`
	for name, c := range map[string]struct{ members, want string }{
		"too long, before":       {headers + long, app},
		"too long, behind":       {long + headers, app},
		"too long, none":         {long, ""},
		"member twice":           {headers + twice, app},
		"member twice, behind":   {twice + headers, app},
		"header twice":           {`"headers":{"a":"1","origin":"` + app + `","a":"2"},`, app},
		"source twice":           {`"requestContext":{"sourceIp":"1","sourceIp":"2"},` + headers, app},
		"a list of one":          {`"headers":{"origin":["` + app + `"]},` + twice, app},
		"white space":            {twice + ` "headers" : { "origin" : "` + app + `" } , `, app},
		"escaped":                {`"headers":{"origin":"https:\/\/app.example.com"},` + twice, app},
		"origin twice":           {`"headers":{"origin":"` + app + `","origin":"` + other + `"},`, ""},
		"origin twice, the same": {`"headers":{"origin":"` + app + `","Origin":"` + app + `"},` + twice, ""},
		"origin twice, escaped":  {`"headers":{"origin":"` + app + `","or\u0069gin":"` + other + `"},`, ""},
		"headers twice":          {headers + headers, ""},
		"headers twice, escaped": {headers + `"h\u0065aders":{},` + twice, ""},
		"a list of two":          {`"headers":{"origin":["` + app + `","` + other + `"]},` + twice, ""},
		"no text":                {`"headers":{"origin":1},` + twice, ""},
		"no headers":             {`"origin":"` + app + `",` + twice, ""},
		"headers of another":     {`"requestContext":{"headers":{"origin":"` + app + `"}},` + twice, ""},
		"headers in a text":      {`"body":"{\"headers\":{\"origin\":\"` + app + `\"}}",` + twice, ""},
		"no object":              {`"headers":["origin","` + app + `"],` + twice, ""},
		"cut off":                {headers + twice + `"a":{`, ""},
		"cut off in a text":      {headers + twice + `"a`, ""},
		"cut off behind a \\":    {headers + twice + `"\`, ""},
	} {
		event := get(c.members)
		if strings.HasPrefix(name, "cut off") {
			event = "{" + c.members
		}
		r, refusal := Parse([]byte(event))
		if refusal == nil || r.Origin != c.want || r.Method != "" {
			t.Errorf("%s: %q, want %q (%v)", name, r.Origin, c.want, refusal)
		}
	}
}

// What is read must be text that everybody reads alike.
func TestOddBytesInWhatIsRead(t *testing.T) {
	r := parse(t, strings.Replace(get("\"headers\":{\"authorization\":\"Bearer a\xff\"},\"body\":\"{\\\"grant\\\":\\\"\xff\\\"}\",\"queryString\":{\"grant\":\"a\xff\"},"), "GET", "POST", 1))
	if token, _ := r.Token(); token != "a\xff" { // whose alphabet refuses it
		t.Errorf("token %q", token)
	}
	if grant, refusal := r.Query("grant"); refusal == nil {
		t.Errorf("grant %q", grant)
	}
	if body, _ := r.Body(); string(body) != "{\"grant\":\"\xff\"}" { // which strict JSON refuses
		t.Errorf("body %q", body)
	}
}

func TestNotInQuery(t *testing.T) {
	names := []string{"durationSeconds", "filename"}
	for query, want := range map[string]string{
		`{"filename":"a.jpg"}`: "filename", `{"filename":null}`: "filename", `{"durationSeconds":["1","2"]}`: "durationSeconds",
		`{"Filename":"a"}`: "", `{"grant":"a","bucket":"b","x":true}`: "", `null`: "", `[]`: "",
	} {
		refusal := parse(t, get(`"queryString":`+query+`,`)).NotInQuery(names)
		if (refusal != nil) != (want != "") || refusal != nil && (refusal.Code != InvalidRequest || !strings.Contains(refusal.Message, " "+want+",")) {
			t.Errorf("%s: %v", query, refusal)
		}
	}
}

func parse(t *testing.T, event string) Request {
	t.Helper()
	r, refusal := Parse([]byte(event))
	if refusal != nil {
		t.Fatalf("%s: %v", event, refusal)
	}
	return r
}

func TestResource(t *testing.T) {
	for path, want := range map[string]string{
		"/": "", "/sts": "sts", "/sts/": "sts", "/api/v1/credentials": "credentials", "/api/v1/credentials/": "credentials",
		"//": "/", "/sts//": "/", "/api/": "api", "/a//sts": "sts", "/STS": "STS", "/%73ts": "%73ts", "/sts%2F": "sts%2F",
	} {
		if got := parse(t, fmt.Sprintf(`{"httpMethod":"GET","path":%q}`, path)).Resource; got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestToken(t *testing.T) {
	for headers, want := range map[string]string{
		`{"authorization":"Bearer abc"}`:                              "abc",
		`{"Authorization":"Bearer abc"}`:                              "abc",
		`{"AUTHORIZATION":"bearer abc"}`:                              "abc",
		`{"authorization":["BEARER abc"]}`:                            "abc",
		`{"authorization":"Bearer  abc"}`:                             "abc",
		`{"authorization":"Bearer abc def"}`:                          "abc def", // refused by its alphabet
		`{"authorization":"Bearer abc","Authorization":"Bearer abc"}`: "abc",
		`{}`:                                            TokenMissing.String(),
		`null`:                                          TokenMissing.String(),
		`{"authorization":""}`:                          TokenMissing.String(),
		`{"authorization":null}`:                        TokenMissing.String(),
		`{"authorization":1}`:                           TokenMissing.String(),
		`{"authorization":"abc"}`:                       TokenMissing.String(),
		`{"authorization":"Bearer"}`:                    TokenMissing.String(),
		`{"authorization":"Bearer "}`:                   TokenMissing.String(),
		`{"authorization":"Bearerabc"}`:                 TokenMissing.String(),
		`{"authorization":"Basic abc"}`:                 TokenMissing.String(),
		`{"authorization":" Bearer abc"}`:               TokenMissing.String(),
		`{"x-authorization":"Bearer a"}`:                TokenMissing.String(),
		`{"authorizatiOn":["Bearer abc","Bearer def"]}`: InvalidRequest.String(),
		`{"authorization":"Bearer abc","Authorization":"Bearer def"}`:      InvalidRequest.String(),
		`{"authorization":"Bearer abc","AUTHORIZATION":["Basic YTpi"]}`:    InvalidRequest.String(),
		`{"authorization":"Bearer abc","cookie":"authorization=Bearer x"}`: "abc",
	} {
		got, refusal := parse(t, get(`"headers":`+headers+`,`)).Token()
		if refusal != nil {
			got = refusal.Code.String()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", headers, got, want)
		}
	}
}

// What a browser may send in a header, its user must not be refused for.
func TestOddEventsAreRead(t *testing.T) {
	for _, more := range []string{"\"headers\":{\"x-\xff\":\"a\",\"x-\xff\":\"b\",\"authorization\":\"Bearer abc\"},", `"headers":{"referer":"/\ufffd","authorization":"Bearer abc"},`, "\"headers\":{\"referer\":\"/\xff\",\"authorization\":\"Bearer abc\"},",
		`"headers":{"referer":"/\ud800","authorization":"Bearer abc"},`,
		`"headers":{"authorization":"Bearer abc"},"requestContext":{"many":[` + strings.Repeat("1,", 3000) + `1]},`} {
		r := parse(t, get(more))
		if token, refusal := r.Token(); token != "abc" || r.Resource != "sts" || r.Method != "GET" {
			t.Errorf("%.60s: %v, %v", more, r, refusal)
		}
	}
}

func TestTokenIsReadFromNowhereElse(t *testing.T) {
	r := parse(t, get(`"queryString":{"token":"abc","authorization":"Bearer abc","access_token":"abc"},"body":"{\"token\":\"abc\"}",`))
	if _, refusal := r.Token(); refusal == nil || refusal.Code != TokenMissing {
		t.Errorf("got %v", refusal)
	}
}

func TestQuery(t *testing.T) {
	for query, want := range map[string]string{
		`{"grant":"a"}`:                         "a",
		`{"grant":["a"]}`:                       "a",
		`{"grant":["a","a"]}`:                   "a",
		`{"bucket":"b","i":true,"a":["x","y"]}`: "",
		`{}`:                                    "",
		`null`:                                  "",
		`{"Grant":"a"}`:                         "",
		`{"grant":true}`:                        InvalidRequest.String(),
		`{"grant":""}`:                          InvalidRequest.String(),
		`{"grant":[]}`:                          InvalidRequest.String(),
		`{"grant":["a","b"]}`:                   InvalidRequest.String(),
		`{"grant":["a","b","a"]}`:               InvalidRequest.String(),
		`{"grant":{}}`:                          InvalidRequest.String(),
		`[]`:                                    InvalidRequest.String(),
		`"grant=a"`:                             InvalidRequest.String(),
	} {
		got, refusal := parse(t, get(`"queryString":`+query+`,`)).Query("grant")
		if refusal != nil {
			got = refusal.Code.String()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}

func TestBody(t *testing.T) {
	full, over := strings.Repeat("x", MaxBody), strings.Repeat("x", MaxBody+1)
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for name, c := range map[string]struct{ body, encoded, want string }{
		"plain":           {`{}`, ``, `{}`},
		"false":           {`{}`, `false`, `{}`},
		"the word false":  {`{}`, `"false"`, `{}`},
		"null":            {`{}`, `null`, `{}`},
		"true":            {b64(`{}`), `true`, `{}`},
		"the word true":   {b64(`{}`), `"true"`, `{}`},
		"longest":         {full, ``, full},
		"longest base64":  {b64(full), `true`, full},
		"too long":        {over, ``, RequestTooLarge.String()},
		"too long base64": {b64(over), `true`, RequestTooLarge.String()},
		"much too long":   {strings.Repeat("A", 1<<20), `true`, RequestTooLarge.String()},
		"no base64":       {`{}`, `true`, InvalidRequest.String()},
		"url base64":      {"-_-_", `true`, InvalidRequest.String()},
		"unpadded":        {"e30", `true`, InvalidRequest.String()},
		"trailing bits":   {"e31=", `true`, InvalidRequest.String()},
		"empty":           {``, `true`, ``},
	} {
		text, _ := json.Marshal(c.body)
		more := `"body":` + string(text) + `,`
		if c.encoded != "" {
			more += `"isBase64Encoded":` + c.encoded + `,`
		}
		post := strings.Replace(get(more), "GET", "POST", 1)
		got, refusal := parse(t, post).Body()
		if refusal != nil {
			got = []byte(refusal.Code.String())
		}
		if string(got) != c.want {
			t.Errorf("%s: got %.40q, want %.40q", name, got, c.want)
		}
	}
	if got, refusal := parse(t, get(`"body":"{}",`)).Body(); got != nil || refusal != nil {
		t.Errorf("of a GET: %q, %v", got, refusal)
	}
}

func TestAddress(t *testing.T) {
	for event, want := range map[string]string{
		`"requestContext":{"sourceIp":"203.0.113.7"},`:                                            "203.0.113.7",
		`"requestContext":{"sourceIp":"2001:db8::1"},`:                                            "2001:db8::1",
		`"requestContext":{"sourceIp":"::ffff:203.0.113.7"},`:                                     "203.0.113.7",
		`"headers":{"x-scf-remote-addr":"203.0.113.7"},`:                                          "203.0.113.7",
		`"headers":{"X-Scf-Remote-Addr":"203.0.113.7:443"},`:                                      "203.0.113.7",
		`"headers":{"x-scf-remote-addr":"[2001:db8::1]:443"},`:                                    "2001:db8::1",
		`"requestContext":{},"headers":{"x-scf-remote-addr":"203.0.113.7"},`:                      "203.0.113.7",
		`"requestContext":null,"headers":{"x-scf-remote-addr":"203.0.113.7"},`:                    "203.0.113.7",
		`"requestContext":{"sourceIp":"203.0.113.7"},"headers":{"x-scf-remote-addr":"10.0.0.1"},`: "203.0.113.7",
		`"requestContext":{"sourceIp":"unknown"},"headers":{"x-scf-remote-addr":"10.0.0.1"},`:     "invalid IP",
		`"headers":{"x-scf-remote-addr":"10.0.0.1","X-SCF-REMOTE-ADDR":"10.0.0.2"},`:              "invalid IP",
		`"headers":{"x-forwarded-for":"10.0.0.1","x-real-ip":"10.0.0.1","client-ip":"10.0.0.1"},`: "invalid IP",
		``: "invalid IP",
	} {
		if got := parse(t, get(event)).Address; got.String() != want {
			t.Errorf("%s: got %s, want %s", event, got, want)
		}
	}
	if (Request{}).Address != (netip.Addr{}) {
		t.Error("an unknown address must be the zero Addr")
	}
}
