package main

import (
	"bytes"
	"strings"
	"testing"

	"cos-credentials/test/cloud"
)

// localCloud runs the function as the shipped access file describes it.
func localCloud(t *testing.T) *cloud.Local {
	t.Helper()
	s, err := cloud.Start(t.Context(), cloud.Options{
		Binary: shop.here, Access: shippedFile,
		Env: map[string]string{"JWT_SECRET": jwtSecret, "ALLOW_ORIGINS": "https://www.example.com"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestSmoke(t *testing.T) {
	s := localCloud(t)
	a := newAccount(t)
	env := dotenv()
	env["ALLOW_ORIGINS"] = "https://www.example.com"
	a.dotenv(".env", env)
	args := []string{"smoke", s.Gateway, "--cos-endpoint", "http://" + s.COSHost}
	status, out, problems := a.runPlain(args...)
	if status != 0 || !strings.Contains(out, "✓ The key can't read a file next door.") ||
		!strings.Contains(out, "promises hold.") {
		t.Errorf("%d\n%s%s", status, out, problems)
	}
	status, out, _ = a.runPlain(append(args, "--json")...)
	if status != 0 || !strings.Contains(out, `{"state":"seen","what":"Shortest life"`) {
		t.Errorf("%d\n%s", status, out)
	}

	token, err := s.Token("alice", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range []struct {
		stdin string
		env   map[string]string
		args  []string
	}{{token + "\n", nil, []string{"--token", "-"}}, {"", map[string]string{"SMOKE_TOKEN": token}, nil}} {
		var said bytes.Buffer
		lookup := func(name string) (string, bool) { v, ok := way.env[name]; return v, ok }
		line := append(append([]string{"--file", a.args[3]}, args[1:]...), way.args...)
		line = append([]string{"smoke"}, line...)
		status := run(t.Context(), &session{line, lookup, strings.NewReader(way.stdin), &said, &said, shop})
		if status != 0 || !strings.Contains(said.String(), "User 1 gets a key for users/alice/*") ||
			strings.Contains(said.String(), token) {
			t.Errorf("with a token: %d\n%s", status, said.String())
		}
	}

	env["ALLOW_ORIGINS"] = "https://other.example.com"
	a.dotenv(".env", env)
	status, out, problems = a.runPlain(args...)
	if status != 1 || !strings.Contains(out, "✗ A page of https://other.example.com may ask (preflight). It does not") {
		t.Errorf("%d\n%s%s", status, out, problems)
	}

	env["JWT_SECRET"] = strings.Repeat("another", 5)
	a.dotenv(".env", env)
	status, out, problems = a.runPlain(args...)
	if status != 1 || !strings.Contains(out, "It does not hold: it answered 401 TokenInvalid\n") ||
		!strings.Contains(problems, "the JWT_SECRET that is set here") {
		t.Errorf("%d\n%s%s", status, out, problems)
	}
	env["JWT_SECRET"] = jwtSecret
	a.dotenv(".env", env)

	for _, tt := range []struct {
		args   []string
		status int
		says   string
	}{
		{nil, 2, "needs the function's URL"},
		{[]string{"http://example.com"}, 2, "must begin with https://"},
		{[]string{"https://example.com", "--token", token}, 2, "others of this machine"},
		{[]string{"https://example.com", "--cos-endpoint", "http://example.com"}, 2, "address of this machine"},
		{[]string{"http://127.0.0.1:1"}, 1, "the function can't be reached"},
		{[]string{s.Gateway, "--token", "-"}, 1, "no token on the standard input"},
		{[]string{s.Gateway, "--issuer", "nobody"}, 1, "there are: mini"},
		{[]string{s.Gateway, "--grant", "nothing"}, 1, "Name a grant of theirs with --grant"},
		{[]string{s.Gateway, "--pick", "x"}, 1, "or leave it out where there is nothing to pick from"},
	} {
		if status, out, problems := a.runPlain(append([]string{"smoke"}, tt.args...)...); status != tt.status ||
			!strings.Contains(problems, tt.says) {
			t.Errorf("%v: %d\n%s%s", tt.args, status, out, problems)
		}
	}
	a.env["SMOKE_TOKEN"] = token
	status, out, problems = a.runPlain("smoke", s.Gateway, "--claim", "role=staff")
	if status != 1 || !strings.Contains(problems, "a token brings its own issuer and claims") {
		t.Errorf("%d\n%s%s", status, out, problems)
	}
}
