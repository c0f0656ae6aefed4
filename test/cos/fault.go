package cos

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"cos-credentials/test/cloud"
)

// play answers as the fault has it. An error is instead of the operation; whatever else goes wrong does so after it, as
// when an answer is lost on its way.
func (x *call) play(f *cloud.Fault) *failure {
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
	switch {
	case f.Hang:
		<-gone
		return nil
	case f.Reset:
		reset(w)
		return nil
	}
	body := answer.Body.Bytes()
	if f.Body != "" {
		body = []byte(f.Body)
	}
	body = append(bytes.Repeat([]byte(" "), f.Huge), body...)
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	status := answer.Code
	if f.Status != 0 {
		status = f.Status
	}
	w.WriteHeader(status)
	if f.Cut {
		w.Write(body[:len(body)/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // net/http's way to end a connection in the middle of an answer
	}
	w.Write(body)
	return nil
}

// reset closes the connection so that the client sees a reset, not an orderly end.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}

func requestID() string { return randomHex(16) }

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return hex.EncodeToString(b)
}
