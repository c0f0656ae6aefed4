// Package sts is the part of Tencent Cloud that the function talks to, small enough for a test: an STS that refuses
// what the real one refuses.
//
// It checks the signature of every request (v1 and TC3), its time, its parameters and its policy, and answers with a
// token that stands for the policy it was asked for, so that a test (or a COS) can look up what a key opens
// ([STS.OpenToken]). It remembers every request, and can be told to have a bad day ([Fault]).
package sts

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
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
}

// NewKey makes a permanent key.
func NewKey(appID string) Key {
	return Key{SecretID: "AKID" + rand.Text(), SecretKey: rand.Text(), AppID: appID}
}

// Environment is how the platform hands the key of an execution role to a function.
func (k Key) Environment() map[string]string {
	return map[string]string{
		"TENCENTCLOUD_SECRETID": k.SecretID, "TENCENTCLOUD_SECRETKEY": k.SecretKey, "TENCENTCLOUD_SESSIONTOKEN": k.Token,
	}
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
	nonces  map[string]bool  // of the key and the nonce
	grants  map[string]Grant // by session token
	records []Record
	fault   func(Record) *Fault
}

// Record is one request as the STS understood it, and what became of it.
type Record struct {
	Signature string // "v1" or "TC3"
	Action    string
	Region    string
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

// Serve answers on a free port of 127.0.0.1 until stop is called.
func (s *STS) Serve() (host string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: s}
	go server.Serve(l)
	return l.Addr().String(), func() { server.Close() }, nil
}

func (s *STS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	record := Record{RequestID: rand.Text()}
	answer, bad := s.answer(r, &record)
	if bad == nil {
		record.Fault = s.choose(record)
	}
	fault := cmp.Or(record.Fault, &Fault{})
	if fault.Code != "" {
		bad = &apiError{fault.Code, "as the test wants it"}
	}
	var response any = answer
	if bad != nil {
		record.Code = bad.Code
		response = map[string]any{"Error": bad, "RequestId": record.RequestID}
	}
	s.mu.Lock()
	s.records = append(s.records, record)
	s.mu.Unlock()
	body, _ := json.Marshal(map[string]any{"Response": response})
	w.Header().Set("Content-Type", "application/json")
	fault.Play(w, r, body)
}

func (s *STS) choose(r Record) *Fault {
	s.mu.Lock()
	choose := s.fault
	s.mu.Unlock()
	if choose == nil {
		return nil
	}
	return choose(r)
}

// answer is the whole check, in the order in which the cloud is likely to do it.
func (s *STS) answer(r *http.Request, record *Record) (*credentials, *apiError) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 1<<20))
	if err != nil {
		return nil, fail("RequestSizeLimitExceeded", "the body can't be read or has more than 1 MiB")
	}
	call, bad := s.authenticate(r, string(body), record)
	if bad != nil {
		return nil, bad
	}
	grant, bad := s.check(call)
	record.Policy = grant.Policy
	if bad != nil {
		return nil, bad
	}
	return s.issue(grant, record.RequestID), nil
}

// apiError is an error of API 3.0: HTTP 200, and a code in the body.
type apiError struct{ Code, Message string }

func fail(code, format string, args ...any) *apiError {
	return &apiError{code, fmt.Sprintf(format, args...)}
}
