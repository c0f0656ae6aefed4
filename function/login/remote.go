package login

import (
	"context"
	"net/http"
	"sync"
	"time"

	"cos-credentials/policy/trust"
)

// How a key set from the network ages. An instance may be frozen between any two requests, so nothing happens but in
// one.
const (
	softAge      = 15 * time.Minute // then it is asked for again, unless Cache-Control says otherwise
	leastSoftAge = 5 * time.Minute  // what Cache-Control may say at least; at most hardAge
	hardAge      = 24 * time.Hour   // then it is no longer used, though the issuer be down
	retryWithKey = 30 * time.Second // from one fetch to the next, whatever tokens ask for
	retryWithout = 2 * time.Second  // the same while there is no key to use
	// FetchTimeout is for a key set, and for the document that says where it is.
	FetchTimeout = 2 * time.Second
)

// remoteKeys is a key set that is fetched when a request needs it.
type remoteKeys struct {
	fetch func(context.Context) (keySet, time.Duration, error)
	now   func() time.Time
	turn  chan struct{} // of size 1: who has put something in may fetch

	mu      sync.Mutex // guards what follows; never held during a fetch
	keys    keySet     // of the last good answer; nil before it
	loaded  time.Time  // when that came
	soft    time.Duration
	tried   time.Time // when the last fetch ended; the zero time before the first
	failure error     // what came of it
}

func newRemoteKeys(i trust.Issuer, client *http.Client, now func() time.Time) *remoteKeys {
	at := &endpoint{client: client, issuer: i.Spellings[0], jwksURI: i.JWKSURI, algorithms: i.Algorithms}
	return &remoteKeys{
		fetch: at.fetch,
		now:   func() time.Time { return now().Round(0) }, // drops the monotonic clock, which may stand still while frozen
		turn:  make(chan struct{}, 1),
	}
}

// candidates finds the key for a token. It fetches the set if there is none to use, if its soft age has passed, or if
// it has never heard of the kid, all within the limit of one fetch in retryWithKey.
//
// An expired token is good for at most a better word than "invalid", so any set at hand settles it. If there is none,
// the token loads the set like another would: its honest sender learns that it has expired, as the first on a new
// instance too, and an attacker can cause no fetch that an unexpired forgery would not.
func (r *remoteKeys) candidates(ctx context.Context, h joseHeader, expired bool) ([]any, error) {
	if keys, fresh := r.held(); fresh || expired && keys != nil {
		key, known := keys.find(h)
		if key != nil {
			return []any{key}, nil
		}
		if known || expired {
			return nil, noKey()
		}
	}
	failure := r.refresh(ctx)
	keys, _ := r.held()
	key, known := keys.find(h)
	switch {
	case key != nil:
		return []any{key}, nil
	case failure != nil && !known: // perhaps the issuer has made a new key and can't tell
		return nil, failure
	}
	return nil, noKey()
}

// held returns the keys at hand, nil if there are none to use, and whether their soft age lies ahead.
func (r *remoteKeys) held() (keys keySet, fresh bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	age := r.age()
	if age >= hardAge {
		return nil, false
	}
	return r.keys, r.keys != nil && age < r.soft
}

// age returns that of the keys. If the clock went back it can't be told: they count as due, and from now.
func (r *remoteKeys) age() time.Duration {
	now := r.now()
	if now.Before(r.loaded) {
		r.loaded, r.soft = now, 0
	}
	return now.Sub(r.loaded)
}

// refresh fetches the set, unless that was done so lately that it may not be done again. It returns nil if the last
// fetch, whosever it was, succeeded, and else a KeysUnavailable. One fetch at a time: who comes meanwhile waits for
// it, and shares what comes of it.
func (r *remoteKeys) refresh(ctx context.Context) error {
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
	}
	if ctx.Err() != nil { // a fetch that must fail would keep the next request from a better one
		return unavailable(refusal("the request ended before the issuer's keys could be asked for"), time.Second)
	}
	if wait := r.wait(); wait > 0 {
		return unavailable(r.failure, wait)
	}

	// Others may wait for this fetch: it ends with this request's time, but not with this client's patience.
	fetch, cancel := context.WithTimeout(context.WithoutCancel(ctx), FetchTimeout)
	defer cancel()
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		fetch, cancel = context.WithDeadline(fetch, deadline)
		defer cancel()
	}
	keys, soft, err := r.fetch(fetch)

	r.mu.Lock()
	r.tried, r.failure = r.now(), err
	if err == nil { // an answer that can't be used never replaces one that could
		r.keys, r.loaded, r.soft = keys, r.tried, soft
	}
	r.mu.Unlock()
	return unavailable(err, r.wait())
}

// wait returns how long no fetch is due; after the clock went back one is.
func (r *remoteKeys) wait() time.Duration {
	keys, _ := r.held()
	interval := retryWithKey
	if keys == nil {
		interval = retryWithout
	}
	since := r.now().Sub(r.tried)
	if since < 0 {
		return 0
	}
	return interval - since
}

// unavailable is nil if there was no failure.
func unavailable(failure error, wait time.Duration) error {
	if failure == nil {
		return nil
	}
	seconds := max(1, (wait+time.Second-1)/time.Second)
	return &Error{Kind: KeysUnavailable, Reason: failure.Error(), RetryAfter: seconds * time.Second}
}
