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

// history is what was, and what is to go wrong from now on.
type history struct {
	mu      sync.Mutex
	records []Record
	choose  func(Record) *sts.Fault
}

// Records is the latest requests, refused ones included.
func (c *COS) Records() []Record {
	c.history.mu.Lock()
	defer c.history.mu.Unlock()
	return slices.Clone(c.history.records)
}

func (h *history) remember(r Record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.records = append(h.records[max(0, len(h.records)-mostRecords+1):], r)
}

// Play sets what goes wrong from now on: choose is asked about every request that is allowed, so that a fault never
// hides a mistake. A fault is a Delay, or an error by its Code and Status. nil ends the bad day.
func (c *COS) Play(choose func(Record) *sts.Fault) {
	c.history.mu.Lock()
	defer c.history.mu.Unlock()
	c.history.choose = choose
}

// run does what the request asks for, or what a fault makes of it: late, or an error instead.
func (x *call) run() *failure {
	x.history.mu.Lock()
	choose := x.history.choose
	x.history.mu.Unlock()
	if choose != nil {
		x.record.Fault = choose(x.record)
	}
	fault := cmp.Or(x.record.Fault, &sts.Fault{})
	select {
	case <-time.After(time.Duration(fault.Delay)):
	case <-x.r.Context().Done():
		return nil
	}
	if fault.Code == "" && fault.Status == 0 {
		return x.op.run(x)
	}
	bad := fail(cmp.Or(fault.Code, "SlowDown"), "as the test wants it")
	bad.status = cmp.Or(fault.Status, bad.status)
	return bad
}
