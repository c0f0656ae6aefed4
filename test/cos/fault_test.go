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
	attempt := func(fault cloud.Fault) (status int, body string, err error) {
		w.store.delete("a")
		w.Play(func(Record) *cloud.Fault { return &fault })
		defer w.Play(nil)
		// A PUT of one object is answered with nothing, a POST has a body to spoil.
		r := k.request(t, "POST", w.host, "/a?uploads", "")
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 30 * time.Second}
		if fault.Hang {
			client.Timeout = 2 * time.Second
		}
		out, err := client.Do(r)
		if err != nil {
			return 0, "", err
		}
		defer out.Body.Close()
		text, err := io.ReadAll(out.Body)
		return out.StatusCode, string(text), err
	}
	for _, tt := range []struct {
		name  string
		fault cloud.Fault
		check func(status int, body string, err error) bool
		done  bool // the operation was
	}{
		{"none", cloud.Fault{}, func(s int, b string, err error) bool { return s == 200 && strings.Contains(b, "UploadId") }, true},
		{"code", cloud.Fault{Code: "SlowDown"}, func(s int, b string, err error) bool { return s == 503 && strings.Contains(b, "<Code>SlowDown</Code>") }, false},
		{"status", cloud.Fault{Status: 503}, func(s int, b string, err error) bool { return s == 503 && strings.Contains(b, "<Error>") }, false},
		{"code and status", cloud.Fault{Code: "InternalError", Status: 502}, func(s int, b string, err error) bool { return s == 502 && strings.Contains(b, "InternalError") }, false},
		{"body", cloud.Fault{Body: "<html>"}, func(s int, b string, err error) bool { return s == 200 && b == "<html>" }, true},
		{"huge", cloud.Fault{Huge: 1 << 20}, func(s int, b string, err error) bool { return s == 200 && len(b) > 1<<20 }, true},
		{"cut", cloud.Fault{Cut: true}, func(s int, b string, err error) bool { return s == 200 && err != nil }, true},
		{"reset", cloud.Fault{Reset: true}, func(s int, b string, err error) bool { return s == 0 && err != nil }, true},
		{"hang", cloud.Fault{Hang: true}, func(s int, b string, err error) bool { return s == 0 && err != nil }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := len(w.store.begunUnder(""))
			status, body, err := attempt(tt.fault)
			if !tt.check(status, body, err) {
				t.Errorf("got %d %.200q %v", status, body, err)
			}
			if done := len(w.store.begunUnder("")) > before; done != tt.done {
				t.Errorf("done: %v", done)
			}
		})
	}
	// A fault never hides a mistake.
	w.Play(func(Record) *cloud.Fault { t.Error("asked about a refused request"); return nil })
	k.do(t, "GET", w.host, "/a?acl", "").want(t, 501, "NotImplemented")
	w.issue(t, folderOf("alice")...).do(t, "PUT", w.host, "/x", "").want(t, 403, "AccessDenied")
}

// The vendor's client gets over it: one request in three is answered 503.
func TestVendorClientOnABadDay(t *testing.T) {
	w := local(t)
	c := w.issue(t, folderOf("alice")...).client(w.host)
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
