package credential

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// troubled answers the first call with a fault, and the rest well; it counts calls and notes the regions that were asked.
func troubled(t *testing.T, fault func(http.ResponseWriter)) (Issuer, *atomic.Int32, *[]string) {
	t.Helper()
	var calls atomic.Int32
	asked := &[]string{}
	return NewRetry(newIssuer(t, PermanentKey{}, func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		*asked = append(*asked, r.PostForm.Get("Region"))
		if calls.Add(1) == 1 {
			fault(w)
			return
		}
		fmt.Fprint(w, good())
	})), &calls, asked
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

// A fault is met with one more try, a throttle with one in each region nearby; the first refusal is told.
func TestRetryGivesUp(t *testing.T) {
	for body, want := range map[string]struct {
		kind  Kind
		calls int32
	}{
		faultBody("RequestLimitExceeded"): {Busy, 3},
		faultBody("InternalError"):        {Failed, 2},
	} {
		var calls atomic.Int32
		i := NewRetry(newIssuer(t, PermanentKey{}, func(w http.ResponseWriter, r *http.Request) { calls.Add(1); fmt.Fprint(w, body) }))
		_, err := i.Issue(t.Context(), exampleRequest)
		var refused *Error
		if !errors.As(err, &refused) || refused.Kind != want.kind || calls.Load() != want.calls || (want.kind == Busy) != (refused.RetryAfter > 0) {
			t.Errorf("%v after %d calls", err, calls.Load())
		}
	}
}

// regional is an STS that throttles in the regions named, and notes where it is asked.
type regional struct {
	full  []string
	asked []string
}

func (r *regional) Issue(_ context.Context, request Request) (Credential, error) {
	r.asked = append(r.asked, request.Region)
	if slices.Contains(r.full, request.Region) {
		return Credential{}, fromCode("RequestLimitExceeded", request.Region, "r1")
	}
	return Credential{SecretID: request.Region}, nil
}

func TestAThrottledRegionIsLeftOutForASecond(t *testing.T) {
	sts, now := &regional{full: []string{"ap-guangzhou"}}, time.Unix(1800000000, 0)
	retry := NewRetry(sts)
	retry.now = func() time.Time { return now }
	for _, step := range []struct {
		after time.Duration
		full  []string
		asked string
	}{
		{0, []string{"ap-guangzhou"}, "[ap-guangzhou ap-shanghai]"},
		{999 * time.Millisecond, []string{"ap-guangzhou"}, "[ap-shanghai]"},
		{time.Millisecond, nil, "[ap-guangzhou]"},
		{0, []string{"ap-guangzhou", "ap-shanghai"}, "[ap-guangzhou ap-shanghai ap-beijing]"},
		{0, []string{"ap-guangzhou", "ap-shanghai", "ap-beijing"}, "[ap-beijing]"},
		{0, nil, "[ap-guangzhou]"}, // all have throttled: one is asked, not all again
		{-time.Hour, nil, "[ap-guangzhou]"},
	} {
		now, sts.full, sts.asked = now.Add(step.after), step.full, nil
		retry.Issue(t.Context(), Request{Region: "ap-guangzhou"})
		if got := fmt.Sprint(sts.asked); got != step.asked {
			t.Errorf("%v later: asked %s, want %s", step.after, got, step.asked)
		}
	}
}

func TestNeighbours(t *testing.T) {
	for region, near := range nearest {
		if len(near) != 2 || near[0] == near[1] || slices.Contains(near, region) {
			t.Errorf("%s: %v", region, near)
		}
	}
	for region, want := range map[string]string{
		"ap-guangzhou": "[ap-shanghai ap-beijing]", "ap-beijing-1": "[ap-guangzhou ap-shanghai ap-beijing]", "ap-shanghai": "[ap-beijing ap-guangzhou]",
	} {
		if got := fmt.Sprint(neighbours(region)); got != want {
			t.Errorf("%s: %s", region, got)
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
}
