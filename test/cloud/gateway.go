package cloud

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"cos-credentials/test/scf"
)

// maxBytes is the most that an event or an answer may have, as JSON.
// https://cloud.tencent.com/document/product/583/11637
const maxBytes = 6 << 20

// gateway is the function's URL: HTTP → event → the real binary → HTTP. It hides nothing.
func (s *Local) gateway() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := requestID()
		began := time.Now()
		i, status := s.handle(w, r, id)
		s.log.function(i, id, r, status, time.Since(began))
		if i != nil {
			s.pool.give(i)
		}
	})
}

// handle answers one request and returns the instance that did, which the caller gives back.
func (s *Local) handle(w http.ResponseWriter, r *http.Request, id string) (*instance, int) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBytes))
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		return nil, failed(400, id, "the request's body can't be read").write(w)
	}
	payload, bad := makeEvent(r, body, id, s.options.APIGateway)
	if err != nil || bad != nil || len(payload) > maxBytes {
		return nil, failed(413, id, "the size of the request exceeds the upper limit (6MB)").write(w)
	}
	i, err := s.pool.take(r.Context())
	if err != nil {
		if r.Context().Err() == nil && !errors.Is(err, errClosed) {
			s.log.print("the function doesn't start: %v", err)
		}
		return nil, failed(405, id, "the function doesn't start: see serve's output").write(w)
	}
	// A client that goes away doesn't end an invocation.
	began, limit := time.Now(), cmp.Or(s.options.TimeLimit, 10*time.Second)
	result, err := i.Invoke(context.WithoutCancel(r.Context()), payload, scf.Invocation{RequestID: id, TimeLimit: limit})
	var returned *scf.Error
	switch {
	case err == nil && len(result) > maxBytes:
		return i, failed(407, id, "the size of response exceeds the upper limit (6MB)").write(w)
	case err == nil:
		return i, writeAnswer(w, result, s.options.APIGateway)
	case errors.As(err, &returned):
		return i, failed(430, id, "user code exception caught").write(w)
	case time.Since(began) >= limit:
		return i, failed(433, id, "Invoking task timed out after %g seconds", limit.Seconds()).write(w)
	}
	return i, failed(439, id, "user process exit when running").write(w)
}

func requestID() string {
	var b [16]byte
	rand.Read(b[:])
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
