package credential

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"
)

const (
	// margin is left of the invocation's time to write the answer.
	margin = 200 * time.Millisecond
	// maxAnswer is far above any answer of STS, whose tokens have at most 4,096 bytes.
	maxAnswer = 1 << 20
)

// withMargin ends a call a little before the invocation ends.
func withMargin(ctx context.Context) (context.Context, context.CancelFunc) {
	if at, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, at.Add(-margin))
	}
	return context.WithCancel(ctx)
}

// exchange is one request to STS and its answer. The SDK takes an http.Client but no context, and decodes whatever
// arrives; so the context rides in here, and so does what the SDK doesn't tell: the status, and how an answer failed.
type exchange struct {
	ctx     context.Context
	base    http.RoundTripper
	status  int
	failure *Error
}

func (x *exchange) client() *http.Client {
	// A redirect would carry the signed request to a host that nobody configured.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: x, CheckRedirect: stay}
}

// RoundTrip sends one request and reads the answer to its end, so that the connection can serve the next.
func (x *exchange) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(x.ctx)
	// Asking twice for the same key harms nobody. With this mark net/http sends again what met a connection that died
	// while the instance was frozen; a nil value is not sent. See http.Transport.
	r.Header["Idempotency-Key"] = nil
	answer, err := x.base.RoundTrip(r)
	if err != nil {
		return nil, x.fail(&Error{Kind: Busy, Reason: "STS can't be reached", RetryAfter: retryAfter})
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, x.fail(&Error{Kind: Failed, Reason: "STS's answer was cut off"})
	case len(body) > maxAnswer:
		return nil, x.fail(&Error{Kind: Failed, Reason: "STS's answer is longer than 1 MiB"})
	case !json.Valid(body):
		return nil, x.fail(&Error{Kind: Failed, Reason: "STS's answer is not JSON"})
	}
	x.status = answer.StatusCode
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

// fail keeps what went wrong; that the time ran out explains everything else.
func (x *exchange) fail(e *Error) error {
	if x.ctx.Err() != nil {
		e = &Error{Kind: Timeout, Reason: "STS did not answer before the function's deadline"}
	}
	x.failure = e
	return e
}
