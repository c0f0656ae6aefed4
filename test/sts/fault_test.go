package sts

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// How each fault looks to a caller is tested with the COS, which plays the same ones. Here: they come after the checks,
// and the record says so.
func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		fault  Fault
		status int // 0: no answer
		says   string
	}{
		{Fault{Code: "RequestLimitExceeded"}, 200, `{"Response":{"Error":{"Code":"RequestLimitExceeded"`},
		{Fault{Status: 502, Body: "<html>"}, 502, "<html>"},
		{Fault{Delay: Duration(20 * time.Millisecond)}, 200, "Credentials"},
		{Fault{Hang: true}, 0, ""},
	} {
		s, server := local(t)
		s.Play(func(Record) *Fault { return &tt.fault })
		ctx, cancel := context.WithCancel(t.Context())
		if tt.fault.Hang {
			time.AfterFunc(200*time.Millisecond, cancel)
		}
		began := time.Now()
		answer, err := http.DefaultClient.Do(federation(nil).request(server).WithContext(ctx))
		status, body := 0, []byte(nil)
		if err == nil {
			status = answer.StatusCode
			body, _ = io.ReadAll(answer.Body)
			answer.Body.Close()
		}
		cancel()
		if status != tt.status || !strings.Contains(string(body), tt.says) {
			t.Errorf("%+v: got %d %.100s %v", tt.fault, status, body, err)
		}
		if time.Since(began) < time.Duration(tt.fault.Delay) {
			t.Error("answered at once")
		}
		if r := s.Records(); len(r) != 1 || r[0].Fault == nil || r[0].Code != tt.fault.Code || r[0].Policy != document {
			t.Errorf("records: %+v", r)
		}
	}
}
