package credential

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sts "github.com/tencentyun/qcloud-cos-sts-sdk/go"
	"pgregory.net/rapid"
)

// vendor stands for STS: each key it hands out names the request that it is for.
type vendor struct {
	calls atomic.Int32
	now   func() time.Time
	fail  error
	hold  chan struct{}
}

func (v *vendor) Issue(_ context.Context, r Request) (Credential, error) {
	n := v.calls.Add(1)
	if v.hold != nil {
		<-v.hold
	}
	if v.fail != nil {
		return Credential{}, v.fail
	}
	return Credential{SecretID: fmt.Sprint(n), Token: r.Session + r.Policy.Statement[0].Resource[0], Issued: v.now(), Expires: v.now().Add(r.Life)}, nil
}

func cached() (*Cache, *vendor, *time.Time) {
	now := time.Unix(1800000000, 0)
	clock := func() time.Time { return now }
	v := &vendor{now: clock}
	c := NewCache(v)
	c.now = clock
	return c, v, &now
}

func of(session, resource string, life time.Duration) Request {
	policy := &sts.CredentialPolicy{Statement: []sts.CredentialPolicyStatement{{Resource: []string{resource}}}}
	text, _ := json.Marshal(policy)
	return Request{Session: session, Region: "ap-guangzhou", Life: life, Full: life, Policy: policy, JSON: text}
}

// Without the document's bytes one key can't be told from another.
func TestNoKeyIsKeptWithoutItsDocument(t *testing.T) {
	c, v, _ := cached()
	for range 2 {
		r := of("alice@shop", "a/*", 30*time.Minute)
		r.JSON = nil
		if got, err := c.Issue(t.Context(), r); err != nil || got.Cached {
			t.Error(got.Cached, err)
		}
	}
	if v.calls.Load() != 2 {
		t.Errorf("%d calls", v.calls.Load())
	}
}

func TestCacheServesTheFirstHalfOfALife(t *testing.T) {
	c, v, now := cached()
	r := of("alice@shop", "a/*", 30*time.Minute)
	first, _ := c.Issue(t.Context(), r)
	for _, step := range []struct {
		after time.Duration
		calls int32
	}{{time.Second, 1}, {14 * time.Minute, 1}, {time.Minute, 2}, {time.Second, 2}} {
		*now = now.Add(step.after)
		got, err := c.Issue(t.Context(), r)
		if err != nil || v.calls.Load() != step.calls || got.Cached != (step.after != time.Minute) {
			t.Errorf("%v later: %d calls, cached %v, %v", step.after, v.calls.Load(), got.Cached, err)
		}
		if step.calls == 1 && (got.SecretID != first.SecretID || !got.Issued.Equal(first.Issued)) {
			t.Error("not the same key")
		}
	}
}

func TestCacheTellsRequestsApart(t *testing.T) {
	c, v, _ := cached()
	base := of("alice@shop", "a/*", 30*time.Minute)
	region, full := base, base
	region.Region = "ap-beijing"
	full.Full = 20 * time.Minute
	for i, r := range []Request{base, of("bob@shop", "a/*", 30*time.Minute), of("alice@mini", "a/*", 30*time.Minute), of("alice@shop", "a/b", 30*time.Minute), region, full} {
		if got, _ := c.Issue(t.Context(), r); got.Cached || v.calls.Load() != int32(i+1) {
			t.Errorf("request %d got another's key", i)
		}
	}
}

// No user ever receives another's key, whatever the order of requests, times and faults.
func TestCacheNeverMixesUsers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, v, now := cached()
		for range rapid.IntRange(1, 60).Draw(t, "requests") {
			*now = now.Add(time.Duration(rapid.IntRange(0, 900).Draw(t, "pause")) * time.Second)
			r := of(rapid.SampledFrom([]string{"alice@shop", "alice2@shop", "alice@mini", "bob@shop"}).Draw(t, "user"),
				rapid.SampledFrom([]string{"shared/*", "users/alice/*", "users/bob/*"}).Draw(t, "resource"),
				time.Duration(rapid.IntRange(60, 1800).Draw(t, "life"))*time.Second)
			if rapid.Bool().Draw(t, "login") {
				r.Until = now.Add(r.Life + time.Duration(rapid.IntRange(0, 600).Draw(t, "login left"))*time.Second)
			}
			v.fail = nil
			if rapid.IntRange(0, 4).Draw(t, "fault") == 0 {
				v.fail = &Error{Kind: Busy}
			}
			got, err := c.Issue(context.Background(), r)
			switch {
			case err != nil:
			case got.Token != r.Session+r.Policy.Statement[0].Resource[0]:
				t.Fatalf("%s got the key of %s", r.Session, got.Token)
			case !r.Until.IsZero() && got.Expires.After(r.Until):
				t.Fatal("a key outlives the login")
			case got.Expires.Sub(*now) < time.Minute:
				t.Fatal("a key was handed out that clients take for expired")
			}
		}
	})
}

func TestCacheKeepsToTheLogin(t *testing.T) {
	c, v, now := cached()
	long := of("alice@shop", "a/*", 30*time.Minute)
	c.Issue(t.Context(), long)
	short := long
	short.Life, short.Until = 10*time.Minute, now.Add(10*time.Minute)
	if got, _ := c.Issue(t.Context(), short); got.Cached || got.Expires.After(short.Until) || v.calls.Load() != 2 {
		t.Error("a login that ends sooner got a key that outlives it")
	}
	if got, _ := c.Issue(t.Context(), short); !got.Cached {
		t.Error("the shorter key was not kept")
	}
}

// Who logs in anew doesn't get the rest of a key that was cut to the end of the last login.
func TestCacheForgetsAShortKeyWhenTheLoginIsRenewed(t *testing.T) {
	c, v, now := cached()
	long := of("alice@shop", "a/*", 30*time.Minute)
	short := long
	short.Life, short.Until = 10*time.Minute, now.Add(10*time.Minute)
	c.Issue(t.Context(), short)
	long.Until = now.Add(time.Hour)
	if got, _ := c.Issue(t.Context(), long); got.Cached || got.Expires.Sub(*now) != 30*time.Minute || v.calls.Load() != 2 {
		t.Errorf("%d calls, a key of %v", v.calls.Load(), got.Expires.Sub(*now))
	}
}

func TestCacheStandsInForAnSTSThatIsDown(t *testing.T) {
	c, v, now := cached()
	r := of("alice@shop", "a/*", 30*time.Minute)
	c.Issue(t.Context(), r)
	*now = now.Add(20 * time.Minute) // past the half
	for _, kind := range []Kind{Busy, Failed, Timeout} {
		v.fail = &Error{Kind: kind}
		if got, err := c.Issue(t.Context(), r); err != nil || !got.Cached {
			t.Errorf("kind %d: %v", kind, err)
		}
	}
	v.fail = &Error{Kind: Misconfigured} // an operator took the permission away: so do we
	if _, err := c.Issue(t.Context(), r); err == nil {
		t.Error("a key was handed out that STS would not give any more")
	}
	v.fail = &Error{Kind: Busy}
	*now = now.Add(9*time.Minute + time.Second)
	if _, err := c.Issue(t.Context(), r); err == nil {
		t.Error("a key was handed out with less than a minute to live")
	}
}

func TestCacheAfterTheClockWentBack(t *testing.T) {
	c, v, now := cached()
	r := of("alice@shop", "a/*", 30*time.Minute)
	c.Issue(t.Context(), r)
	*now = now.Add(-time.Hour)
	if c.Issue(t.Context(), r); v.calls.Load() != 2 {
		t.Error("a key from the future was served")
	}
}

func TestCacheIsBounded(t *testing.T) {
	c, _, _ := cached()
	for i := range maxCached + 100 {
		c.Issue(t.Context(), of(fmt.Sprint(i), "a/*", time.Hour))
	}
	if n := c.keys.keys.Len(); n != maxCached || len(c.keys.logins) != n {
		t.Errorf("%d keys are held", n)
	}
}

// One login that asks for a thousand different keys keeps the last of its own, and everybody else's stay.
func TestOneLoginPushesOutNoOthers(t *testing.T) {
	c, v, _ := cached()
	c.Issue(t.Context(), of("alice@shop", "a/*", time.Hour))
	for i := range maxCached {
		c.Issue(t.Context(), of("mallory@shop", fmt.Sprint(i), time.Hour))
	}
	if n := c.keys.keys.Len(); n != maxPerLogin+1 || len(c.keys.logins["mallory@shop"]) != maxPerLogin {
		t.Errorf("%d keys are held", n)
	}
	calls := v.calls.Load()
	honest, _ := c.Issue(t.Context(), of("alice@shop", "a/*", time.Hour))
	last, _ := c.Issue(t.Context(), of("mallory@shop", fmt.Sprint(maxCached-1), time.Hour))
	if !honest.Cached || !last.Cached || v.calls.Load() != calls {
		t.Error("a key that should be held is not")
	}
}

func TestEqualRequestsShareOneCall(t *testing.T) {
	c, v, _ := cached()
	v.hold = make(chan struct{})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got, err := c.Issue(t.Context(), of("alice@shop", "a/*", time.Hour)); err != nil || got.Token != "alice@shopa/*" {
				t.Error(err)
			}
		})
	}
	time.Sleep(20 * time.Millisecond) // most are waiting by now; the rest finds the key
	close(v.hold)
	wg.Wait()
	if v.calls.Load() != 1 {
		t.Errorf("%d calls for 20 equal requests", v.calls.Load())
	}
}

// Whose call was made for another's request does not suffer from that one's deadline.
func TestAFollowerOutlivesItsLeader(t *testing.T) {
	c, v, _ := cached()
	v.hold = make(chan struct{})
	v.fail = &Error{Kind: Timeout}
	leader := make(chan error)
	go func() { _, err := c.Issue(t.Context(), of("a", "a/*", time.Hour)); leader <- err }()
	for v.calls.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	follower := make(chan error)
	go func() { _, err := c.Issue(t.Context(), of("a", "a/*", time.Hour)); follower <- err }()
	time.Sleep(20 * time.Millisecond)
	close(v.hold)
	var refused *Error
	if err := <-leader; !errors.As(err, &refused) {
		t.Error("the leader's call failed, and it wasn't told")
	}
	<-follower
	if v.calls.Load() != 2 {
		t.Errorf("%d calls: the follower must ask for itself", v.calls.Load())
	}
}

// Who waits for another's call goes when its own time is over, not the other's.
func TestAFollowerKeepsItsOwnDeadline(t *testing.T) {
	c, v, _ := cached()
	v.hold = make(chan struct{})
	release := time.AfterFunc(10*time.Second, func() { close(v.hold) })
	defer release.Reset(0)
	go c.Issue(t.Context(), of("a", "a/*", time.Hour))
	for v.calls.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := c.Issue(ctx, of("a", "a/*", time.Hour))
	var refused *Error
	if !errors.As(err, &refused) || refused.Kind != Timeout || v.calls.Load() != 1 {
		t.Errorf("%v after %d calls", err, v.calls.Load())
	}
}

// What STS said to one of several equal requests, it said to all.
func TestFollowersShareARefusal(t *testing.T) {
	c, v, _ := cached()
	v.hold, v.fail = make(chan struct{}), &Error{Kind: Busy}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := c.Issue(t.Context(), of("a", "a/*", time.Hour)); err == nil {
				t.Error("no refusal")
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	close(v.hold)
	wg.Wait()
	if v.calls.Load() > 10 {
		t.Errorf("%d calls for 20 equal requests", v.calls.Load())
	}
}
