package login

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestKeysAreFetchedWhenNeeded(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	if p.fetches.Load() != 0 {
		t.Error("New asked the issuer")
	}
	for range 5 {
		p.expect(t, v, token("rsa"), accepted, 1)
	}
	p.advance(softAge - 1)
	p.expect(t, v, token("rsa"), accepted, 1)
	p.advance(1)
	p.expect(t, v, token("rsa"), accepted, 2)
	p.expect(t, v, token("rsa"), accepted, 2)
}

// Whatever shows without a key costs no fetch, not even of the first set.
func TestGarbageCostsNoFetch(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	issuer := v.issuers[shop().Spellings[0]]
	issuer.Algorithms, issuer.MaxLifetime = victims()[0].Algorithms, victims()[0].MaxLifetime
	for _, a := range attacks() {
		needsKey := strings.Contains(a.name, "other key") || strings.Contains(a.name, "unknown kid") || strings.Contains(a.name, "x5c")
		switch a.class {
		case "alg_none", "header_keys", "crit", "typ", "form", "json", "time", "iss", "aud", "sub", "cnf":
			if a.want == Invalid && !needsKey {
				p.expect(t, v, a.token, Invalid, 0)
			}
		}
		if t.Failed() {
			t.Fatal(a.class, a.name)
		}
	}
}

func TestUnknownKidsCostOneFetchIn30Seconds(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	p.expect(t, v, token("rsa"), accepted, 1)
	for n := range 20 {
		p.expect(t, v, token(fmt.Sprint("random", n)), Invalid, 1)
	}
	p.advance(retryWithKey - 1)
	p.expect(t, v, token("random"), Invalid, 1)
	p.advance(1)
	for n := range 20 {
		p.expect(t, v, token(fmt.Sprint("random", n)), Invalid, 2)
	}
	// Neither a bad signature nor a known kid with another alg is a reason to ask.
	p.advance(retryWithKey)
	p.expect(t, v, sign("RS256", keyring().rsa2, `{"alg":"RS256","kid":"rsa"}`, shopClaims), Invalid, 2)
	p.expect(t, v, token("rsa"), accepted, 2)
}

func TestRotation(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	p.expect(t, v, token("rsa"), accepted, 1)
	p.publish(rsaSet("rsa", "next"))
	p.advance(retryWithKey)
	p.expect(t, v, token("next"), accepted, 2)
	p.expect(t, v, token("rsa"), accepted, 2)
	p.publish(rsaSet("next")) // the old key is withdrawn
	p.advance(softAge)
	p.expect(t, v, token("next"), accepted, 3)
	p.expect(t, v, token("rsa"), Invalid, 3)
}

func TestOutageAtTheStart(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	p.fail()
	e := p.expect(t, v, token("rsa"), KeysUnavailable, 1)
	if e.RetryAfter != retryWithout {
		t.Error(e.RetryAfter)
	}
	p.advance(500 * time.Millisecond)
	if e := p.expect(t, v, token("rsa"), KeysUnavailable, 1); e.RetryAfter != 2*time.Second { // 1.5 s, rounded up
		t.Error(e.RetryAfter)
	}
	p.advance(time.Second)
	if e := p.expect(t, v, token("rsa"), KeysUnavailable, 1); e.RetryAfter != time.Second {
		t.Error(e.RetryAfter)
	}
	p.advance(500 * time.Millisecond)
	p.expect(t, v, token("rsa"), KeysUnavailable, 2)
	p.publish(rsaSet("rsa"))
	p.advance(retryWithout)
	p.expect(t, v, token("rsa"), accepted, 3)
}

func TestOutageLater(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	p.expect(t, v, token("rsa"), accepted, 1)
	p.fail()
	p.advance(softAge)
	p.expect(t, v, token("rsa"), accepted, 2) // with the keys at hand
	p.expect(t, v, token("rsa"), accepted, 2)
	if e := p.expect(t, v, token("next"), KeysUnavailable, 2); e.RetryAfter != retryWithKey {
		t.Error(e.RetryAfter)
	}
	if p.expect(t, v, sign("RS256", keyring().rsa2, `{"alg":"RS256","kid":"rsa"}`, shopClaims), Invalid, 2); t.Failed() {
		t.Error("a known key's bad signature is no matter of the outage")
	}
	p.advance(retryWithKey)
	p.expect(t, v, token("rsa"), accepted, 3)
	p.advance(hardAge - softAge - retryWithKey - 1)
	p.expect(t, v, token("rsa"), accepted, 4)
	p.advance(retryWithKey)
	p.expect(t, v, token("rsa"), KeysUnavailable, 5) // 24 h after the last good answer
	p.expect(t, v, token("next"), KeysUnavailable, 5)
	p.advance(retryWithout) // there is no key left, so it is asked for soon
	p.publish(rsaSet("rsa"))
	p.expect(t, v, token("rsa"), accepted, 6)
	p.expect(t, v, token("next"), Invalid, 6)
}

// A kid that a failing issuer may have made is not the client's fault; one that is known is.
func TestKnownKidInAnOutage(t *testing.T) {
	p := newIDP(t)
	p.publish(jwks(jwk(keyring().rsa.Public(), "kid", "rsa"), jwk(keyring().p256.Public(), "kid", "p256")))
	v := p.verifier(t)
	v.issuers["https://login.example.com/"].Algorithms = []string{"RS256", "ES256"}
	v.issuers["https://login.example.com/"].public.(*remoteKeys).fetch = (&endpoint{
		client: newClient(nil), jwksURI: p.URL, algorithms: []string{"RS256", "ES256"},
	}).fetch
	p.expect(t, v, token("rsa"), accepted, 1)
	p.fail()
	p.advance(softAge)
	p.expect(t, v, token("p256"), Invalid, 2)
}

func TestExpiredTokens(t *testing.T) {
	expired := func(kid string) string {
		return sign("RS256", keyring().rsa, `{"alg":"RS256","kid":"`+kid+`"}`, claimsWith("exp", "1700000000"))
	}
	forged := sign("RS256", keyring().rsa2, `{"alg":"RS256","kid":"rsa"}`, claimsWith("exp", "1700000000"))
	p := newIDP(t)
	v := p.verifier(t)
	p.expect(t, v, expired("rsa"), Expired, 1) // the first on this instance
	p.expect(t, v, forged, Invalid, 1)
	p.advance(softAge + retryWithKey) // keys at hand are good enough, and an unknown kid is no reason to ask
	p.expect(t, v, expired("rsa"), Expired, 1)
	p.expect(t, v, expired("next"), Invalid, 1)
	p.expect(t, v, forged, Invalid, 1)
	p.fail()
	p.advance(hardAge)
	p.expect(t, v, expired("rsa"), KeysUnavailable, 2)
	for range 9 {
		p.expect(t, v, forged, KeysUnavailable, 2)
	}
	p.publish(rsaSet("rsa"))
	p.advance(retryWithout)
	p.expect(t, v, expired("next"), Invalid, 3)
	p.expect(t, v, expired("rsa"), Expired, 3)
}

// Within the leeway a token has not expired, and may ask for its key like any other.
func TestLeewayBeforeFetch(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	p.expect(t, v, token("rsa"), accepted, 1)
	p.publish(rsaSet("next"))
	p.advance(retryWithKey)
	p.expect(t, v, sign("RS256", keyring().rsa, `{"alg":"RS256","kid":"next"}`, claimsWith("exp", "1800000010")), accepted, 2)
}

func TestWallClock(t *testing.T) {
	now := newRemoteKeys(shop(), nil, time.Now).now
	if text := now().String(); strings.Contains(text, "m=") {
		t.Errorf("%s has a monotonic reading, which stands still while an instance is frozen", text)
	}
}

// Ages are those of the wall clock; when it goes back they can't be told, and the keys are asked for again.
func TestClockGoesBack(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	p.expect(t, v, token("rsa"), accepted, 1)
	p.advance(-time.Hour)
	p.expect(t, v, token("rsa"), accepted, 2)
	p.expect(t, v, token("rsa"), accepted, 2)
	p.fail()
	p.advance(-time.Hour)
	p.expect(t, v, token("rsa"), accepted, 3)
	p.expect(t, v, token("rsa"), accepted, 3)
	p.advance(hardAge) // counted from when it went back
	p.expect(t, v, token("rsa"), KeysUnavailable, 4)
}

func TestHungIssuer(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	hang := func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	p.serve(hang)
	v := p.verifier(t)
	// The fetch ends with the request's deadline, or at its own limit if that comes first: before the other of the two.
	const soon = FetchTimeout / 4 // long enough for the request to arrive, on a machine that is busy
	for deadline, limit := range map[time.Duration]time.Duration{soon: soon, time.Minute: FetchTimeout} {
		start := time.Now() // before the deadline is set, or the time may seem too short
		ctx, cancel := context.WithTimeout(t.Context(), deadline)
		_, err := v.Verify(ctx, token("rsa"))
		cancel()
		if kind := outcome(t, err); kind != KeysUnavailable || !strings.Contains(err.Error(), "in time") {
			t.Error(err)
		}
		if took, other := time.Since(start), max(deadline, FetchTimeout); took < limit || took >= other {
			t.Errorf("took %v, limit %v", took, limit)
		}
		p.advance(retryWithout)
	}
	// A request that is over can't fetch, and doesn't use up the next one's turn.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p.publish(rsaSet("rsa"))
	if _, err := v.Verify(ctx, token("rsa")); outcome(t, err) != KeysUnavailable {
		t.Error(err)
	}
	p.expect(t, v, token("rsa"), accepted, 3)
}

// The client that hangs up doesn't take the fetch along, for which others wait.
func TestFetchOutlivesItsClient(t *testing.T) {
	p := newIDP(t)
	arrived, answer := make(chan struct{}), make(chan struct{})
	p.serve(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-answer
		fmt.Fprint(w, rsaSet("rsa"))
	})
	v := p.verifier(t)
	ctx, hangUp := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := v.Verify(ctx, token("rsa")); err != nil {
			t.Error(err)
		}
	})
	<-arrived
	hangUp()
	group.Go(func() {
		if _, err := v.Verify(t.Context(), token("rsa")); err != nil {
			t.Error(err)
		}
	})
	// One that can't wait goes away by itself.
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := v.Verify(short, token("rsa")); outcome(t, err) != KeysUnavailable {
		t.Error(err)
	}
	close(answer)
	group.Wait()
	if n := p.fetches.Load(); n != 1 {
		t.Errorf("%d fetches", n)
	}
}

// Who can't wait for another's fetch still has the keys at hand, though they are due.
func TestAWaiterUsesTheKeysAtHand(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	p.expect(t, v, token("rsa"), accepted, 1)
	arrived, answer := make(chan struct{}), make(chan struct{})
	p.serve(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-answer
		fmt.Fprint(w, rsaSet("next"))
	})
	p.advance(softAge)
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := v.Verify(t.Context(), token("next")); err != nil {
			t.Error(err)
		}
	})
	<-arrived
	for kid, want := range map[string]Kind{"rsa": accepted, "next": KeysUnavailable} {
		short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if _, err := v.Verify(short, token(kid)); outcome(t, err) != want {
			t.Errorf("%s: %v", kid, err)
		}
		cancel()
	}
	close(answer)
	group.Wait()
	p.expect(t, v, token("next"), accepted, 2)
	p.expect(t, v, token("rsa"), Invalid, 2)
}

func TestConcurrentRequestsShareAFetch(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	for round := int64(1); round <= 5; round++ {
		var group sync.WaitGroup
		for n := range 32 {
			kid, want := "rsa", accepted
			if n%4 == 3 {
				kid, want = fmt.Sprint("random", n), Invalid
			}
			group.Go(func() {
				if _, err := v.Verify(t.Context(), token(kid)); outcome(t, err) != want {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := p.fetches.Load(); n != round {
			t.Errorf("%d fetches in %d rounds", n, round)
		}
		p.advance(softAge)
	}
}
