package test

import (
	"path/filepath"
	"strings"
	"testing"

	"cos-credentials/test/replay"
)

func newRunner(t *testing.T) *replay.Runner {
	t.Helper()
	r, err := replay.NewRunner(binary)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// Every file of events/ goes through the real binary.
func TestEvents(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../events/*.json")
	if err != nil || len(files) < 16 {
		t.Fatalf("%d files in events/: %v", len(files), err)
	}
	r := newRunner(t)
	for _, file := range files {
		c, err := replay.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(c.Name, func(t *testing.T) {
			if c.Access == "" {
				t.Error(`it names no access file, and policy/access.yaml may say anything: add "access": "access/shipped.yaml"`)
			}
			before := len(r.STS.Records())
			o, err := r.Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range o.Differences {
				t.Errorf("%s: want %s, got %s\n%s", d.What, d.Want, d.Got, d.Diff)
			}
			if t.Failed() {
				t.Logf("%s\n%s\n%s", c.About, o.Pretty(), strings.Join(o.Log, "\n"))
			}
			// The STS's own record: whatever is refused here never reached it.
			asked := len(r.STS.Records()) - before
			if o.Status >= 400 && o.Status < 500 && asked != 0 {
				t.Errorf("refused with %d, and STS was asked %d times", o.Status, asked)
			}
			if o.Status == 200 && asked != 1 {
				t.Errorf("STS was asked %d times for one key", asked)
			}
		})
	}
}

// A replay that could not fail would prove nothing.
func TestReplayNoticesDifferences(t *testing.T) {
	r := newRunner(t)
	good, err := replay.Load("../events/ok-api-gateway-get.json")
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) *string { return &s }
	for what, change := range map[string]func(*replay.Answer){
		"status":          func(a *replay.Answer) { a.Status = 403 },
		"code":            func(a *replay.Answer) { a.Code = "NotEntitled" },
		"Cache-Control":   func(a *replay.Answer) { a.Headers = map[string]*string{"Cache-Control": nil} },
		"X-Missing":       func(a *replay.Answer) { a.Headers = map[string]*string{"X-Missing": text("1")} },
		"body":            func(a *replay.Answer) { a.Body = []byte(`{"prefixes":["users/alice/*","users/bob/*"]}`) },
		"policy":          func(a *replay.Answer) { a.Policy = []byte(strings.Replace(string(a.Policy), "alice", "bob", 1)) },
		"life of the key": func(a *replay.Answer) { a.Life = 3600 },
		"STS":             func(a *replay.Answer) { a.STS = false },
		"the order of policy's parts": func(a *replay.Answer) {
			a.Policy = []byte(strings.Replace(strings.Replace(strings.Replace(string(a.Policy), "PutObject", "X", 1), "PostObject", "PutObject", 1), "X", "PostObject", 1))
		},
	} {
		c := good
		answer := *good.Answer
		change(&answer)
		c.Answer = &answer
		o, err := r.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if len(o.Differences) != 1 || !strings.Contains(what, o.Differences[0].What) {
			t.Errorf("%s changed: got %+v", what, o.Differences)
		}
	}
}
