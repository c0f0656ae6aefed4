package gateway

import (
	"cmp"
	"strconv"
	"time"
)

// Code is one kind of refusal. The zero value is sent as [Misconfigured].
type Code struct {
	number int // its first three digits are the HTTP status
	name   string
}

// The one table of errors: all that a client can meet.
var (
	InvalidRequest    = Code{40000, "InvalidRequest"} // the event, query or body can't be read, or contradicts itself
	TokenMissing      = Code{40100, "TokenMissing"}
	TokenInvalid      = Code{40101, "TokenInvalid"}
	TokenExpired      = Code{40102, "TokenExpired"}
	TokenNotYetValid  = Code{40103, "TokenNotYetValid"}
	NotEntitled       = Code{40300, "NotEntitled"}       // no grant matches the login, or not the one named
	ScopeNotAllowed   = Code{40301, "ScopeNotAllowed"}   // more was asked for than the grant gives
	IdentityNotUsable = Code{40302, "IdentityNotUsable"} // a claim in the prefix is missing or can't be a segment
	SealRequired      = Code{40303, "SealRequired"}      // the grant answers only sealed, and the request has no sealTo
	NotFound          = Code{40400, "NotFound"}
	MethodNotAllowed  = Code{40500, "MethodNotAllowed"}
	RequestTooLarge   = Code{41300, "RequestTooLarge"}
	ScopeTooLarge     = Code{41301, "ScopeTooLarge"}
	TooManyRequests   = Code{42900, "TooManyRequests"} // this login has used up what one may cause
	Misconfigured     = Code{50000, "Misconfigured"}
	StsFailed         = Code{50200, "StsFailed"}
	KeysUnavailable   = Code{50300, "KeysUnavailable"}
	StsBusy           = Code{50301, "StsBusy"}
	StsTimeout        = Code{50400, "StsTimeout"}
)

// row is the code's row in the table. A code that has none is a fault of this function, and is sent as one.
func (c Code) row() Code { return cmp.Or(c, Misconfigured) }

// String is the code's name.
func (c Code) String() string { return c.row().name }

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
	code := e.Code.row()
	r := Response{Status: code.number / 100, Header: map[string]string{}, Body: errorBody{
		Code:      code.number,
		Name:      code.name,
		Message:   e.Message,
		RequestID: requestID,
	}}
	switch {
	case code == TokenMissing:
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

type errorBody struct {
	Code      int    `json:"code"`
	Name      string `json:"codeDesc"`
	Message   string `json:"message"`
	RequestID string `json:"requestId"`
}
