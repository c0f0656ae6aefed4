package cloud

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cos-credentials/test/scf"
)

// binary is the function, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(scf.RunWith(&binary, m.Run)) }

// begin starts a local cloud with the function's real binary.
func begin(t *testing.T, o Options) *Local {
	t.Helper()
	o.Binary = binary
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

// key logs in as user, asks the function for a key, and returns the login's token and the answer.
func key(t *testing.T, s *Local, user string) (token, answer string) {
	t.Helper()
	_, text := ask(t, "POST", s.Login, `{"user":"`+user+`"}`)
	var login struct{ Token string }
	if err := json.Unmarshal([]byte(text), &login); err != nil {
		t.Fatal(err)
	}
	got, text := ask(t, "GET", s.Credentials, "", "Authorization", "Bearer "+login.Token)
	if got.StatusCode != 200 {
		t.Fatalf("%d %s", got.StatusCode, text)
	}
	return login.Token, text
}

func TestEvent(t *testing.T) {
	r := httptest.NewRequest("POST", "/a/b?x=1&x=2&z=&e=%20%2B+", nil)
	r.Header = http.Header{"X-Mixed-Case": {"V"}, "X-Scf-Remote-Addr": {"203.0.113.7"}}
	var got, want any
	json.Unmarshal(makeEvent(r, []byte("\xff\xfe")), &got)
	json.Unmarshal([]byte(`{"body":"//4=","isBase64Encoded":true,"httpMethod":"POST","path":"/a/b",
		"queryString":{"e":" + ","x":["1","2"],"z":""},
		"headers":{"host":"example.com","x-mixed-case":"V","x-scf-remote-addr":"192.0.2.1"}}`), &want)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// The platform's limits are the gateway's, and so is what the platform says of an answer that is none. Instances that
// died are replaced.
func TestGateway(t *testing.T) {
	s := begin(t, Options{})
	for _, body := range []string{strings.Repeat("x", 6<<20), strings.Repeat("\x01", 1<<20+1)} { // six bytes each as JSON
		answer, text := ask(t, "POST", s.Credentials, body)
		if answer.StatusCode != 413 || !strings.Contains(text, "exceeds the upper limit") {
			t.Errorf("%d %s", answer.StatusCode, text)
		}
	}
	for _, bad := range []string{`no JSON`, `{"some":"JSON"}`, `{"statusCode":"200"}`, `{"statusCode":99}`} {
		seen := httptest.NewRecorder()
		if writeAnswer(seen, []byte(bad)); seen.Code != 403 {
			t.Errorf("%s: %d", bad, seen.Code)
		}
	}
	for i := range s.pool.idle {
		i.Stop()
	}
	answer, text := ask(t, "GET", s.Credentials, "")
	if answer.StatusCode != 401 || !strings.Contains(text, "TokenMissing") {
		t.Errorf("%d %s", answer.StatusCode, text)
	}
}

// What a local cloud says of requests can be read, and shared: it holds no token and no key.
func TestLog(t *testing.T) {
	var out strings.Builder
	s := begin(t, Options{Log: &out})
	token, answer := key(t, s, "alice")
	ask(t, "GET", s.Credentials+"?x="+token, "", "Authorization", "Bearer "+token[1:])
	ask(t, "OPTIONS", s.Credentials, "")
	object := "http://" + s.COSHost + "/users/alice/a.txt"
	ask(t, "GET", object+"?x-cos-security-token="+token, "")
	ask(t, "OPTIONS", object, "", "Origin", "http://localhost:1", "Access-Control-Request-Method", "PUT")
	s.Close()
	for _, want := range []string{
		`function  200  GET     /credentials  [\d.]+ ms\n`, `function  401  GET     /credentials  [\d.]+ ms\n`,
		`cos       403  GET     /users/alice/a.txt  [\d.]+ ms\n`, `{.*"msg":"request".*"code":"TokenInvalid"`,
	} {
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
	secrets := regexp.MustCompile(`"(?:tmpSecretKey|sessionToken)":"([^"]{20})`).FindAllStringSubmatch(answer, -1)
	secrets = append(secrets, []string{"", token[1:20]}, []string{"", s.account.SecretKey})
	for _, secret := range secrets {
		if len(secrets) != 4 || strings.Contains(out.String(), secret[1]) {
			t.Errorf("%d secrets, or one of them in\n%s", len(secrets), out.String())
		}
	}
}
