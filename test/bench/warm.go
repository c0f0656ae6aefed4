package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// runner is a running contender with its callers.
type runner struct {
	*process
	sts     *cannedSTS
	callers []caller
}

// warm is what requests cost a contender that runs already.
type warm struct {
	Latency     []time.Duration // of every request
	CPU         []float64       // µs of processor time for a request, one value a round
	Rate        []float64       // answers in a second, one value a round
	Requests    int
	Connections int // to STS, opened meanwhile
}

// mostCallers is how many connections every runner has; a measurement uses as many of them as it needs.
const mostCallers = 8

// run starts every contender and warms it up.
func (s stage) run(ctx context.Context, all []contender) (out []*runner, err error) {
	defer func() {
		if err != nil {
			stopAll(out)
		}
	}()
	for _, c := range all {
		p, err := s.start(c)
		if err != nil {
			return out, err
		}
		r := &runner{process: p, sts: s.sts}
		out = append(out, r)
		for range mostCallers {
			caller, err := p.caller(ctx, s.token)
			if err != nil {
				return out, err
			}
			r.callers = append(r.callers, caller)
		}
		if _, err := r.round(ctx, mostCallers, 300*time.Millisecond); err != nil {
			return out, err
		}
	}
	return out, nil
}

func stopAll(all []*runner) {
	for _, r := range all {
		for _, c := range r.callers {
			c.close()
		}
		r.stop()
	}
}

// measureWarm asks every runner in turn for length, many times, so that what else the machine does meets all alike.
func measureWarm(ctx context.Context, all []*runner, callers, rounds int, length time.Duration) ([]warm, error) {
	out := make([]warm, len(all))
	for round := range rounds {
		for i := range all {
			i = (i + round) % len(all)
			got, err := all[i].round(ctx, callers, length)
			if err != nil {
				return nil, err
			}
			out[i].Latency = append(out[i].Latency, got.Latency...)
			out[i].CPU = append(out[i].CPU, got.CPU...)
			out[i].Rate = append(out[i].Rate, got.Rate...)
			out[i].Requests += got.Requests
			out[i].Connections += got.Connections
		}
	}
	return out, nil
}

// round has some callers ask, each again as soon as it has its answer, and finish the request that they are at.
func (r *runner) round(ctx context.Context, callers int, length time.Duration) (warm, error) {
	latency, failed := make([][]time.Duration, callers), make([]error, callers)
	connections, err := r.sts.connections()
	if err != nil {
		return warm{}, err
	}
	cpu, began := r.cpu(), time.Now()
	var all sync.WaitGroup
	for i, c := range r.callers[:callers] {
		all.Go(func() {
			for ctx.Err() == nil && failed[i] == nil && time.Since(began) < length {
				asked := time.Now()
				failed[i] = c.call()
				latency[i] = append(latency[i], time.Since(asked))
			}
		})
	}
	all.Wait()
	took, cpu := time.Since(began), r.cpu()-cpu
	opened, err := r.sts.connections()
	w := warm{Latency: slices.Concat(latency...), Connections: opened - connections}
	w.Requests = len(w.Latency)
	if err := errors.Join(append(failed, err, ctx.Err())...); err != nil {
		return w, fmt.Errorf("%s: %w; it said: %s", r.Name, err, r.said)
	}
	w.CPU = []float64{us(cpu) / float64(w.Requests)}
	w.Rate = []float64{float64(w.Requests) / took.Seconds()}
	return w, nil
}

// fillCache lets many users ask a contender, twice each, and returns the most memory that it came to hold.
func (s stage) fillCache(ctx context.Context, c contender, users int) (float64, error) {
	all, err := s.run(ctx, []contender{c})
	if err != nil {
		return 0, err
	}
	defer stopAll(all)
	events := make([][]byte, users)
	for i := range events {
		token, err := s.login.token(fmt.Sprintf("user-%d", i))
		if err != nil {
			return 0, err
		}
		events[i] = event(token)
	}
	for range 2 {
		for i, e := range events {
			caller := all[0].callers[i%mostCallers].(*rpcCaller)
			caller.event = e
			if err := errors.Join(caller.call(), ctx.Err()); err != nil {
				return 0, err
			}
		}
	}
	return all[0].peakMemory()
}
