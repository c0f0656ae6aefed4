package main

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	stsIdle = time.Second             // after which the STS of these rounds hangs up
	idleFor = 1500 * time.Millisecond // how long an instance is left alone; results.md.tmpl says both
)

// resumed is how a contender comes back from a pause in which STS hung up.
type resumed struct {
	Rounds int
	Frozen int64 // failures of the first request after the instance was frozen, as the platform freezes it
	Idle   int64 // failures when it only had nothing to do
}

// measureResume has some instances of each contender idle side by side: what counts is failures, not time.
func (s stage) measureResume(ctx context.Context, who []*measured, instances, rounds int) error {
	group, ctx := errgroup.WithContext(ctx)
	for n := range instances * len(who) {
		m := who[n%len(who)]
		if n < len(who) {
			m.Resumed.Rounds = instances * rounds
		}
		for i, fails := range []*int64{&m.Resumed.Frozen, &m.Resumed.Idle} {
			group.Go(func() error {
				time.Sleep(time.Duration(2*n+i) * 14 * time.Millisecond) // so that they don't wake in a crowd
				return s.idleRounds(ctx, m.contender, rounds, i == 0, fails)
			})
		}
	}
	return group.Wait()
}

func (s stage) idleRounds(ctx context.Context, c contender, rounds int, frozen bool, fails *int64) error {
	p, err := s.start(ctx, c, 1)
	if err != nil {
		return err
	}
	defer p.stop()
	if err := p.callers[0](s.token); err != nil {
		return p.failed(err)
	}
	for n := 0; n < rounds && ctx.Err() == nil; n++ {
		if frozen {
			p.cmd.Process.Signal(freeze)
		}
		time.Sleep(idleFor)
		answered := make(chan error, 1)
		go func() { answered <- p.callers[0](s.token) }()
		if frozen {
			time.Sleep(2 * time.Millisecond) // the request has come, as the platform has it wait there
			p.cmd.Process.Signal(thaw)
		}
		if <-answered != nil {
			atomic.AddInt64(fails, 1)
		}
	}
	return ctx.Err()
}
