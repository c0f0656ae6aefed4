package sts

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestFaults(t *testing.T) {
	const body = `{"Response":{}}`
	for name, tt := range map[string]struct {
		fault  Fault
		status int // 0: no answer
		says   string
		whole  bool // the body came to its end
	}{
		"none":            {Fault{}, 200, body, true},
		"status and body": {Fault{Status: 502, Body: "<html>"}, 502, "<html>", true},
		"huge":            {Fault{Huge: 3 << 20}, 200, strings.Repeat(" ", 3<<20) + body, true},
		"cut":             {Fault{Cut: true}, 200, body[:7], false},
		"delay":           {Fault{Delay: Duration(20 * time.Millisecond)}, 200, body, true},
		"reset":           {Fault{Reset: true}, 0, "", false},
		"hang":            {Fault{Hang: true}, 0, "", false},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			tt.fault.Play(w, r, []byte(body))
		}))
		ctx, cancel := context.WithCancel(t.Context())
		if tt.fault.Hang {
			time.AfterFunc(200*time.Millisecond, cancel)
		}
		began := time.Now()
		status, got := 0, []byte(nil)
		request, _ := http.NewRequestWithContext(ctx, "GET", server.URL, nil)
		answer, err := http.DefaultClient.Do(request)
		if err == nil {
			status = answer.StatusCode
			got, err = io.ReadAll(answer.Body)
			answer.Body.Close()
		}
		cancel()
		if status != tt.status || string(got) != tt.says || (err == nil) != tt.whole {
			t.Errorf("%s: got %d %.100s %v", name, status, got, err)
		}
		if time.Since(began) < time.Duration(tt.fault.Delay) {
			t.Error("answered at once")
		}
		server.Close()
	}
}
