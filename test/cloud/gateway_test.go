package cloud

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// asMirror makes this test's binary a function that answers with the event it got, or fails in the way that the path names.
const asMirror = "TEST_CLOUD_AS_MIRROR"

type mirror struct{}

func (mirror) Invoke(_ context.Context, event []byte) ([]byte, error) {
	var request struct {
		Path    string
		Headers map[string]string
		Body    string
	}
	json.Unmarshal(event, &request)
	switch request.Path {
	case "/panic":
		panic("as asked")
	case "/exit":
		os.Exit(3)
	case "/hang":
		time.Sleep(time.Hour)
	case "/slow":
		time.Sleep(200 * time.Millisecond)
	case "/huge":
		return []byte(`{"statusCode":200,"body":"` + strings.Repeat("x", 6<<20) + `"}`), nil
	case "/raw": // the body is the answer
		return []byte(request.Body), nil
	case "/pid":
		return json.Marshal(map[string]any{"pid": os.Getpid()})
	}
	return json.Marshal(map[string]any{
		"statusCode": 200, "headers": map[string]string{"Content-Type": "application/json"}, "body": string(event),
	})
}

func beginMirror(t *testing.T, o Options) *Local {
	t.Helper()
	o.Binary, o.Env = os.Args[0], map[string]string{asMirror: "1"}
	return begin(t, o)
}

// The events of both triggers, member by member; ${…} stand for what differs from run to run.
func TestEvents(t *testing.T) {
	for _, tt := range []struct {
		apiGateway         bool
		method, path, body string
		want               string
	}{
		{false, "POST", "/a/b?x=1&x=2&y&z=&e=%20%2B+&%zz=%zz", `{"ü":1}`, `{"body":"{\"ü\":1}","httpMethod":"POST","path":"/a/b",
			"queryString":{"%zz":"%zz","e":" + ","x":["1","2"],"y":true,"z":""},
			"headers":{"accept-encoding":"identity","content-length":"8","host":"${HOST}","user-agent":"test",
				"x-mixed-case":"V","x-scf-remote-addr":"127.0.0.1"}}`},
		{false, "PUT", "/", "\xff\xfe", `{"body":"//4=","isBase64Encoded":true,"httpMethod":"PUT","path":"/","queryString":{},
			"headers":{"accept-encoding":"identity","content-length":"2","host":"${HOST}","user-agent":"test",
				"x-mixed-case":"V","x-scf-remote-addr":"127.0.0.1"}}`},
		{true, "GET", "/credentials?grant=a", "", `{"body":"","isBase64Encoded":false,"httpMethod":"GET","path":"/credentials",
			"queryString":{"grant":"a"},"headerParameters":{},"pathParameters":{},"queryStringParameters":{},
			"headers":{"accept-encoding":"identity","host":"${HOST}","requestsource":"APIGW","user-agent":"test",
				"x-api-requestid":"${ID}","x-api-scheme":"http","x-mixed-case":"V"},
			"requestContext":{"httpMethod":"ANY","identity":{},"path":"/","serviceId":"service-local",
				"sourceIp":"127.0.0.1","stage":"release"}}`},
	} {
		s := beginMirror(t, Options{APIGateway: tt.apiGateway})
		answer, text := ask(t, tt.method, s.Gateway+tt.path, tt.body,
			"X-Mixed-Case", "V", "X-Scf-Remote-Addr", "203.0.113.7", "User-Agent", "test", "Accept-Encoding", "identity")
		if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%d %v", answer.StatusCode, answer.Header)
		}
		id := decode[struct{ Headers map[string]string }](t, text).Headers["x-api-requestid"]
		if tt.apiGateway && len(id) != 36 {
			t.Errorf("x-api-requestid %q", id)
		}
		want := strings.NewReplacer("${HOST}", strings.TrimPrefix(s.Gateway, "http://"), "${ID}", id).Replace(tt.want)
		if d := cmp.Diff(decode[any](t, want), decode[any](t, text)); d != "" {
			t.Errorf("%s %s:\n%s", tt.method, tt.path, d)
		}
	}
}

// The real function takes both, and its answers pass the gateway unchanged.
func TestRealFunctionBehindBothTriggers(t *testing.T) {
	for _, apiGateway := range []bool{false, true} {
		s := begin(t, Options{APIGateway: apiGateway})
		key(t, s, "alice")
		answer, text := ask(t, "GET", s.Credentials, "", "Origin", "http://localhost:5173", "Authorization", "Bearer x.y.z")
		h := answer.Header
		if answer.StatusCode != 401 || h.Get("Www-Authenticate") == "" || h.Get("Cache-Control") != "no-store" ||
			h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Access-Control-Allow-Credentials") != "" ||
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
	triggers := map[bool]*Local{}
	for _, apiGateway := range []bool{false, true} {
		triggers[apiGateway] = beginMirror(t, Options{APIGateway: apiGateway, TimeLimit: time.Minute})
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
		{"/", strings.Repeat("x", 6<<20), 413, 413, "exceeds the upper limit"},
		{"/", strings.Repeat("\x01", 1<<20+1), 413, 413, "exceeds the upper limit"}, // six bytes each as JSON
		{"/", strings.Repeat("x", 5<<20), 200, 200, "xxx"},                          // and the instance after all this is a good one
	} {
		for apiGateway, s := range triggers {
			want := tt.url
			if apiGateway {
				want = tt.apiStatus
			}
			answer, text := ask(t, "POST", s.Gateway+tt.path, tt.body)
			if answer.StatusCode != want || !strings.Contains(text, tt.says) {
				t.Errorf("API Gateway %v, %s %.60s: %d %.200s", apiGateway, tt.path, tt.body, answer.StatusCode, text)
			}
		}
	}
	raw := triggers[false].Gateway + "/raw"
	answer, _ := ask(t, "POST", raw, `{"statusCode":200,"headers":{"X-Many":["a","b"],"Location":"/x"},"body":""}`)
	if got := answer.Header.Values("X-Many"); len(got) != 2 || answer.Header.Get("Location") != "/x" {
		t.Errorf("%v", answer.Header)
	}
	answer, _ = ask(t, "POST", raw, `{"some":"JSON"}`)
	if answer.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%v", answer.Header)
	}
}

// An invocation ends at the function's time limit, and the next one finds a good instance.
func TestTimeLimit(t *testing.T) {
	t.Parallel()
	s := beginMirror(t, Options{TimeLimit: 2 * time.Second})
	if answer, text := ask(t, "GET", s.Gateway+"/hang", ""); answer.StatusCode != 433 || !strings.Contains(text, "after 2 seconds") {
		t.Errorf("%d %s", answer.StatusCode, text)
	}
	if answer, text := ask(t, "GET", s.Gateway+"/", ""); answer.StatusCode != 200 {
		t.Errorf("%d %s", answer.StatusCode, text)
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
	return slices.Collect(maps.Keys(p.idle))
}
