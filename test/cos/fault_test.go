package cos

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"cos-credentials/test/cloud"
)

func TestFaults(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	for _, tt := range []struct {
		name   string
		fault  cloud.Fault
		status int    // 0: no answer
		body   string // holds it
		broken bool   // not whole
		done   bool   // the operation was
	}{
		{"none", cloud.Fault{}, 200, "UploadId", false, true},
		{"code", cloud.Fault{Code: "SlowDown"}, 503, "<Code>SlowDown</Code>", false, false},
		{"status", cloud.Fault{Status: 503}, 503, "<Error>", false, false},
		{"code and status", cloud.Fault{Code: "InternalError", Status: 502}, 502, "InternalError", false, false},
		{"body", cloud.Fault{Body: "<html>"}, 200, "<html>", false, true},
		{"huge", cloud.Fault{Huge: 1 << 20}, 200, strings.Repeat(" ", 1<<20), false, true},
		{"cut", cloud.Fault{Cut: true}, 200, "", true, true},
		{"reset", cloud.Fault{Reset: true}, 0, "", true, true},
		{"hang", cloud.Fault{Hang: true}, 0, "", true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := len(w.store.uploads)
			w.Play(func(Record) *cloud.Fault { return &tt.fault })
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
			if tt.fault.Hang {
				client.Timeout = 2 * time.Second
			}
			// A PUT of one object is answered with nothing, a POST has a body to spoil.
			status, body := 0, []byte(nil)
			out, err := client.Do(k.request(t, "POST /a?uploads", ""))
			if err == nil {
				status = out.StatusCode
				body, err = io.ReadAll(out.Body)
			}
			if status != tt.status || (err != nil) != tt.broken || !strings.Contains(string(body), tt.body) {
				t.Errorf("got %d %.200q %v", status, body, err)
			}
			if done := len(w.store.under("", w.store.uploads)) > before; done != tt.done {
				t.Errorf("done: %v", done)
			}
		})
	}
	// A fault never hides a mistake.
	w.Play(func(Record) *cloud.Fault { t.Error("asked about a refused request"); return nil })
	k.do(t, "GET /a?acl", "").want(t, "501 NotImplemented")
	w.issue(t, folderOf("alice")...).do(t, "PUT /x", "").want(t, "403 AccessDenied")
}

// The vendor's client gets over it: one request in three is answered 503.
func TestVendorClientOnABadDay(t *testing.T) {
	w := local(t)
	c := w.issue(t, folderOf("alice")...).client()
	c.Conf.RetryOpt.Count = 3
	n := 0
	w.Play(func(Record) *cloud.Fault {
		if n++; n%3 == 1 {
			return &cloud.Fault{Code: "SlowDown"}
		}
		return nil
	})
	for range 3 {
		if _, err := c.Object.Head(ctx, "users/alice/none", nil); err == nil || !strings.Contains(err.Error(), "404") {
			t.Error(err)
		}
	}
	if n != 5 {
		t.Errorf("asked %d times, for 3 and 2 again", n)
	}
}

func TestRecordsAreBounded(t *testing.T) {
	var h history
	for i := range mostRecords + 1 {
		h.remember(Record{Status: i})
	}
	if all := h.all(); len(all) > mostRecords || all[len(all)-1].Status != mostRecords {
		t.Errorf("%d records, the last %+v", len(all), all[len(all)-1])
	}
}
