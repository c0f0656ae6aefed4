// Package sts is the part of Tencent Cloud that the function talks to, small enough for a test: an STS that refuses
// what the real one refuses.
//
// It checks the signature of every request (v1 and TC3), its time, its parameters and its policy, and answers with a
// token that carries the policy it was asked for, sealed, so that a test (or another emulator) can read back what a key
// opens. It remembers every request, and can be told to have a bad day ([Fault]).
package sts

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Key is an API key that the STS knows.
type Key struct {
	SecretID  string
	SecretKey string
	Token     string // of a temporary key, such as an execution role's; empty for a permanent one
	AppID     string
	Root      bool // the key of a root account, not of a sub-account
}

// Role is a role that every key of its account may assume.
type Role struct {
	ARN        string
	ExternalID string // what AssumeRole must say, if anything
}

// STS is an http.Handler. Set the exported fields before its first request.
type STS struct {
	Keys  []Key
	Roles []Role
	Now   func() time.Time // time.Now if nil

	mu      sync.Mutex
	seal    []byte
	seen    map[string]time.Time // nonces, until their requests would be too old anyway
	records []Record
	fault   func(Record) *Fault
}

// Record is one request as the STS understood it, and what became of it.
type Record struct {
	Time      time.Time
	Signature string // "v1" or "TC3"
	Action    string
	SecretID  string
	Params    map[string]string // without the signature
	Policy    string            // decoded
	Code      string            // the error code it was answered with; empty for a credential
	Fault     *Fault            // what was done to the answer, if anything
	RequestID string
}

// Records is every request so far, refused ones included.
func (s *STS) Records() []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.records)
}

// Play sets what goes wrong from now on: choose is asked about every request that is right in itself, so that a fault
// never hides a mistake. nil ends the bad day.
func (s *STS) Play(choose func(Record) *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = choose
}

func (s *STS) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// credentials is STS's answer to both actions.
type credentials struct {
	Credentials struct{ Token, TmpSecretId, TmpSecretKey string }
	ExpiredTime int64
	Expiration  string
	RequestId   string
}

func (s *STS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	record := Record{Time: s.now(), RequestID: requestID()}
	answer, err := s.answer(r, &record)
	if err == nil {
		s.mu.Lock()
		choose := s.fault
		s.mu.Unlock()
		if choose != nil {
			record.Fault = choose(record)
		}
	} else {
		record.Code = err.Code
	}
	if record.Fault != nil && record.Fault.Code != "" {
		err = &apiError{record.Fault.Code, "as the test wants it"}
		record.Code = err.Code
	}
	s.mu.Lock()
	s.records = append(s.records, record)
	s.mu.Unlock()

	var body []byte
	if err != nil {
		body = err.body(record.RequestID)
	} else {
		body, _ = json.Marshal(map[string]any{"Response": answer})
	}
	w.Header().Set("Content-Type", "application/json")
	if record.Fault != nil {
		record.Fault.Play(w, r, body)
		return
	}
	w.Write(body)
}

// answer is the whole check, in the order in which the cloud is likely to do it.
func (s *STS) answer(r *http.Request, record *Record) (*credentials, *apiError) {
	const mostBytes = 1 << 20
	body, err := io.ReadAll(io.LimitReader(r.Body, mostBytes+1))
	if err != nil || len(body) > mostBytes {
		return nil, fail("RequestSizeLimitExceeded", "the body can't be read or has more than 1 MiB")
	}
	call, bad := s.authenticate(r, string(body), record)
	if bad != nil {
		return nil, bad
	}
	wish, bad := s.check(call)
	if wish.policy != "" {
		record.Policy = wish.policy
	}
	if bad != nil {
		return nil, bad
	}
	return s.issue(call, wish, record.RequestID), nil
}

// apiError is an error of API 3.0: HTTP 200, and a code in the body.
type apiError struct{ Code, Message string }

func fail(code, format string, args ...any) *apiError {
	return &apiError{code, fmt.Sprintf(format, args...)}
}

func (e *apiError) body(requestID string) []byte {
	out, _ := json.Marshal(map[string]any{"Response": map[string]any{"Error": e, "RequestId": requestID}})
	return out
}

func requestID() string {
	var b [16]byte
	rand.Read(b[:])
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
