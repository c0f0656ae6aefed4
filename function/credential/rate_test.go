package credential

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func rated(perSecond int) (*Rate, *vendor, *time.Time) {
	now := time.Unix(1800000000, 0)
	v := &vendor{now: func() time.Time { return now }}
	l := NewRate(v, perSecond)
	l.now = v.now
	return l, v, &now
}

// given asks for so many keys at once, and says how many were given.
func given(t *testing.T, l *Rate, session string, times int) (n int, wait time.Duration) {
	t.Helper()
	for range times {
		_, err := l.Issue(t.Context(), of(session, "a/*", time.Hour))
		var refused *Error
		switch {
		case err == nil:
			n++
		case errors.As(err, &refused) && refused.Kind == TooMany && refused.RetryAfter > 0:
			wait = refused.RetryAfter
		default:
			t.Fatal(err)
		}
	}
	return n, wait
}

func TestRateOfOneUser(t *testing.T) {
	l, v, now := rated(5)
	for _, step := range []struct {
		after time.Duration
		want  int
	}{
		{0, 60}, // the burst
		{199 * time.Millisecond, 0},
		{time.Millisecond, 1},
		{time.Second, 5},
		{10 * time.Second, 50},
		{time.Hour, 60},
		{-time.Hour, 0}, // the clock went back: at worst the bucket is empty
		{time.Second, 5},
	} {
		*now = now.Add(step.after)
		calls := v.calls.Load()
		if got, _ := given(t, l, "alice@shop", 100); got != step.want || v.calls.Load()-calls != int32(step.want) {
			t.Errorf("%v later: %d calls, want %d", step.after, got, step.want)
		}
	}
	_, wait := given(t, l, "alice@shop", 1)
	if *now = now.Add(wait - 1); wait > 200*time.Millisecond {
		t.Errorf("wait %v", wait)
	}
	if n, _ := given(t, l, "alice@shop", 1); n != 0 {
		t.Error("too early")
	}
	*now = now.Add(1)
	if n, _ := given(t, l, "alice@shop", 2); n != 1 {
		t.Error("RetryAfter was too short")
	}
}

// What one uses up, no other lacks; nor the same subject of another issuer.
func TestRateTellsUsersApart(t *testing.T) {
	l, _, _ := rated(1)
	given(t, l, "mallory@shop", 1000)
	for _, session := range []string{"alice@shop", "mallory@mini"} {
		if n, _ := given(t, l, session, 12); n != 12 {
			t.Errorf("%s got %d", session, n)
		}
	}
}

func TestRateIsBounded(t *testing.T) {
	l, _, _ := rated(1)
	for i := range maxMetered + 100 {
		given(t, l, fmt.Sprint(i), 1)
	}
	if n := l.users.Len(); n != maxMetered {
		t.Errorf("%d users are metered", n)
	}
}

// A key that is held is given out all the same.
func TestRateSparesCachedKeys(t *testing.T) {
	l, v, now := rated(1)
	c := NewCache(l)
	c.now = v.now
	r := of("alice@shop", "a/*", time.Hour)
	c.Issue(t.Context(), r)
	given(t, l, "alice@shop", 100)
	*now = now.Add(31 * time.Minute)
	given(t, l, "alice@shop", 100)
	for range 3 {
		if got, err := c.Issue(t.Context(), r); err != nil || !got.Cached { // though it is past its half
			t.Error(err)
		}
	}
}
