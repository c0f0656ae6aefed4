package credential

import (
	"path"
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
	TooMany            // this user has caused more calls than [Rate] lets one
)

// Error says why there is no key. Reason and Code are for the operator's log; STS's own message is left out, because it
// can repeat what was sent.
type Error struct {
	Kind       Kind
	Reason     string
	Code       string        // STS's, if it named one
	RequestID  string        // STS's, if it gave one
	RetryAfter time.Duration // of Busy and TooMany

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

// codes maps STS error codes to what they mean; the first pattern that fits decides (* is any text), and {region} is
// where STS was asked.
// https://cloud.tencent.com/document/api/598/33416 and /33164, and API 3.0's common codes.
var codes = []struct {
	pattern string
	kind    Kind
	again   again
	means   string
}{
	{"InvalidParameter.OverLimit*", Busy, elsewhere,
		"STS throttles this role"},
	{"RequestLimitExceeded*", Busy, elsewhere,
		"STS throttles this account: its limit is per API, region and sub-account"},
	{"LimitExceeded*", Busy, elsewhere,
		"STS throttles this account: its limit is per API, region and sub-account"},
	{"InternalError*", Failed, here,
		"STS has an internal error"},
	{"AuthFailure.SignatureExpire*", Misconfigured, nowhere,
		"STS finds the signature's time too far from its own: the clock of this function's machine is wrong"},
	{"AuthFailure*", Misconfigured, nowhere,
		"STS does not accept the key that signs: " +
			"check STS_SECRET_ID and STS_SECRET_KEY, or the execution role of a function without them"},
	{"UnauthorizedOperation*", Misconfigured, nowhere,
		"the key that signs may not ask for this: " +
			"allow it sts:GetFederationToken, or sts:AssumeRole and the role's trust"},
	{"InvalidParameter.GrantOtherResource*", Misconfigured, nowhere,
		"the bucket belongs to another account than the key: check the grant's bucket"},
	{"InvalidParameter*", Misconfigured, nowhere,
		"STS does not accept the request: check the grant's bucket, region, condition and durationSeconds"},
	{"ResourceNotFound*", Misconfigured, nowhere,
		"the role does not exist: check STS_ROLE_ARN"},
	{"UnsupportedRegion*", Misconfigured, nowhere,
		"STS can't be asked in region {region}: check the grant's region; " +
			"if the bucket is there, set STS_REGION to a region nearby"},
	{"Unsupported*", Misconfigured, nowhere,
		"STS does not support this call: GetFederationToken wants a sub-account's permanent key"},
	{"FailedOperation.TempKeyNotAllowed*", Misconfigured, nowhere,
		"STS gives no key to a temporary one: " +
			"set STS_SECRET_ID and STS_SECRET_KEY to a sub-account's permanent key, or use the execution role"},
	{"FailedOperation.*MFA*", Misconfigured, nowhere,
		"STS wants a second factor of the account whose key signs, which a function has not: " +
			"use a sub-account without MFA for API calls"},
}

// fromCode reads an error code that STS answered with in a region.
func fromCode(code, region, requestID string) *Error {
	e := &Error{Kind: Failed, Reason: "STS answered with an unknown error", Code: code, RequestID: requestID}
	for _, c := range codes {
		if fits, _ := path.Match(c.pattern, code); fits { // an error is for patterns that are none
			e.Kind, e.Reason, e.again = c.kind, strings.Replace(c.means, "{region}", region, 1), c.again
			break
		}
	}
	if e.Kind == Busy {
		e.RetryAfter = retryAfter
	}
	return e
}
