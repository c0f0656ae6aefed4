package cos

import (
	"testing"
	"time"

	"cos-credentials/test/sts"
)

func TestFaults(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	for _, tt := range []struct {
		fault sts.Fault
		want  string
	}{
		{sts.Fault{}, "200"},
		{sts.Fault{Delay: sts.Duration(time.Millisecond)}, "200"},
		{sts.Fault{Code: "SlowDown"}, "503 SlowDown"},
		{sts.Fault{Status: 503}, "503 SlowDown"},
		{sts.Fault{Code: "InternalError", Status: 502}, "502 InternalError"},
	} {
		w.store.put("a", nil, false)
		w.Play(func(Record) *sts.Fault { return &tt.fault })
		k.do(t, "PUT /a", "body").want(t, tt.want)
		if w.holds("a", "body") != (tt.want == "200") {
			t.Errorf("%s, and the object is there or not", tt.want)
		}
	}
	// A fault never hides a mistake.
	w.Play(func(Record) *sts.Fault { t.Error("asked about a refused request"); return nil })
	k.do(t, "GET /a?acl", "").want(t, "501 NotImplemented")
	w.issue(t, folderOf("alice")...).do(t, "PUT /x", "").want(t, "403 AccessDenied")
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
