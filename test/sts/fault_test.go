package sts

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestFaults(t *testing.T) {
	for name, tt := range map[string]struct {
		fault  Fault
		status int // 0: no answer
		says   string
		whole  bool // the body came to its end
	}{
		"code":            {Fault{Code: "RequestLimitExceeded"}, 200, `{"Response":{"Error":{"Code":"RequestLimitExceeded"`, true},
		"status and body": {Fault{Status: 502, Body: "<html>"}, 502, "<html>", true},
		"huge":            {Fault{Huge: 3 << 20}, 200, strings.Repeat(" ", 3<<20) + "{", true},
		"cut":             {Fault{Cut: true}, 200, `{"Response":`, false},
		"delay":           {Fault{Delay: Duration(20 * time.Millisecond)}, 200, `{"Response":{"Credentials"`, true},
		"reset":           {Fault{Reset: true}, 0, "", false},
		"hang":            {Fault{Hang: true}, 0, "", false},
	} {
		s, server := local(t)
		s.Play(func(Record) *Fault { return &tt.fault })
		ctx, cancel := context.WithCancel(t.Context())
		if tt.fault.Hang {
			time.AfterFunc(200*time.Millisecond, cancel)
		}
		began := time.Now()
		status, body := 0, []byte(nil)
		answer, err := http.DefaultClient.Do(federation(nil).request(server).WithContext(ctx))
		if err == nil {
			status = answer.StatusCode
			body, err = io.ReadAll(answer.Body)
			answer.Body.Close()
		}
		cancel()
		if status != tt.status || !strings.HasPrefix(string(body), tt.says) || (err == nil) != tt.whole {
			t.Errorf("%s: got %d %.100s %v", name, status, body, err)
		}
		if time.Since(began) < time.Duration(tt.fault.Delay) {
			t.Error("answered at once")
		}
		if r := s.Records(); len(r) != 1 || r[0].Fault == nil || r[0].Code != tt.fault.Code || r[0].Policy != document {
			t.Errorf("%s: records: %+v", name, r)
		}
	}
}
