package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"cos-credentials/test/scf"
)

// binary is the function, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "cos-credentials-")
	if err == nil {
		defer os.RemoveAll(dir)
		binary, err = scf.Build(context.Background(), dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// begin starts a stack with the function's real binary.
func begin(t *testing.T, o Options) *Stack {
	t.Helper()
	if o.Binary == "" {
		o.Binary = binary
	}
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// ask sends a request and returns the answer and its body.
func ask(t *testing.T, method, url, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

// decode reads a JSON answer.
func decode[T any](t *testing.T, text string) (out T) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	if err := d.Decode(&out); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return out
}

type credentials struct {
	Credentials struct{ TmpSecretID, TmpSecretKey, SessionToken string }
	Prefixes    []string
	Bucket      string
	ExpiredTime int64
}

// key logs in as user and gets a key from the function.
func key(t *testing.T, s *Stack, user string) credentials {
	t.Helper()
	_, text := ask(t, "POST", s.Login, `{"user":"`+user+`"}`)
	token := decode[struct{ Token string }](t, text).Token
	answer, text := ask(t, "GET", s.Credentials, "", "Authorization", "Bearer "+token)
	if answer.StatusCode != 200 {
		t.Fatalf("%d %s", answer.StatusCode, text)
	}
	return decode[credentials](t, text)
}

func TestLoginToKey(t *testing.T) {
	s := begin(t, Options{})
	c := key(t, s, "alice")
	if strings.Join(c.Prefixes, " ") != "users/alice/*" || c.Bucket != s.Bucket {
		t.Errorf("%+v", c)
	}
	if _, err := s.STS.OpenToken(c.Credentials.SessionToken); err != nil {
		t.Error(err)
	}
}
