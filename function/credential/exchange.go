package credential

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	usualAnswer = 4 << 10 // bytes
	// maxAnswer is far above any answer of STS, whose tokens have at most 4,096 bytes.
	maxAnswer = 1 << 20
)

// exchange is one request to STS and its answer, as the transport of an SDK's HTTP client. It brings the context, which
// one of the SDKs doesn't take, and keeps what neither tells: the status, the body, and how an answer failed.
type exchange struct {
	ctx     context.Context
	base    http.RoundTripper
	region  string // where STS is asked
	status  int
	body    []byte
	failure *Error
}

func (x *exchange) client() *http.Client {
	return &http.Client{Transport: x}
}

// RoundTrip sends one request and reads the answer to its end, so that the connection can serve the next.
func (x *exchange) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(x.ctx)
	// A connection may have died while the instance was frozen. With this mark net/http sends the request again on
	// another one, which harms nobody: it asks for a key, once more. A nil value is not sent. See http.Transport.
	r.Header["Idempotency-Key"] = nil
	answer, err := x.base.RoundTrip(r)
	if err != nil {
		return nil, x.fail(&Error{Kind: Busy, Reason: "STS can't be reached", RetryAfter: retryAfter, again: here})
	}
	defer answer.Body.Close()
	x.status = answer.StatusCode
	body := bytes.NewBuffer(make([]byte, 0, usualAnswer))
	_, err = body.ReadFrom(io.LimitReader(answer.Body, maxAnswer+1))
	x.body = body.Bytes()
	switch {
	case err != nil:
		return nil, x.fail(&Error{Kind: Failed, Reason: "STS's answer was cut off", again: here})
	case len(x.body) > maxAnswer:
		return nil, x.fail(&Error{Kind: Failed, Reason: "STS's answer is longer than 1 MiB"})
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		// http.Client would carry the signed request to a host that nobody configured.
		return nil, x.fail(&Error{Kind: Failed, Reason: "STS's answer is a redirect"})
	case !json.Valid(x.body):
		e := &Error{Kind: Failed, Reason: fmt.Sprintf("STS's answer is not JSON; its HTTP status is %d", x.status)}
		if x.status >= 500 {
			e.again = here
		}
		return nil, x.fail(e)
	}
	answer.Body = io.NopCloser(bytes.NewReader(x.body))
	return answer, nil
}

// fail keeps what went wrong. If the time is over, that is what went wrong, whatever else was seen.
func (x *exchange) fail(e *Error) error {
	if x.ctx.Err() != nil {
		e = noAnswer()
	}
	x.failure = e
	return e
}

func noAnswer() *Error {
	return &Error{Kind: Timeout, Reason: "STS did not answer before the function's deadline"}
}

// refused says why there is no key when an SDK returned none. A code in the answer decides before the HTTP status.
func (x *exchange) refused() *Error {
	if x.failure != nil {
		return x.failure
	}
	if x.ctx.Err() != nil { // before anything was sent
		return &Error{Kind: Timeout, Reason: "no time was left to ask STS"}
	}
	var answer struct {
		Response struct {
			Error     *struct{ Code string }
			RequestID string `json:"RequestId"`
		}
	}
	json.Unmarshal(x.body, &answer)
	switch {
	case answer.Response.Error != nil:
		return fromCode(answer.Response.Error.Code, x.region, answer.Response.RequestID)
	case x.status >= 500:
		reason := fmt.Sprintf("STS answered with HTTP status %d and no error code", x.status)
		return &Error{Kind: Failed, Reason: reason, again: here}
	case x.body == nil:
		return &Error{Kind: Failed, Reason: "STS could not be asked"}
	}
	reason := fmt.Sprintf("STS's answer holds no credentials; its HTTP status is %d", x.status)
	return &Error{Kind: Failed, Reason: reason, RequestID: answer.Response.RequestID}
}

// usable lets only a complete key pass that has some life.
func (x *exchange) usable(c Credential) (Credential, error) {
	switch {
	case x.status != http.StatusOK:
		return Credential{}, x.refused()
	case c.SecretID == "" || c.SecretKey == "" || c.Token == "":
		reason := "STS's answer holds no complete credentials"
		return Credential{}, &Error{Kind: Failed, Reason: reason, RequestID: c.RequestID}
	case !c.Expires.After(time.Now()):
		reason := "STS's answer holds credentials that have expired"
		return Credential{}, &Error{Kind: Failed, Reason: reason, RequestID: c.RequestID}
	}
	c.Issued = time.Now()
	return c, nil
}
