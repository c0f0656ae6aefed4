package cloud

import (
	"strings"
	"testing"
	"time"
)

func TestPageIsServed(t *testing.T) {
	s := begin(t, Options{})
	for path, want := range map[string]string{
		"": "text/html; charset=utf-8", "page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8",
		"config.json": "application/json; charset=utf-8", "jwks.json": "application/json",
	} {
		answer, text := ask(t, "GET", s.Page+path, "")
		h := answer.Header
		if answer.StatusCode != 200 || h.Get("Content-Type") != want || h.Get("X-Content-Type-Options") != "nosniff" || text == "" {
			t.Errorf("%q: %d %v", path, answer.StatusCode, answer.Header)
		}
	}
	answer, _ := ask(t, "GET", s.Page, "")
	policy := answer.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'; script-src 'self';") ||
		!strings.Contains(policy, "connect-src 'self' "+s.Gateway+" http://"+s.COSHost+";") {
		t.Error(policy)
	}
	if answer, text := ask(t, "GET", s.Page+"cos-js-sdk-v5.min.js", ""); answer.StatusCode == 200 {
		if got := answer.Header.Get("Content-Type"); got != "text/javascript; charset=utf-8" {
			t.Error(got)
		}
	} else if answer.StatusCode != 404 || !strings.Contains(text, "npm ci in test/clients") {
		t.Errorf("%d %s", answer.StatusCode, text)
	}
	for _, path := range []string{"page.go", "access.yaml", "../go.mod", "x"} {
		if answer, _ := ask(t, "GET", s.Page+path, ""); answer.StatusCode != 404 {
			t.Errorf("%s: %d", path, answer.StatusCode)
		}
	}
}

// The login vouches for whoever asks, so it must not answer the pages of the web: not by their origin, and not by a name
// of theirs that resolves to this machine.
func TestLoginIsForThisMachine(t *testing.T) {
	s := begin(t, Options{})
	for _, tt := range []struct {
		header, value string
		status        int
	}{
		{"Origin", "http://localhost:5173", 200}, {"Origin", "http://127.0.0.1:3000", 200}, {"Origin", "https://localhost", 200},
		{"Host", "localhost:8080", 200}, {"Host", "[::1]:8080", 200}, {"Host", "[::1]", 200},
		{"Origin", "https://evil.example", 403}, {"Origin", "null", 403}, {"Origin", "http://localhost.evil.example", 403},
		{"Origin", "http://127.0.0.1.evil.example:80", 403}, {"Origin", "http://evil.example:localhost", 403},
		{"Origin", "file://localhost", 403},
		{"Host", "evil.example", 403}, {"Host", "evil.example:8080", 403}, {"Host", "127.0.0.1.evil.example:8080", 403},
	} {
		answer, text := ask(t, "POST", s.Login, `{"user":"alice"}`, tt.header, tt.value)
		if answer.StatusCode != tt.status || strings.Contains(text, "token") != (tt.status == 200) {
			t.Errorf("%s: %s gives %d %s", tt.header, tt.value, answer.StatusCode, text)
		}
		allowed := answer.Header.Get("Access-Control-Allow-Origin")
		if tt.header == "Origin" && (allowed == tt.value) != (tt.status == 200) {
			t.Errorf("%s may read: %q", tt.value, allowed)
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
		`{"user":"alice"}`: 200, `{"user":"alice","claims":{"role":"staff"}}`: 200, `{"user":"alice","issuer":"local"}`: 200,
		``: 400, `[]`: 400, `{}`: 400, `{"user":""}`: 400, `{"user":7}`: 400, `{"user":"alice","password":"x"}`: 400,
		`{"user":"alice","issuer":"shop"}`: 400, `{"user":"` + strings.Repeat("x", 17<<10) + `"}`: 400,
	} {
		if answer, text := ask(t, "POST", s.Login, body); answer.StatusCode != want {
			t.Errorf("%.60s: %d %s", body, answer.StatusCode, text)
		}
	}
	if answer, _ := ask(t, "GET", s.Login, ""); answer.StatusCode != 404 {
		t.Errorf("GET: %d", answer.StatusCode)
	}
	_, text := ask(t, "POST", s.Login, `{"user":"alice","claims":{"exp":4000000000}}`)
	got := decode[struct {
		User    string
		Expires int64
	}](t, text)
	if got.User != "alice" || got.Expires != 4000000000 {
		t.Errorf("%+v", got)
	}
}

// Tokens as tests want them: of another user, expired, without what the function needs.
func TestToken(t *testing.T) {
	s := begin(t, Options{})
	for _, tt := range []struct {
		claims map[string]any
		code   string
	}{
		{nil, `"prefix":"users/alice/"`},
		{map[string]any{"sub": "bob"}, `"prefix":"users/bob/"`},
		{map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}, `"TokenExpired"`},
		{map[string]any{"exp": nil}, `"TokenInvalid"`},
		{map[string]any{"aud": "another"}, `"TokenInvalid"`},
	} {
		token, err := s.Token("alice", tt.claims)
		if err != nil {
			t.Fatal(err)
		}
		if _, text := ask(t, "GET", s.Credentials, "", "Authorization", "Bearer "+token); !strings.Contains(text, tt.code) {
			t.Errorf("%v: %s", tt.claims, text)
		}
	}
}
