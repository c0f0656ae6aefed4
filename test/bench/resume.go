package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	stsIdle  = time.Second             // after which the STS of these rounds hangs up
	idleFor  = 1500 * time.Millisecond // how long an instance is left alone
	queueFor = 2 * time.Millisecond    // in which a request reaches the frozen instance, as the platform has it wait there
)

// resumed is how a contender comes back from a pause in which STS hung up.
type resumed struct {
	Rounds int
	Frozen int // failures of the first request after the instance was frozen, as the platform freezes it between requests
	Idle   int // failures when it only had nothing to do
	Says   string
}

// measureResume has some instances of each contender idle side by side: what counts is failures, not time.
func (s stage) measureResume(ctx context.Context, all []contender, instances, rounds int) ([]resumed, error) {
	out := make([]resumed, len(all))
	var mu sync.Mutex
	var wg sync.WaitGroup
	var failed error
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for i, c := range all {
		for n := range 2 * instances {
			freeze := n%2 == 0
			wg.Go(func() {
				// A few milliseconds between the instances, so that they don't wake in a crowd.
				if !pause(ctx, time.Duration(2*n*len(all)+2*i)*7*time.Millisecond) {
					return
				}
				fails, says, err := s.idleRounds(ctx, c, rounds, freeze)
				mu.Lock()
				defer mu.Unlock()
				if err != nil && failed == nil {
					failed = fmt.Errorf("idle rounds of %s: %w", c.Name, err)
					cancel()
				}
				if says != "" {
					out[i].Says = says
				}
				if freeze {
					out[i].Frozen += fails
					out[i].Rounds += rounds
				} else {
					out[i].Idle += fails
				}
			})
		}
	}
	wg.Wait()
	return out, failed
}

func (s stage) idleRounds(ctx context.Context, c contender, rounds int, freeze bool) (fails int, says string, err error) {
	p, err := s.start(c)
	if err != nil {
		return 0, "", err
	}
	defer p.stop()
	caller, err := p.caller(ctx, s.token)
	if err != nil {
		return 0, "", err
	}
	defer caller.close()
	if err := caller.call(); err != nil {
		return 0, "", err
	}
	for range rounds {
		if freeze {
			p.freeze()
		}
		if !pause(ctx, idleFor) {
			return fails, says, ctx.Err()
		}
		answered := make(chan error, 1)
		go func() { answered <- caller.call() }()
		if freeze {
			time.Sleep(queueFor)
			p.thaw()
		}
		if err := <-answered; err != nil {
			fails++
			says = err.Error()
		}
	}
	return fails, says, nil
}

// pause waits, and reports whether it could wait to the end.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
