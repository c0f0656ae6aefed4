package credential

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

// leastLeft is the life that a cached key must have left to be handed out while STS is down: with less, COS clients ask
// again at once.
const leastLeft = time.Minute

// Cache hands out a key again to the same user for the same policy, while more than half of its life is left, and never
// one that outlives the login that asks, nor one that was cut to a login that ended sooner. Each instance has a cache
// of its own, and no request reaches it before its login has been verified.
//
// Two requests get the same key only if document, region, life and session name are the same; see [Request.cacheKeys].
// The session name tells users apart even where their documents are the same.
type Cache struct {
	next    Issuer
	keys    *keptKeys
	flights singleflight.Group
	now     func() time.Time
}

// NewCache puts a cache before an issuer.
func NewCache(next Issuer) *Cache {
	return &Cache{next: next, keys: newKeptKeys(), now: time.Now}
}

type cacheKey [sha256.Size]byte

// cacheKeys are where a key for the request may lie; a new one is kept under the last. Keys that were cut to the end of
// a login lie apart, so that they don't push out the one that a longer login has.
func (r Request) cacheKeys() []cacheKey {
	keyOf := func(cut bool) (id cacheKey) {
		rest, _ := json.Marshal([]any{r.Region, r.Full, r.Session, cut}) // it can't fail
		digest := sha256.New()
		digest.Write(rest)
		digest.Write(r.JSON)
		digest.Sum(id[:0])
		return id
	}
	if r.Life == r.Full {
		return []cacheKey{keyOf(false)}
	}
	return []cacheKey{keyOf(false), keyOf(true)}
}

// Issue implements [Issuer].
func (c *Cache) Issue(ctx context.Context, r Request) (Credential, error) {
	if len(r.JSON) == 0 {
		return c.next.Issue(ctx, r) // what it would open can't be told from what others open
	}
	now := c.now().Round(0) // the wall clock's: another may stand still while the instance is frozen
	var spare Credential
	ids := r.cacheKeys()
	for _, id := range ids {
		held, ok := c.keys.get(id)
		left := held.Expires.Sub(now)
		withinLogin := r.Until.IsZero() || !held.Expires.After(r.Until)
		if !ok || left <= leastLeft || now.Before(held.Issued.Add(-time.Minute)) || !withinLogin {
			continue
		}
		held.Cached = true
		if held.Life >= r.Life && left > held.Expires.Sub(held.Issued)/2 {
			return held, nil
		}
		spare = held
	}
	fresh, err := c.ask(ctx, ids[len(ids)-1], r)
	var refused *Error
	if spare.Cached && errors.As(err, &refused) && refused.Kind != Misconfigured {
		return spare, nil // STS is down; this key is as good as it was
	}
	return fresh, err
}

// ask lets one of several equal requests ask STS, for all. Each waits until its own deadline.
func (c *Cache) ask(ctx context.Context, id cacheKey, r Request) (Credential, error) {
	var first atomic.Bool
	flight := c.flights.DoChan(string(id[:]), func() (any, error) {
		first.Store(true)
		fresh, err := c.next.Issue(ctx, r)
		if err == nil {
			fresh.Issued, fresh.Life = fresh.Issued.Round(0), r.Life
			c.keys.add(id, r.Session, fresh)
		}
		return fresh, err
	})
	select {
	case <-ctx.Done():
		return Credential{}, noAnswer()
	case landed := <-flight:
		fresh, _ := landed.Val.(Credential)
		err := landed.Err
		if first.Load() {
			return fresh, err
		}
		// The request that was sent was another's, with its own deadline and its own end of the login.
		var refused *Error
		late := errors.As(err, &refused) && refused.Kind == Timeout
		short := err == nil && fresh.Life < r.Life
		if late || short || err == nil && !r.Until.IsZero() && fresh.Expires.After(r.Until) {
			return c.next.Issue(ctx, r)
		}
		fresh.Cached = err == nil
		return fresh, err
	}
}
