package scf

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var echo string

func TestMain(m *testing.M) { os.Exit(runWith("./test/scf/testdata/echo", &echo, m.Run)) }

func begin(t *testing.T, env map[string]string) *Function {
	t.Helper()
	f, err := Start(t.Context(), echo, env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Stop)
	return f
}

func TestInvoke(t *testing.T) {
	t.Setenv("OF_THIS_PROCESS", "1")
	f := begin(t, map[string]string{"GIVEN": "yes"})
	answer, err := f.Invoke(t.Context(), make([]byte, 6<<20), Invocation{RequestID: "r-1", TimeLimit: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Bytes   int
		Left    float64
		Environ []string
	}
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatal(err)
	}
	if got.Bytes != 6<<20 || got.Left < 30 || got.Left > 60 {
		t.Errorf("%d bytes, %.2f s left", got.Bytes, got.Left)
	}
	environ := strings.Join(got.Environ, "\n")
	for text, want := range map[string]bool{
		"GIVEN=yes": true, "TENCENTCLOUD_RUNENV=SCF": true, "SCF_NAMESPACE=default": true,
		"OF_THIS_PROCESS": false, "GOFLAGS": false,
	} {
		if strings.Contains(environ, text) != want {
			t.Errorf("%s in the environment: want %v", text, want)
		}
	}
	if line, ok := f.Log.Wait(t.Context(), "r-1"); !ok || line != "event for r-1" {
		t.Errorf("log: %q", line)
	}
}

func TestFailures(t *testing.T) {
	for _, tt := range []struct {
		event, says string
		limit       time.Duration // 0 is the default
		gone        bool
	}{
		{"error", "returned an invocation error: errorString: as asked", 0, false},
		{"panic", "panicked: as asked", 0, true},
		{"exit", "leaving without a last new line", 0, true},
		{"hang", "gave no answer within 200ms", 200 * time.Millisecond, true},
	} {
		t.Run(tt.event, func(t *testing.T) {
			f := begin(t, nil)
			_, err := f.Invoke(t.Context(), []byte(tt.event), Invocation{TimeLimit: tt.limit})
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want an error that says %q", err, tt.says)
			}
			if f.Exited() != tt.gone {
				t.Errorf("exited: %v", f.Exited())
			}
			if _, err := f.Invoke(t.Context(), nil, Invocation{}); (err != nil) != tt.gone {
				t.Errorf("the next event: %v", err)
			}
		})
	}
}

func TestStartFailures(t *testing.T) {
	_, err := Start(t.Context(), echo, map[string]string{"CRASH": "1"})
	said := fmt.Sprint(err)
	if !strings.Contains(said, "exited before") || !strings.Contains(said, "crashing at start") {
		t.Errorf("got %v", err)
	}
	if _, err := Start(t.Context(), filepath.Join(t.TempDir(), "main"), nil); err == nil {
		t.Error("a missing binary started")
	}
}
