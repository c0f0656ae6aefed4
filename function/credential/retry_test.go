package credential

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// troubled answers the first call with a fault, and the rest well; it counts calls and notes the regions that were asked.
func troubled(t *testing.T, fault func(http.ResponseWriter)) (Issuer, *atomic.Int32, *[]string) {
	t.Helper()
	var calls atomic.Int32
	asked := &[]string{}
	return Retry{newIssuer(t, PermanentKey{}, func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		*asked = append(*asked, r.PostForm.Get("Region"))
		if calls.Add(1) == 1 {
			fault(w)
			return
		}
		fmt.Fprint(w, good())
	})}, &calls, asked
}

func answers(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { w.WriteHeader(status); fmt.Fprint(w, body) }
}

func TestRetry(t *testing.T) {
	for name, c := range map[string]struct {
		fault  func(http.ResponseWriter)
		calls  int32
		second string // region of the second call
	}{
		"500":           {answers(500, `{}`), 2, "ap-guangzhou"},
		"503 page":      {answers(503, `<html>`), 2, "ap-guangzhou"},
		"internal":      {answers(200, faultBody("InternalError.DbError")), 2, "ap-guangzhou"},
		"reset":         {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, 2, "ap-guangzhou"},
		"cut":           {func(w http.ResponseWriter) { w.Header().Set("Content-Length", "99"); fmt.Fprint(w, "{") }, 2, "ap-guangzhou"},
		"throttled":     {answers(200, faultBody("RequestLimitExceeded")), 2, "ap-shanghai"},
		"role limit":    {answers(200, faultBody("InvalidParameter.OverLimit")), 2, "ap-shanghai"},
		"bad key":       {answers(200, faultBody("AuthFailure.SecretIdNotFound")), 1, ""},
		"unknown":       {answers(200, faultBody("FailedOperation")), 1, ""},
		"page with 200": {answers(200, `<html>`), 1, ""},
		"no keys":       {answers(200, `{}`), 1, ""},
	} {
		i, calls, asked := troubled(t, c.fault)
		_, err := i.Issue(t.Context(), exampleRequest)
		if calls.Load() != c.calls || (err == nil) != (c.calls == 2) {
			t.Errorf("%s: %d calls, %v", name, calls.Load(), err)
		}
		if c.calls == 2 && (*asked)[1] != c.second {
			t.Errorf("%s: asked in %v", name, *asked)
		}
	}
}

func TestRetryOnlyOnce(t *testing.T) {
	for body, want := range map[string]Kind{faultBody("RequestLimitExceeded"): Busy, faultBody("InternalError"): Failed} {
		var calls atomic.Int32
		i := Retry{newIssuer(t, PermanentKey{}, func(w http.ResponseWriter, r *http.Request) { calls.Add(1); fmt.Fprint(w, body) })}
		_, err := i.Issue(t.Context(), exampleRequest)
		var refused *Error
		if !errors.As(err, &refused) || refused.Kind != want || calls.Load() != 2 || (want == Busy) != (refused.RetryAfter > 0) {
			t.Errorf("%v after %d calls", err, calls.Load())
		}
	}
}

func TestNoRetryWithoutTime(t *testing.T) {
	i, calls, _ := troubled(t, answers(500, `{}`))
	ctx, cancel := context.WithTimeout(t.Context(), leastTime)
	defer cancel()
	if _, err := i.Issue(ctx, exampleRequest); err == nil || calls.Load() != 1 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
	if time.Until(deadline(ctx)) < margin {
		t.Error("the time was waited away")
	}
}

func deadline(ctx context.Context) time.Time { at, _ := ctx.Deadline(); return at }
