package cloud

import (
	"strings"
	"testing"
)

// A browser tries the page itself. It is given nothing else, and may speak to nobody else.
func TestPageIsServed(t *testing.T) {
	s := begin(t, Options{})
	for path, status := range map[string]int{
		"": 200, "page.js": 200, "page.go": 404, "access.yaml": 404, "../go.mod": 404, "login": 404,
	} {
		answer, _ := ask(t, "GET", s.Page+path, "")
		policy := answer.Header.Get("Content-Security-Policy")
		if answer.StatusCode != status || !strings.Contains(policy, "default-src 'none'; script-src 'self';") ||
			!strings.Contains(policy, "connect-src 'self' "+s.Gateway+" http://"+s.COSHost+";") {
			t.Errorf("%q: %d %s", path, answer.StatusCode, policy)
		}
	}
}

// The login vouches for whoever asks, so it must not answer the pages of the web: not by their origin, and not by a
// name of theirs that resolves to this machine.
func TestLoginIsForThisMachine(t *testing.T) {
	s := begin(t, Options{})
	for _, tt := range []struct {
		header, value string
		status        int
	}{
		{"Origin", "http://localhost:5173", 200}, {"Origin", "http://127.0.0.1:30", 200}, {"Origin", "https://localhost", 200},
		{"Host", "localhost:8080", 200}, {"Host", "[::1]:8080", 200},
		{"Origin", "https://evil.example", 403}, {"Origin", "null", 403}, {"Origin", "http://localhost.evil.example", 403},
		{"Origin", "http://127.0.0.1.evil.example:80", 403}, {"Origin", "file://localhost", 403},
		{"Host", "evil.example", 403}, {"Host", "127.0.0.1.evil.example:8080", 403},
	} {
		answer, text := ask(t, "POST", s.Login, `{"user":"alice"}`, tt.header, tt.value)
		allowed := answer.Header.Get("Access-Control-Allow-Origin")
		if answer.StatusCode != tt.status || strings.Contains(text, "token") != (tt.status == 200) ||
			tt.header == "Origin" && (allowed == tt.value) != (tt.status == 200) {
			t.Errorf("%s: %s gives %d %s, readable by %q", tt.header, tt.value, answer.StatusCode, text, allowed)
		}
	}
	answer, _ := ask(t, "OPTIONS", s.Login, "", "Origin", "http://localhost:5173", "Access-Control-Request-Method", "POST")
	if answer.StatusCode != 204 || answer.Header.Get("Access-Control-Allow-Headers") != "content-type" {
		t.Errorf("preflight: %d %v", answer.StatusCode, answer.Header)
	}
}

func TestLogin(t *testing.T) {
	s := begin(t, Options{})
	for body, want := range map[string]int{
		`{"user":"alice"}`: 200, `{"user":"alice","claims":{"role":"staff"}}`: 200, ``: 400, `[]`: 400, `{"user":""}`: 400,
		`{"user":"alice","password":"x"}`: 400, `{"user":"` + strings.Repeat("x", 17<<10) + `"}`: 400,
	} {
		if answer, text := ask(t, "POST", s.Login, body); answer.StatusCode != want {
			t.Errorf("%.60s: %d %s", body, answer.StatusCode, text)
		}
	}
}
