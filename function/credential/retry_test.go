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

// troubled answers the first call with a fault, and the rest well; it counts calls and notes their regions.
func troubled(t *testing.T, fault func(http.ResponseWriter)) (Issuer, *atomic.Int32, *[]string) {
	t.Helper()
	var calls atomic.Int32
	regions := &[]string{}
	return Retry{issuer(t, PermanentKey{}, func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		*regions = append(*regions, r.PostForm.Get("Region"))
		if calls.Add(1) == 1 {
			fault(w)
			return
		}
		fmt.Fprint(w, good())
	})}, &calls, regions
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
		"internal":      {answers(200, fault("InternalError.DbError")), 2, "ap-guangzhou"},
		"reset":         {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, 2, "ap-guangzhou"},
		"cut":           {func(w http.ResponseWriter) { w.Header().Set("Content-Length", "99"); fmt.Fprint(w, "{") }, 2, "ap-guangzhou"},
		"throttled":     {answers(200, fault("RequestLimitExceeded")), 2, "ap-shanghai"},
		"role limit":    {answers(200, fault("InvalidParameter.OverLimit")), 2, "ap-shanghai"},
		"bad key":       {answers(200, fault("AuthFailure.SecretIdNotFound")), 1, ""},
		"unknown":       {answers(200, fault("FailedOperation")), 1, ""},
		"page with 200": {answers(200, `<html>`), 1, ""},
		"no keys":       {answers(200, `{}`), 1, ""},
	} {
		i, calls, regions := troubled(t, c.fault)
		_, err := i.Issue(t.Context(), request)
		if calls.Load() != c.calls || (err == nil) != (c.calls == 2) {
			t.Errorf("%s: %d calls, %v", name, calls.Load(), err)
		}
		if c.calls == 2 && (*regions)[1] != c.second {
			t.Errorf("%s: asked in %v", name, *regions)
		}
	}
}

func TestRetryOnlyOnce(t *testing.T) {
	for body, want := range map[string]Kind{fault("RequestLimitExceeded"): Busy, fault("InternalError"): Failed} {
		var calls atomic.Int32
		i := Retry{issuer(t, PermanentKey{}, func(w http.ResponseWriter, r *http.Request) { calls.Add(1); fmt.Fprint(w, body) })}
		_, err := i.Issue(t.Context(), request)
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
	if _, err := i.Issue(ctx, request); err == nil || calls.Load() != 1 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
	if time.Until(deadline(ctx)) < margin {
		t.Error("the time was waited away")
	}
}

func deadline(ctx context.Context) time.Time { at, _ := ctx.Deadline(); return at }
