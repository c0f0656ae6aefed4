package cloud

import (
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault Fault
		check func(status int, body string, err error) bool
	}{
		{"code", Fault{Code: "RequestLimitExceeded"}, func(n int, b string, err error) bool {
			return err == nil && n == 200 && strings.Contains(b, `"Code":"RequestLimitExceeded"`) && !strings.Contains(b, "Credentials")
		}},
		{"status and body", Fault{Status: 502, Body: "<html>"}, func(n int, b string, err error) bool { return n == 502 && b == "<html>" }},
		{"cut", Fault{Cut: true}, func(n int, b string, err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) && b != "" }},
		{"reset", Fault{Reset: true}, func(n int, b string, err error) bool { return err != nil && n == 0 }},
		{"huge", Fault{Huge: 3 << 20}, func(n int, b string, err error) bool { return err == nil && len(b) > 3<<20 }},
		{"delay", Fault{Delay: Duration(20 * time.Millisecond)}, func(n int, b string, err error) bool { return err == nil && strings.Contains(b, "Credentials") }},
		{"hang", Fault{Hang: true}, func(n int, b string, err error) bool { return err != nil && n == 0 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, server := local(t)
			s.Play(func(Record) *Fault { return &tt.fault })
			client := &http.Client{Timeout: 30 * time.Second}
			if tt.fault.Hang {
				client.Timeout = time.Second
			}
			form := url.Values{}
			p := federation(nil).params
			p["SecretId"] = permanent.SecretID
			p["SignatureMethod"] = "HmacSHA256"
			p["Signature"] = signV1("POST", strings.TrimPrefix(server.URL, "http://"), p, permanent.SecretKey, sha256.New)
			for k, v := range p {
				form.Set(k, v)
			}
			began := time.Now()
			answer, err := client.PostForm(server.URL, form)
			status, body := 0, []byte(nil)
			if err == nil {
				defer answer.Body.Close()
				status = answer.StatusCode
				body, err = io.ReadAll(answer.Body)
			}
			if !tt.check(status, string(body), err) {
				t.Errorf("got %d %.100s %v", status, body, err)
			}
			if tt.fault.Delay > 0 && time.Since(began) < time.Duration(tt.fault.Delay) {
				t.Error("answered at once")
			}
			if r := s.Records(); len(r) == 0 || r[0].Fault == nil || r[0].Code != tt.fault.Code || r[0].Policy != document {
				t.Errorf("records: %+v", r)
			}
		})
	}
}
