package cloud

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	sdk "github.com/tencentyun/cos-go-sdk-v5"
	"github.com/tencentyun/scf-go-lib/cloudfunction"

	"cos-credentials/test/scf"
)

// binary is the function, built once.
var binary string

func TestMain(m *testing.M) {
	if os.Getenv(asMirror) != "" {
		cloudfunction.StartHandler(mirror{})
	}
	os.Exit(run(m))
}

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

// begin starts a local cloud with the function's real binary.
func begin(t *testing.T, o Options) *Local {
	t.Helper()
	o.Binary = cmp.Or(o.Binary, binary)
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
	if err := json.Unmarshal([]byte(text), &out); err != nil {
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
func key(t *testing.T, s *Local, user string) credentials {
	t.Helper()
	_, text := ask(t, "POST", s.Login, `{"user":"`+user+`"}`)
	token := decode[struct{ Token string }](t, text).Token
	answer, text := ask(t, "GET", s.Credentials, "", "Authorization", "Bearer "+token)
	if answer.StatusCode != 200 {
		t.Fatalf("%d %s", answer.StatusCode, text)
	}
	return decode[credentials](t, text)
}

// client is the vendor's, with a user's key from the function.
func client(t *testing.T, s *Local, user string) *sdk.Client {
	t.Helper()
	c := key(t, s, user).Credentials
	return sdk.NewClient(&sdk.BaseURL{BucketURL: &url.URL{Scheme: "http", Host: s.COSHost}}, &http.Client{
		Transport: &sdk.AuthorizationTransport{
			SecretID: c.TmpSecretID, SecretKey: c.TmpSecretKey, SessionToken: c.SessionToken,
		},
	})
}

// A reload drops no request, and what can't run doesn't take over.
func TestReload(t *testing.T) {
	s := begin(t, Options{Env: map[string]string{asMirror: "1"}}) // which the function doesn't know
	ctx, cancel := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for ctx.Err() == nil {
				answer, err := http.Get(s.Gateway + "/credentials")
				if err != nil {
					t.Error(err)
					return
				}
				if answer.Body.Close(); answer.StatusCode != 401 && answer.StatusCode != 200 { // the mirror says 200
					t.Errorf("%d during a reload", answer.StatusCode)
				}
			}
		})
	}
	for i := range 6 {
		if err := s.Reload(t.Context(), []string{os.Args[0], binary}[i%2]); err != nil {
			t.Error(err)
		}
	}
	cancel()
	callers.Wait()
	for _, i := range s.pool.instances() {
		if i.build != s.pool.build {
			t.Errorf("an instance of %s is still there", i.build.binary)
		}
	}
	if err := s.Reload(t.Context(), filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a missing binary took over")
	}
	if answer, _ := ask(t, "GET", s.Credentials, ""); answer.StatusCode != 401 {
		t.Errorf("%d after it", answer.StatusCode)
	}
}

func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().(*net.TCPAddr).Port
	for what, ports := range map[string]Ports{
		"the page": {Page: taken}, "the function's gateway": {Gateway: taken}, "COS": {COS: taken}, "STS": {STS: taken},
	} {
		_, err := Start(t.Context(), Options{Binary: binary, Ports: ports})
		var e *PortError
		if !errors.As(err, &e) || e.Port != taken || e.For != what || !strings.Contains(err.Error(), "in use") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// What a local cloud says of requests can be read, and shared: it holds no token and no key.
func TestLog(t *testing.T) {
	var out strings.Builder
	s := begin(t, Options{Log: &out})
	c := key(t, s, "alice")
	token, _ := s.Token("bob", map[string]any{"aud": "another"})
	ask(t, "GET", s.Credentials+"?x="+token, "", "Authorization", "Bearer "+token)
	ask(t, "OPTIONS", s.Credentials, "")
	object := "http://" + s.COSHost + "/users/alice/a.txt"
	ask(t, "GET", object+"?x-cos-security-token="+c.Credentials.SessionToken, "")
	ask(t, "OPTIONS", object, "", "Origin", "http://localhost:1", "Access-Control-Request-Method", "PUT")
	s.Close()
	for _, want := range []string{
		`function  200  GET     /credentials  [\d.]+ ms, grant own-files\n`,
		`function  401  GET     /credentials  [\d.]+ ms, TokenInvalid: .*aud`,
		`cos       403  GET     /users/alice/a.txt  [\d.]+ ms, \w+\n`,
	} {
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
	if n := strings.Count(out.String(), "\n"); n != 3 {
		t.Errorf("%d lines:\n%s", n, out.String())
	}
	secrets := []string{token[:20], c.Credentials.TmpSecretKey, c.Credentials.SessionToken[:20], s.account.SecretKey}
	for _, secret := range secrets {
		if strings.Contains(out.String(), secret) {
			t.Errorf("a secret in\n%s", out.String())
		}
	}
}
