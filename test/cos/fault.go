package cos

import (
	"crypto/rand"
	"encoding/hex"
	"net/http/httptest"
	"time"

	"cos-credentials/test/sts"
)

// play answers as the fault has it. An error is instead of the operation; whatever else goes wrong does so after it, as
// when an answer is lost on its way.
func (x *call) play(f *sts.Fault) *failure {
	gone := x.r.Context().Done()
	select {
	case <-time.After(time.Duration(f.Delay)):
	case <-gone:
		return nil
	}
	if f.Code != "" || f.Status >= 400 {
		bad := fail("SlowDown", "as the test wants it")
		if f.Code != "" {
			bad = fail(f.Code, "as the test wants it")
		}
		if f.Status != 0 {
			bad.status = f.Status
		}
		return bad
	}
	if !f.Hang && !f.Reset && !f.Cut && f.Body == "" && f.Huge == 0 && f.Status == 0 {
		return x.op.run(x)
	}
	w, answer := x.w, httptest.NewRecorder()
	for name, values := range w.Header() {
		answer.Header()[name] = values
	}
	x.w = answer
	bad := x.op.run(x)
	if bad != nil {
		x.refuse(bad)
	}
	x.w = w
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	spoilt := *f
	spoilt.Delay = 0 // it has passed
	if spoilt.Status == 0 {
		spoilt.Status = answer.Code
	}
	spoilt.Play(w, x.r, answer.Body.Bytes())
	return nil
}

func requestID() string { return randomHex(16) }

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return hex.EncodeToString(b)
}
