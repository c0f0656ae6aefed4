package gateway

import (
	"strconv"
	"time"
)

// Code numbers the refusals. Its first three digits are the HTTP status.
type Code int

// The one table of errors: what a client can meet, and what each is called.
const (
	InvalidRequest    Code = 40000 // the event, query or body can't be read, or contradicts itself
	TokenMissing      Code = 40100
	TokenInvalid      Code = 40101
	TokenExpired      Code = 40102
	TokenNotYetValid  Code = 40103
	NotEntitled       Code = 40300 // no grant matches the login, or not the one named
	ScopeNotAllowed   Code = 40301 // more was asked for than the grant gives
	IdentityNotUsable Code = 40302 // a claim in the prefix is missing or can't be a segment
	NotFound          Code = 40400
	MethodNotAllowed  Code = 40500
	RequestTooLarge   Code = 41300
	ScopeTooLarge     Code = 41301
	Misconfigured     Code = 50000
	StsFailed         Code = 50200
	KeysUnavailable   Code = 50300
	StsBusy           Code = 50301
	StsTimeout        Code = 50400
)

var names = map[Code]string{
	InvalidRequest: "InvalidRequest", TokenMissing: "TokenMissing", TokenInvalid: "TokenInvalid", TokenExpired: "TokenExpired",
	TokenNotYetValid: "TokenNotYetValid", NotEntitled: "NotEntitled", ScopeNotAllowed: "ScopeNotAllowed",
	IdentityNotUsable: "IdentityNotUsable", NotFound: "NotFound", MethodNotAllowed: "MethodNotAllowed",
	RequestTooLarge: "RequestTooLarge", ScopeTooLarge: "ScopeTooLarge", Misconfigured: "Misconfigured", StsFailed: "StsFailed",
	KeysUnavailable: "KeysUnavailable", StsBusy: "StsBusy", StsTimeout: "StsTimeout",
}

func (c Code) String() string { return names[c] }
func (c Code) status() int    { return int(c) / 100 }

// Error is a refusal as the client gets it. Message is for the person who reads it: it says what to do next, and holds
// no token, no secret, no claim's value and nothing of an upstream's answer. Reason is for the operator's log instead.
type Error struct {
	Code       Code
	Message    string
	Reason     string        // "" when the message says it all
	RetryAfter time.Duration // rounded up to whole seconds; 0 for none
	Allow      string        // the methods of MethodNotAllowed
}

func (e *Error) Error() string { return e.Code.String() + ": " + e.Message }

// Response writes the error as an answer.
func (e *Error) Response(requestID string) Response {
	r := Response{Status: e.Code.status(), Header: map[string]string{}, Body: struct {
		Code      Code   `json:"code"`
		Name      string `json:"codeDesc"`
		Message   string `json:"message"`
		RequestID string `json:"requestId"`
	}{e.Code, e.Code.String(), e.Message, requestID}}
	switch {
	case e.Code == TokenMissing:
		r.Header["WWW-Authenticate"] = "Bearer"
	case r.Status == 401:
		r.Header["WWW-Authenticate"] = `Bearer error="invalid_token"` // RFC 6750 section 3.1
	}
	if e.RetryAfter > 0 {
		seconds := int((e.RetryAfter + time.Second - 1) / time.Second)
		r.Header["Retry-After"] = strconv.Itoa(seconds)
	}
	if e.Allow != "" {
		r.Header["Allow"] = e.Allow
	}
	return r
}
