package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/rpc"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction/messages"

	"cos-credentials/test/scf"
)

// heavyEvents are as long as the platform lets an event be, and as long as the function lets it be: each is made to cost
// more than it weighs.
func heavyEvents() map[string]string {
	events := map[string]string{}
	for _, size := range []int{2 << 20, 6 << 20} {
		fill := func(name, begin, middle, end string) {
			events[fmt.Sprint(name, " of ", size>>20, " MiB")] = begin + strings.Repeat(middle, (size-len(begin)-len(end))/len(middle)) + end
		}
		const get = `{"httpMethod":"GET","path":"/","headers":{"authorization":"Bearer a.b.c"},`
		post := strings.Replace(get, "GET", "POST", 1)
		fill("a body of raw bytes", post+`"body":"`, "\xff", `"}`)
		fill("a body of escapes", post+`"body":"`, `\u0041`, `"}`)
		fill("a body of lone surrogates", post+`"body":"`, `\ud800`, `"}`)
		fill("a body of base64", post+`"isBase64Encoded":true,"body":"`, "A", `"}`)
		fill("nested headers", `{"httpMethod":"GET","path":"/","headers":{"authorization":"Bearer a.b.c","x":`, `{"a":`, "")
		fill("a row of headers", `{"httpMethod":"GET","path":"/","headers":{"authorization":["Bearer a.b.c"`, `,"b"`, `]}}`)
		fill("a deep query", get+`"queryString":`, `[`, "")
		fill("a wide query", get+`"queryString":{"a":[1`, `,{}`, `]}}`)
		fill("a context of objects", get+`"requestContext":{"a":[1`, `,{"a":1}`, `]}}`)
		fill("unknown members", get+`"x":[0`, `,0`, `]}`)
		fill("open arrays", "", "[", "")
		fill("open objects", "", `{"a":`, "")
		fill("one text", `"`, "a", `"`)
		fill("a token", `{"httpMethod":"GET","path":"/","headers":{"authorization":"Bearer `, "a", `"}}`)
		fill("a path", `{"httpMethod":"GET","path":"/`, "a/", `"}`)
		fill("asked headers", `{"httpMethod":"OPTIONS","path":"/","headers":{"origin":"https://app.example.com","access-control-request-headers":"a`, ",a", `"}}`)
		var names strings.Builder
		for i := 0; names.Len() < size-200; i++ {
			fmt.Fprintf(&names, `"x-%d":"",`, i)
		}
		events[fmt.Sprintf("many headers of %d MiB", size>>20)] = `{"httpMethod":"GET","path":"/","headers":{` + names.String() + `"a":""}}`
	}
	return events
}

// No event costs the instance much more memory than it weighs. For eight events of 6 MiB at once the runtime library alone
// holds 96 MiB: it has each of them twice.
func TestPeakMemory(t *testing.T) {
	events := heavyEvents()
	start := func(t *testing.T) *scf.Function {
		f, err := scf.Start(t.Context(), binary, map[string]string{
			"COS_BUCKET": "examplebucket-1250000000", "COS_REGION": "ap-guangzhou", "JWT_SECRET": strings.Repeat("s", 32),
			"STS_SECRET_ID": "AKID", "STS_SECRET_KEY": "key", "STS_HOST": "127.0.0.1:1", "STS_SCHEME": "http",
			"ALLOW_ORIGINS": "https://app.example.com",
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(f.Stop)
		return f
	}
	t.Run("one after another", func(t *testing.T) {
		f := start(t)
		c := dial(t, f)
		for _, name := range slices.Sorted(maps.Keys(events)) {
			before := peakMiB(t, f)
			status := c.ask(t, []byte(events[name])).status
			if after := peakMiB(t, f); after > before {
				t.Logf("%s: %d, peak %d MiB", name, status, after)
			}
			if status < 200 || status >= 500 {
				t.Errorf("%s: %d", name, status)
			}
		}
		if peak := peakMiB(t, f); peak >= 64 {
			t.Errorf("a peak of %d MiB", peak)
		}
	})
	t.Run("eight at once", func(t *testing.T) {
		f := start(t)
		for _, name := range slices.Sorted(maps.Keys(events)) {
			before := peakMiB(t, f)
			var all sync.WaitGroup
			event := []byte(events[name])
			for range 8 {
				c := dial(t, f) // the library keeps a connection's last event
				all.Go(func() { c.ask(t, event); c.Close() })
			}
			all.Wait()
			if after := peakMiB(t, f); after > before {
				t.Logf("%s: peak %d MiB", name, after)
			}
		}
		if peak := peakMiB(t, f); peak >= 128 {
			t.Errorf("a peak of %d MiB", peak)
		}
	})
}

// peakMiB is the most that the process has held in memory so far.
func peakMiB(t *testing.T, f *scf.Function) int { t.Helper(); return statusMiB(t, f, "VmHWM") }

// statusMiB reads one size in proc_pid_status(5).
func statusMiB(t *testing.T, f *scf.Function, name string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", f.PID()))
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(text), name+":")
	var kb int
	if _, err := fmt.Sscan(line, &kb); err != nil {
		t.Fatal(err)
	}
	return kb >> 10
}

// caller is one of several connections to a function, each with an invocation of its own under way.
type caller struct{ *rpc.Client }

func dial(t *testing.T, f *scf.Function) caller {
	t.Helper()
	client, err := rpc.Dial("tcp", f.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return caller{client}
}

// reply is a function's answer, as far as these tests look at it.
type reply struct {
	status int
	body   struct {
		CodeDesc    string
		Credentials struct{ SessionToken string }
	}
}

func (r reply) what() string { return strings.TrimSpace(fmt.Sprint(r.status, " ", r.body.CodeDesc)) }

// ask sends one event. An invocation that ends without an answer is a failure, and status 0.
func (c caller) ask(t *testing.T, event []byte) (r reply) {
	deadline := time.Now().Add(20 * time.Second)
	request := &messages.InvokeRequest{
		Payload: event, RequestId: "r", MemoryLimitInMb: 128,
		Deadline: messages.InvokeRequest_Timestamp{Seconds: deadline.Unix()},
	}
	var response messages.InvokeResponse
	if err := c.Call("Function.Invoke", request, &response); err != nil || response.Error != nil {
		t.Errorf("%.80q: %v, %v", event, err, response.Error)
		return r
	}
	var answer struct {
		StatusCode int
		Body       string
	}
	json.Unmarshal(response.Payload, &answer)
	json.Unmarshal([]byte(answer.Body), &r.body)
	r.status = answer.StatusCode
	return r
}
