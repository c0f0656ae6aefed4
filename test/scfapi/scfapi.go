// Package scfapi is the part of Tencent Cloud that functions are deployed through, small enough for a test: an SCF API
// that refuses what the real one refuses. It checks each request's signature and parameters, changes a function only
// while that is Active, and takes a while for each change.
// https://cloud.tencent.com/document/api/583/17235
package scfapi

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"time"

	"cos-credentials/test/tc3"
)

// API is an http.Handler. Set the exported fields before its first request.
type API struct {
	SecretID, SecretKey string
	Token               string        // of a temporary key
	Roles               []string      // execution roles that exist
	Takes               time.Duration // how long a change takes

	mu        sync.Mutex
	functions map[string]*Function // by region, namespace and name
	records   []Record
	fault     func(Record) *Fault
}

// Record is one request that was signed right, and the code of the refusal, if it was one.
type Record struct {
	Action, Region, Code string
	Body                 string
}

// Fault is a bad answer to one request. With Done the request is carried out first, and then the connection breaks.
type Fault struct {
	Code, Message string
	Done          bool
}

// Play sets what goes wrong from now on; nil ends the bad day.
func (a *API) Play(choose func(Record) *Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fault = choose
}

// Records is every request so far.
func (a *API) Records() []Record {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.records)
}

// Function is a function by name; nil if there is none.
func (a *API) Function(name string) *Function {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.Locked(name)
}

// Locked is the same for who is called by Play.
func (a *API) Locked(name string) *Function {
	for _, f := range a.functions {
		if f.Latest.name == name {
			return f
		}
	}
	return nil
}

// Serve answers on a free port of 127.0.0.1 until stop is called.
func (a *API) Serve() (address string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: a}
	go server.Serve(l)
	return "http://" + l.Addr().String(), func() { server.Close() }, nil
}

// apiError is an error of API 3.0: HTTP 200, and a code in the body.
type apiError struct{ Code, Message string }

func fail(code, format string, args ...any) *apiError {
	return &apiError{code, fmt.Sprintf(format, args...)}
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	body, bad := a.signed(r)
	record := Record{Action: r.Header.Get("X-TC-Action"), Region: r.Header.Get("X-TC-Region"), Body: body}
	var fault *Fault
	if bad == nil && a.fault != nil {
		if fault = a.fault(record); fault != nil && !fault.Done {
			bad = &apiError{fault.Code, fault.Message}
		}
	}
	answer := map[string]any{}
	if bad == nil {
		answer, bad = a.act(record)
	}
	if bad != nil {
		record.Code = bad.Code
		answer = map[string]any{"Error": bad}
	}
	a.records = append(a.records, record)
	if fault != nil && fault.Done {
		panic(http.ErrAbortHandler) // net/http's way to break a connection
	}
	answer["RequestId"] = rand.Text()
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"Response": answer})
}

// signed reads a request and checks its signature.
func (a *API) signed(r *http.Request) (string, *apiError) {
	const mostBytes = 10 << 20
	body, err := io.ReadAll(io.LimitReader(r.Body, mostBytes+1))
	if err != nil || len(body) > mostBytes {
		return "", fail("RequestSizeLimitExceeded", "the body can't be read or has more than 10 MiB")
	}
	err = tc3.Check(r, string(body), "scf", a.SecretKey, time.Now())
	switch {
	case r.Method != "POST" || r.URL.Path != "/" || r.Header.Get("Content-Type") != "application/json":
		return "", fail("UnsupportedProtocol", "requests are JSON POSTs to /")
	case tc3.SecretID(r) != a.SecretID:
		return "", fail("AuthFailure.SecretIdNotFound", "the SecretId is not known")
	case r.Header.Get("X-TC-Token") != a.Token:
		return "", fail("AuthFailure.TokenFailure", "the token is not this key's")
	case errors.Is(err, tc3.ErrExpired):
		return "", fail("AuthFailure.SignatureExpire", "%v", err)
	case err != nil:
		return "", fail("AuthFailure.SignatureFailure", "%v", err)
	case r.Header.Get("X-TC-Version") != "2018-04-16":
		return "", fail("NoSuchVersion", "Version must be 2018-04-16")
	case !region.MatchString(r.Header.Get("X-TC-Region")):
		return "", fail("UnsupportedRegion", "Region must be a region's name")
	}
	return string(body), nil
}

var region = regexp.MustCompile(`^[a-z]{2}(-[a-z0-9]+)+$`)
