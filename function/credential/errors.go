package credential

import (
	"strings"
	"time"
)

// Kind says what an [Error] means for the caller.
type Kind int

const (
	_             Kind = iota
	Misconfigured      // the key, the role or the policy is not what STS accepts; an operator must act
	Failed             // STS answered what can't be used
	Busy               // STS throttles or can't be reached; trying again later may help
	Timeout            // no answer before the invocation's deadline
)

// Error says why there is no key. Reason and Code are for the operator's log; STS's own message is left out, because it
// can repeat what was sent.
type Error struct {
	Kind       Kind
	Reason     string
	Code       string        // STS's, if it named one
	RequestID  string        // STS's, if it gave one
	RetryAfter time.Duration // of Busy

	again again
}

// again says whether asking once more may help, and where.
type again int

const (
	nowhere   again = iota // it won't
	here                   // a moment later
	elsewhere              // in another region: the limit is per region
)

func (e *Error) Error() string {
	if e.Code == "" {
		return e.Reason
	}
	return e.Reason + " (" + e.Code + ")"
}

const retryAfter = time.Second

// codes maps the beginnings of STS error codes to what they mean; the first that fits decides.
// https://cloud.tencent.com/document/api/598/33416 and /33164, and API 3.0's common codes.
var codes = []struct {
	begin string
	kind  Kind
	again again
	means string
}{
	{"InvalidParameter.OverLimit", Busy, elsewhere,
		"STS throttles this role"},
	{"RequestLimitExceeded", Busy, elsewhere,
		"STS throttles this account: its limit is per API, region and sub-account"},
	{"LimitExceeded", Busy, elsewhere,
		"STS throttles this account: its limit is per API, region and sub-account"},
	{"InternalError", Failed, here,
		"STS has an internal error"},
	{"AuthFailure", Misconfigured, nowhere,
		"STS does not accept the key that signs: " +
			"check STS_SECRET_ID and STS_SECRET_KEY, or the execution role of a function without them"},
	{"UnauthorizedOperation", Misconfigured, nowhere,
		"the key that signs may not ask for this: " +
			"allow it sts:GetFederationToken, or sts:AssumeRole and the role's trust"},
	{"InvalidParameter.GrantOtherResource", Misconfigured, nowhere,
		"the bucket belongs to another account than the key: check the grant's bucket"},
	{"InvalidParameter", Misconfigured, nowhere,
		"STS does not accept the request: check the grant's bucket, region, condition and durationSeconds"},
	{"ResourceNotFound", Misconfigured, nowhere,
		"the role does not exist: check STS_ROLE_ARN"},
	{"Unsupported", Misconfigured, nowhere,
		"STS does not support this call: GetFederationToken wants a sub-account's permanent key"},
}

// fromCode reads an error code of STS.
func fromCode(code, requestID string) *Error {
	e := &Error{Kind: Failed, Reason: "STS answered with an unknown error", Code: code, RequestID: requestID}
	for _, c := range codes {
		if strings.HasPrefix(code, c.begin) {
			e.Kind, e.Reason, e.again = c.kind, c.means, c.again
			break
		}
	}
	if e.Kind == Busy {
		e.RetryAfter = retryAfter
	}
	return e
}
