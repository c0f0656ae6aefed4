package main

import (
	"context"
	"fmt"
	"time"
)

// starts is what starting a contender costs, to the first good answer.
type starts struct {
	Time []float64 // ms since exec
	CPU  []float64 // ms of processor time
}

// dropped is how many first rounds count for nothing: they bring the programs into the page cache.
const dropped = 2

// measureStarts starts every contender once a round.
func (s stage) measureStarts(ctx context.Context, all []contender, rounds int) ([]starts, error) {
	out := make([]starts, len(all))
	for round := range rounds + dropped {
		for i := range all {
			i = (i + round) % len(all)
			took, cpu, err := s.startOnce(ctx, all[i])
			if err != nil {
				return nil, fmt.Errorf("start of %s: %w", all[i].Name, err)
			}
			if round >= dropped {
				out[i].Time = append(out[i].Time, ms(took))
				out[i].CPU = append(out[i].CPU, ms(cpu))
			}
		}
	}
	return out, nil
}

func (s stage) startOnce(ctx context.Context, c contender) (took, cpu time.Duration, err error) {
	p, err := s.start(c)
	if err != nil {
		return 0, 0, err
	}
	defer p.stop()
	caller, err := p.caller(ctx, s.token)
	if err != nil {
		return 0, 0, err
	}
	defer caller.close()
	err = caller.call()
	return time.Since(p.began), p.cpu(), err
}
