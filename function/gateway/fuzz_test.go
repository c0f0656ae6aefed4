package gateway

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// FuzzEvent: whatever event arrives, it is read in one way, or refused in words that hold nothing of it; and the answer is one
// that the gateways can read.
func FuzzEvent(f *testing.F) {
	for _, members := range []string{
		``,
		`"headers":{"authorization":["a"]},"queryString":{"grant":["a"],"b":true},"isBase64Encoded":"true","body":"e30=",`,
		`"headers":{"Authorization":"Bearer abc.def.ghi","AUTHORIZATION":"bearer other.token.here"},`,
		`"headers":{"authorization":"Bearer abc.def.ghi","Origin":"https://app.example.com","x-scf-remote-addr":"203.0.113.7:52044"},`,
		`"requestContext":{"sourceIp":"::ffff:192.0.2.7%eth0"},"queryString":{"grant":["a","b"]},"isBase64Encoded":true,"body":"//8=",`,
		`"isBase64Encoded":"perhaps",`,
		`"requestContext":null,"headers":null,"queryString":null,"body":null,"isBase64Encoded":null,`,
	} {
		f.Add([]byte(get(members)))
	}
	for _, event := range []string{`null`, `[]`, `{}`, `{"httpMethod":"GET","path":"//"}`, `{"Type":"Timer"}`, "\xff", `{"httpMethod":1}`} {
		f.Add([]byte(event))
	}
	cors, err := ParseCORS("https://app.example.com")
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(strings.Replace(get(`"isBase64Encoded":true,"body":"//8=",`), "GET", "POST", 1)))
	f.Fuzz(func(t *testing.T, event []byte) {
		r, refusal := Parse(event)
		if refusal == nil && !json.Valid(event) {
			t.Fatal("an event was read that is no JSON")
		}
		readable(t, refusal, cors, r.Origin, "")
		if refusal != nil {
			if r.Method != "" || r.authorization != nil || r.Address.IsValid() {
				t.Fatal("a request beside the error")
			}
			return
		}
		if skimmed := skimOrigin(event); r.Origin != "" && skimmed != "" && skimmed != r.Origin {
			t.Fatalf("origin %q, and %q if it were refused unread", r.Origin, skimmed)
		}
		if r.Address.Zone() != "" || r.Address.Is4In6() {
			t.Fatalf("address %v has a second spelling", r.Address)
		}
		if strings.Contains(r.Resource, "/") && r.Resource != "/" {
			t.Fatalf("resource %q is no segment", r.Resource)
		}
		token, noToken := r.Token()
		if noToken == nil && (token == "" || token[0] == ' ' || !strings.HasSuffix(r.authorization[0], token)) {
			t.Fatalf("token %q of %q", token, r.authorization)
		}
		grant, noGrant := r.Query("grant")
		body, noBody := r.Body()
		if len(body) > MaxBody || noBody != nil && body != nil {
			t.Fatalf("a body of %d bytes", len(body))
		}
		for _, e := range []*Error{noToken, noGrant, noBody} {
			readable(t, e, cors, r.Origin, strings.Join(r.authorization, ""))
		}
		// Header names that differ in case only come out of a map in any order.
		for range 3 {
			again, _ := Parse(event)
			token2, noToken2 := again.Token()
			grant2, noGrant2 := again.Query("grant")
			if token2 != token || (noToken2 == nil) != (noToken == nil) || grant2 != grant || (noGrant2 == nil) != (noGrant == nil) ||
				again.Origin != r.Origin || again.Address != r.Address || again.Resource != r.Resource || again.Method != r.Method {
				t.Fatalf("read in two ways: %+v and %+v", r, again)
			}
		}
	})
}

// readable fails unless a refusal makes an answer that holds nothing of the request.
func readable(t *testing.T, e *Error, cors CORS, origin, secret string) {
	if e == nil {
		return
	}
	if e.Code.String() == "" || e.Message == "" || len(secret) > 8 && strings.Contains(e.Message+e.Reason, secret) {
		t.Fatalf("%+v", e)
	}
	answer := e.Response("id")
	cors.Apply(origin, &answer)
	text, err := answer.Encode()
	var out struct {
		StatusCode int
		Headers    map[string]string
		Body       string
	}
	if err != nil || json.Unmarshal(text, &out) != nil || !json.Valid([]byte(out.Body)) || out.StatusCode < 400 {
		t.Fatalf("%v: %s", err, text)
	}
	if allowed, there := out.Headers["Access-Control-Allow-Origin"]; there && (allowed != origin || allowed != "https://app.example.com") {
		t.Fatalf("origin %q is told that %q is allowed", origin, allowed)
	}
}

// FuzzCORS: no list lets an origin in that isn't one of its items, and none lets in the origin null.
func FuzzCORS(f *testing.F) {
	for _, list := range []string{"", "*", "https://app.example.com", "https://a.example, http://localhost:3000", "*,https://a.example", "null", "https://*.example"} {
		for _, origin := range []string{"", "null", "https://app.example.com", "https://app.example.com.evil.example", "http://localhost:3000", "*"} {
			f.Add(list, origin)
		}
	}
	f.Fuzz(func(t *testing.T, list, origin string) {
		cors, err := ParseCORS(list)
		var answer Response
		cors.Apply(origin, &answer)
		allowed, there := answer.Header["Access-Control-Allow-Origin"]
		if _, credentials := answer.Header["Access-Control-Allow-Credentials"]; credentials {
			t.Fatal("credentials are allowed")
		}
		if !there {
			return
		}
		var items []string
		for item := range strings.SplitSeq(list, ",") {
			items = append(items, strings.TrimSpace(item))
		}
		switch {
		case allowed == "*" && strings.TrimSpace(list) == "*" && err == nil:
		case allowed == origin && slices.Contains(items, origin) && strings.Contains(origin, "://") && answer.Header["Vary"] == "Origin":
		default:
			t.Fatalf("%q allows %q as %q", list, origin, allowed)
		}
	})
}
