package stack

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cos-credentials/test/repo"
	"cos-credentials/test/scf"
)

// mirror builds the function that answers with its event, once.
var mirror = sync.OnceValues(func() (string, error) {
	root, err := repo.Root()
	if err != nil {
		return "", err
	}
	out := filepath.Join(filepath.Dir(binary), scf.Program("mirror"))
	cmd := exec.Command("go", "build", "-o", out, "./test/stack/testdata/mirror")
	cmd.Dir = root
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, text)
	}
	return out, nil
})

func beginMirror(t *testing.T, o Options) *Stack {
	t.Helper()
	var err error
	if o.Binary, err = mirror(); err != nil {
		t.Fatal(err)
	}
	return begin(t, o)
}

func TestFunctionURLEvent(t *testing.T) {
	s := beginMirror(t, Options{})
	answer, text := ask(t, "POST", s.Gateway+"/a/b?x=1&x=2&y&z=&e=%20%2B+&%zz=%zz", `{"ü":1}`,
		"X-Mixed-Case", "V", "X-Scf-Remote-Addr", "203.0.113.7", "User-Agent", "test", "Accept-Encoding", "identity")
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
	want := `{"body":"{\"ü\":1}","headers":{"accept-encoding":"identity","content-length":"8","host":"` + strings.TrimPrefix(s.Gateway, "http://") + `",
		"user-agent":"test","x-mixed-case":"V","x-scf-remote-addr":"127.0.0.1"},
		"httpMethod":"POST","path":"/a/b","queryString":{"%zz":"%zz","e":" + ","x":["1","2"],"y":true,"z":""}}`
	equalJSON(t, text, want)

	_, text = ask(t, "PUT", s.Gateway+"/", "\xff\xfe", "User-Agent", "test", "Accept-Encoding", "identity")
	equalJSON(t, text, `{"body":"//4=","isBase64Encoded":true,"headers":{"accept-encoding":"identity","content-length":"2","host":"`+
		strings.TrimPrefix(s.Gateway, "http://")+`","user-agent":"test","x-scf-remote-addr":"127.0.0.1"},"httpMethod":"PUT","path":"/","queryString":{}}`)
}

func TestAPIGatewayEvent(t *testing.T) {
	s := beginMirror(t, Options{APIGateway: true})
	_, text := ask(t, "GET", s.Gateway+"/credentials?grant=a", "", "X-Scf-Remote-Addr", "203.0.113.7", "User-Agent", "test", "Accept-Encoding", "identity")
	id := decode[struct{ Headers map[string]string }](t, text).Headers["x-api-requestid"]
	if len(id) != 36 {
		t.Errorf("x-api-requestid %q", id)
	}
	equalJSON(t, text, `{"body":"","isBase64Encoded":false,"httpMethod":"GET","path":"/credentials","queryString":{"grant":"a"},
		"headers":{"accept-encoding":"identity","host":"`+strings.TrimPrefix(s.Gateway, "http://")+`","requestsource":"APIGW","user-agent":"test","x-api-requestid":"`+id+`","x-api-scheme":"http"},
		"headerParameters":{},"pathParameters":{},"queryStringParameters":{},
		"requestContext":{"httpMethod":"ANY","identity":{},"path":"/","serviceId":"service-local","sourceIp":"127.0.0.1","stage":"release"}}`)
}

// The real function takes both, and its answers pass the gateway unchanged.
func TestRealFunctionBehindBothTriggers(t *testing.T) {
	for _, apiGateway := range []bool{false, true} {
		s := begin(t, Options{APIGateway: apiGateway})
		key(t, s, "alice")
		answer, text := ask(t, "GET", s.Credentials, "", "Origin", "http://localhost:5173", "Authorization", "Bearer x.y.z")
		if answer.StatusCode != 401 || answer.Header.Get("Www-Authenticate") == "" || answer.Header.Get("Cache-Control") != "no-store" ||
			answer.Header.Get("Access-Control-Allow-Origin") != "*" || answer.Header.Get("Access-Control-Allow-Credentials") != "" ||
			!strings.Contains(text, `"TokenInvalid"`) {
			t.Errorf("%v: %d %v %s", apiGateway, answer.StatusCode, answer.Header, text)
		}
		answer, text = ask(t, "OPTIONS", s.Credentials, "", "Origin", "http://localhost:5173", "Access-Control-Request-Method", "GET")
		if answer.StatusCode != 204 || text != "" || !strings.Contains(answer.Header.Get("Access-Control-Allow-Headers"), "authorization") {
			t.Errorf("%v: %d %v", apiGateway, answer.StatusCode, answer.Header)
		}
	}
}

// What the function returns, or doesn't, is answered as the platform would.
func TestAnswers(t *testing.T) {
	t.Parallel()
	triggers, hurried := map[bool]*Stack{}, map[bool]*Stack{}
	for _, apiGateway := range []bool{false, true} {
		triggers[apiGateway] = beginMirror(t, Options{APIGateway: apiGateway})
		hurried[apiGateway] = beginMirror(t, Options{APIGateway: apiGateway, TimeLimit: 300 * time.Millisecond})
	}
	const bad = "Invalid scf response format"
	for _, tt := range []struct {
		path, body     string
		url, apiStatus int
		says           string // in both
	}{
		{"/raw", `{"statusCode":418,"headers":{"X-One":"1"},"body":"tea"}`, 418, 418, "tea"},
		{"/raw", `{"statusCode":200,"isBase64Encoded":true,"body":"dGVh"}`, 200, 200, "tea"},
		{"/raw", `{"statusCode":200,"isBase64Encoded":true,"body":"?"}`, 403, 403, bad},
		{"/raw", `{"statusCode":"200","body":"tea"}`, 403, 403, bad},
		{"/raw", `{"statusCode":200,"headers":{"X":1}}`, 403, 403, bad},
		{"/raw", `{"statusCode":99}`, 403, 403, bad},
		{"/raw", `{"some":"JSON"}`, 200, 403, ""},
		{"/raw", `"text"`, 200, 403, ""},
		{"/raw", `no JSON`, 403, 403, bad},
		{"/huge", "", 407, 407, "exceeds the upper limit"},
		{"/panic", "", 430, 430, "user code exception"},
		{"/exit", "", 439, 439, "process exit"},
		{"/hang", "", 433, 433, "timed out after 0.3 seconds"},
		{"/", strings.Repeat("x", 6<<20), 413, 413, "exceeds the upper limit"},
		{"/", strings.Repeat("\x01", 1<<20+1), 413, 413, "exceeds the upper limit"}, // six bytes each as JSON
		{"/", strings.Repeat("x", 5<<20), 200, 200, "xxx"},                          // and the instance after all this is a good one
	} {
		for apiGateway, s := range triggers {
			want := tt.url
			if apiGateway {
				want = tt.apiStatus
			}
			if tt.path == "/hang" {
				s = hurried[apiGateway]
			}
			answer, text := ask(t, "POST", s.Gateway+tt.path, tt.body)
			if answer.StatusCode != want || !strings.Contains(text, tt.says) {
				t.Errorf("API Gateway %v, %s %.60s: %d %.200s", apiGateway, tt.path, tt.body, answer.StatusCode, text)
			}
		}
	}
	for apiGateway, s := range hurried {
		if answer, _ := ask(t, "POST", s.Gateway+"/", "x"); answer.StatusCode != 200 {
			t.Errorf("API Gateway %v: after one that hung, %d", apiGateway, answer.StatusCode)
		}
	}
	answer, _ := ask(t, "POST", triggers[false].Gateway+"/raw", `{"statusCode":200,"headers":{"X-Many":["a","b"],"Location":"/x"},"body":""}`)
	if got := answer.Header.Values("X-Many"); len(got) != 2 || answer.Header.Get("Location") != "/x" {
		t.Errorf("%v", answer.Header)
	}
	if answer, _ := ask(t, "POST", triggers[false].Gateway+"/raw", `{"some":"JSON"}`); answer.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%v", answer.Header)
	}
}

func TestInstances(t *testing.T) {
	s := beginMirror(t, Options{})
	pid := func() int {
		_, text := ask(t, "GET", s.Gateway+"/pid", "")
		return decode[struct{ PID int }](t, text).PID
	}
	one := pid()
	if two := pid(); two != one {
		t.Errorf("one caller at a time met two instances, %d and %d", one, two)
	}
	// More callers at a time than there may be instances: all are answered.
	var all sync.WaitGroup
	for range 2 * most {
		all.Go(func() {
			if answer, err := http.Get(s.Gateway + "/slow"); err != nil || answer.StatusCode != 200 {
				t.Errorf("%v %v", answer, err)
			} else {
				answer.Body.Close()
			}
		})
	}
	all.Wait()
	if n := len(s.pool.instances()); n < 2 || n > most {
		t.Errorf("%d instances", n)
	}
	// One that dies is replaced: while it works, and while it waits.
	ask(t, "GET", s.Gateway+"/exit", "")
	if answer, _ := ask(t, "GET", s.Gateway+"/", ""); answer.StatusCode != 200 {
		t.Error(answer.StatusCode)
	}
	for _, i := range s.pool.instances() {
		i.Stop()
	}
	if answer, _ := ask(t, "GET", s.Gateway+"/", ""); answer.StatusCode != 200 {
		t.Error(answer.StatusCode)
	}
}

func (p *pool) instances() []*instance {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Keys(p.all))
}

// equalJSON compares two texts as JSON.
func equalJSON(t *testing.T, got, want string) {
	t.Helper()
	g, w := decode[any](t, got), decode[any](t, want)
	a, _ := json.MarshalIndent(g, "", " ")
	b, _ := json.MarshalIndent(w, "", " ")
	if string(a) != string(b) {
		t.Errorf("got\n%s\nwant\n%s", a, b)
	}
}
