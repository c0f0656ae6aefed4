package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// starts is what starting a contender costs, to the first good answer.
type starts struct {
	Time []float64 // ms since exec
	CPU  []float64 // ms of processor time
}

// warm is what requests cost a contender that runs already.
type warm struct {
	Latency     []time.Duration // of every request
	CPU         []float64       // µs of processor time for a request, one value a round
	Rate        []float64       // answers in a second, one value a round
	Connections int             // to STS, opened meanwhile
}

// dropped is how many first rounds count for nothing: they bring the programs into the page cache.
const dropped = 2

// measureStarts starts every contender once a round.
func (s stage) measureStarts(ctx context.Context, who []*measured, rounds int, of func(*measured) *starts) error {
	for round := range dropped + rounds {
		for i := range who {
			m := who[(i+round)%len(who)]
			p, err := s.start(ctx, m.contender, 1)
			if err != nil {
				return err
			}
			if err := p.callers[0](s.token); err != nil {
				return p.failed(err)
			}
			took, cpu := time.Since(p.began), p.cpu()
			p.stop()
			if sum := of(m); round >= dropped {
				sum.Time, sum.CPU = append(sum.Time, ms(took)), append(sum.CPU, ms(cpu))
			}
		}
	}
	return nil
}

// mostCallers is how many connections every process has; a load uses as many of them as it needs.
const mostCallers = 8

// load is how requests come, and where what they cost is kept.
type load struct {
	callers int
	of      func(*measured) *warm
}

// measureWarm starts and warms up every contender, and asks each in turn for length, many times, so that what else the
// machine does meets all alike.
func (s stage) measureWarm(ctx context.Context, who []*measured, rounds int, length time.Duration, all ...load) error {
	var running []*process
	for _, m := range who {
		p, err := s.start(ctx, m.contender, mostCallers)
		if err != nil {
			return err
		}
		defer p.stop()
		if err := p.round(ctx, &warm{}, mostCallers, 300*time.Millisecond); err != nil {
			return err
		}
		running = append(running, p)
	}
	for _, l := range all {
		for round := range rounds {
			for i := range who {
				i = (i + round) % len(who)
				if err := running[i].round(ctx, l.of(who[i]), l.callers, length); err != nil {
					return err
				}
			}
		}
	}
	for i, m := range who {
		if m.Memory == 0 { // the first load tells: there, STS answers at once
			m.Memory = running[i].peakMemory()
		}
	}
	return nil
}

// round has some callers ask, each again as soon as it has its answer, and finish the request that they are at.
func (p *process) round(ctx context.Context, sum *warm, callers int, length time.Duration) error {
	latency, failed := make([][]time.Duration, callers), make([]error, callers)
	before, err := p.stage.sts.ask()
	if err != nil {
		return err
	}
	cpu, began := p.cpu(), time.Now()
	var asking sync.WaitGroup
	for i, one := range p.callers[:callers] {
		asking.Go(func() {
			for n := i; ctx.Err() == nil && failed[i] == nil && time.Since(began) < length; n += callers {
				token := p.stage.token
				if p.tokens != nil {
					token = p.tokens[n%len(p.tokens)]
				}
				asked := time.Now()
				failed[i] = one(token)
				latency[i] = append(latency[i], time.Since(asked))
			}
		})
	}
	asking.Wait()
	took, used := time.Since(began), p.cpu()-cpu
	after, err := p.stage.sts.ask()
	if err := errors.Join(append(failed, err, ctx.Err())...); err != nil {
		return p.failed(err)
	}
	got := slices.Concat(latency...)
	sum.Latency = append(sum.Latency, got...)
	sum.CPU = append(sum.CPU, us(used)/float64(len(got)))
	sum.Rate = append(sum.Rate, float64(len(got))/took.Seconds())
	sum.Connections += after - before
	return nil
}

// fullCache lets many users ask a contender, twice each, and returns the most memory that it came to hold, in MiB.
func (s stage) fullCache(ctx context.Context, c contender, users int) (float64, error) {
	p, err := s.start(ctx, c, mostCallers)
	if err != nil {
		return 0, err
	}
	defer p.stop()
	tokens, err := s.logins(users)
	if err != nil {
		return 0, err
	}
	for i := range 2 * users {
		if err := p.callers[i%mostCallers](tokens[i%users]); err != nil {
			return 0, p.failed(err)
		}
	}
	return p.peakMemory(), nil
}
