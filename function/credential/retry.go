package credential

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// leastTime is what must be left for another try: less than that is better spent on an answer.
	leastTime = 300 * time.Millisecond
	leastWait = 50 * time.Millisecond
	// throttledFor is how long a region that throttles is left out. Limits are counted by the second.
	throttledFor = time.Second
)

// Retry asks again where that may help: after a fault of STS or of the connection once, a moment later; and after a
// throttle at once, in the regions nearby. Keys work everywhere, and STS limits calls per API, region and sub-account.
// https://cloud.tencent.com/document/product/1312/48207
type Retry struct {
	next Issuer
	now  func() time.Time

	mu        sync.Mutex
	throttled map[string]time.Time // when a region throttled last: as many as the access file names, and those nearby
}

// NewRetry puts a second try before an issuer.
func NewRetry(next Issuer) *Retry {
	return &Retry{next: next, now: time.Now, throttled: map[string]time.Time{}}
}

// Issue implements [Issuer]. Of several refusals, the first is the one that says why.
func (r *Retry) Issue(ctx context.Context, request Request) (Credential, error) {
	places := r.open(request.Region)
	key, err := r.ask(ctx, request, places[0])
	var refused *Error
	if !errors.As(err, &refused) {
		return key, err
	}
	switch refused.again {
	case here:
		if second, errSecond := r.later(ctx, request, places[0]); errSecond == nil {
			return second, nil
		}
	case elsewhere:
		for _, region := range places[1:] {
			if !enough(ctx, 0) {
				break
			}
			if there, errThere := r.ask(ctx, request, region); errThere == nil {
				return there, nil
			}
		}
	}
	return key, err
}

// ask asks in one region, and remembers it if it throttles.
func (r *Retry) ask(ctx context.Context, request Request, region string) (Credential, error) {
	request.Region = region
	key, err := r.next.Issue(ctx, request)
	var refused *Error
	if errors.As(err, &refused) && refused.again == elsewhere {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.throttled[region] = r.now().Round(0)
	}
	return key, err
}

// later asks once more in a moment.
func (r *Retry) later(ctx context.Context, request Request, region string) (Credential, error) {
	wait := leastWait + rand.N(leastWait) // not all instances at the same moment
	if !enough(ctx, wait) {
		return Credential{}, context.DeadlineExceeded
	}
	select {
	case <-ctx.Done():
		return Credential{}, ctx.Err()
	case <-time.After(wait):
	}
	return r.ask(ctx, request, region)
}

func enough(ctx context.Context, wait time.Duration) bool {
	at, ok := ctx.Deadline()
	return !ok || time.Until(at) >= wait+leastTime
}

// open lists where to ask, nearest first, without the regions that have just throttled. If all have, it is the region
// itself: to ask everywhere again would make it worse.
func (r *Retry) open(region string) (places []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now().Round(0)
	for _, place := range append([]string{region}, neighbours(region)...) {
		since := now.Sub(r.throttled[place])
		if since < 0 || since >= throttledFor {
			places = append(places, place)
		}
	}
	if places == nil {
		return []string{region}
	}
	return places
}
