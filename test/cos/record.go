package cos

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"cos-credentials/test/sts"
)

// Record is one request as the bucket understood it, and what became of it.
type Record struct {
	Time      time.Time
	Method    string
	Key       string // of the object; "" for the bucket
	Action    string // name/cos:PutObject; "" for a request that names no operation, and for a preflight
	SecretID  string
	User      string // whom the key was made for, as the cloud's audit log would say: the Grant's Name
	Status    int
	Code      string     // the error code; empty if it went well
	Fault     *sts.Fault // what was done to the answer, if anything
	RequestID string
}

// mostRecords bounds what a bucket that serves for days remembers.
const mostRecords = 10_000

type history struct {
	mu      sync.Mutex
	records []Record
	fault   func(Record) *sts.Fault
}

func (h *history) all() []Record {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.records)
}

func (h *history) remember(r Record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.records) == mostRecords {
		h.records = h.records[1:]
	}
	h.records = append(h.records, r)
}

func (h *history) play(choose func(Record) *sts.Fault) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fault = choose
}

func (h *history) choose(r Record) *sts.Fault {
	h.mu.Lock()
	choose := h.fault
	h.mu.Unlock()
	if choose == nil {
		return nil
	}
	return choose(r)
}

// play answers as the fault has it: late, or with an error instead of the operation.
func (x *call) play(f sts.Fault) *failure {
	select {
	case <-time.After(time.Duration(f.Delay)):
	case <-x.r.Context().Done():
		return nil
	}
	if f.Code == "" && f.Status == 0 {
		return x.op.run(x)
	}
	bad := fail(cmp.Or(f.Code, "SlowDown"), "as the test wants it")
	bad.status = cmp.Or(f.Status, bad.status)
	return bad
}
