package credential

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

const (
	// leastTime is what must be left of the invocation for a second try: less than that is better spent on an answer.
	leastTime = margin + 300*time.Millisecond
	leastWait = 50 * time.Millisecond
)

// regions take turns for each other when one throttles: STS limits calls per API, region and sub-account, and keys work
// everywhere. https://cloud.tencent.com/document/product/1312/48207
var regions = []string{"ap-guangzhou", "ap-shanghai", "ap-beijing"}

// Retry asks a second time where that may help: after a fault of STS or of the connection a moment later, and after a
// throttle at once, in another region.
type Retry struct{ Issuer }

// Issue implements [Issuer].
func (r Retry) Issue(ctx context.Context, request Request) (Credential, error) {
	key, err := r.Issuer.Issue(ctx, request)
	var refused *Error
	if !errors.As(err, &refused) || refused.again == nowhere {
		return key, err
	}
	var wait time.Duration
	if refused.again == here {
		wait = leastWait + rand.N(leastWait) // not all instances at the same moment
	} else {
		request.Region = otherThan(request.Region)
	}
	if at, ok := ctx.Deadline(); ok && time.Until(at) < wait+leastTime {
		return key, err
	}
	select {
	case <-ctx.Done():
		return key, err
	case <-time.After(wait):
	}
	return r.Issuer.Issue(ctx, request)
}

func otherThan(region string) string {
	for _, r := range regions {
		if r != region {
			return r
		}
	}
	return region
}
