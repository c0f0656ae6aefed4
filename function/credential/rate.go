package credential

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	// burstFor is how long a user who has been quiet may have saved up calls: twelve times the rate.
	burstFor = 12 * time.Second
	// maxMetered bounds one instance's memory. Who is forgotten is whoever has been quiet for longest, and whose
	// burst is most likely full again.
	maxMetered = 4096
)

// Rate holds each user to a number of calls of STS in a second, so that no login can use up the account's limit, which
// all share. It stands where STS is called: a key from the [Cache] costs nothing, and a second try counts.
type Rate struct {
	next  Issuer
	every time.Duration // one call
	now   func() time.Time

	mu    sync.Mutex
	users *simplelru.LRU[string, time.Time] // by session name, no two users share one: when their burst is full again
}

// NewRate puts a limit of calls a second for each user before an issuer.
func NewRate(next Issuer, perSecond int) *Rate {
	users, _ := simplelru.NewLRU[string, time.Time](maxMetered, nil) // an error is for sizes below 1 only
	return &Rate{next: next, every: time.Second / time.Duration(perSecond), now: time.Now, users: users}
}

// Issue implements [Issuer].
func (l *Rate) Issue(ctx context.Context, r Request) (Credential, error) {
	if wait := l.take(r.Session); wait > 0 {
		return Credential{}, &Error{
			Kind:       TooMany,
			Reason:     "this login has used up LOGIN_RATE: its client should keep a key until it is about to expire",
			RetryAfter: wait,
		}
	}
	return l.next.Issue(ctx, r)
}

// take counts one call, or says how long to wait for it: a token bucket, kept as the one moment at which it is full
// again. The wall clock's reading counts, because another may stand still while the instance is frozen; where it went
// back, a bucket is empty at worst.
func (l *Rate) take(session string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now().Round(0)
	full, _ := l.users.Get(session)
	switch {
	case full.Before(now):
		full = now
	case full.After(now.Add(burstFor)):
		full = now.Add(burstFor)
	}
	wait := full.Add(l.every).Sub(now) - burstFor
	if wait <= 0 {
		full = full.Add(l.every)
	}
	l.users.Add(session, full)
	return max(wait, 0)
}
