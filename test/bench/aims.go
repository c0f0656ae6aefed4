package main

import (
	"fmt"
	"math"
)

// aim is a bound that the function is held to, mostly a ratio of two numbers of one run.
type aim struct {
	What  string
	Bound string
	Got   string
	Met   bool
	Known bool // false: it was not measured here
}

func (a aim) mark() string {
	switch {
	case !a.Known:
		return "–"
	case a.Met:
		return "✓"
	}
	return "✗"
}

func p50(w *warm) float64 { return ms(percentile(w.Latency, 0.50)) }
func p99(w *warm) float64 { return ms(percentile(w.Latency, 0.99)) }

// aims holds a run to all of them.
func aims(r *result) []aim {
	atMost := func(what string, got, bound float64, than, format string) aim {
		if math.IsNaN(got) {
			return aim{What: what, Bound: "at most " + than, Got: "not measured"}
		}
		return aim{what, "at most " + than, fmt.Sprintf(format, got), got <= bound, true}
	}
	times := "%.3g ×"
	node := math.NaN()
	if r.Node != nil {
		node = ratio(median(r.Ours.Start.Time), median(r.Node.Start.Time))
	}
	throughput := ratio(median(r.Ours.Eight.Rate), median(r.Naive.Eight.Rate))
	fails := func(n int) aim {
		return aim{"", "none", fmt.Sprintf("%d of %d", n, r.Ours.Resumed.Rounds), n == 0, true}
	}
	frozen, idle := fails(r.Ours.Resumed.Frozen), fails(r.Ours.Resumed.Idle)
	frozen.What, idle.What = "failures after a pause in which the instance was frozen", "failures after a pause in which it was idle"
	return []aim{
		atMost("warm request", ratio(p50(r.Ours.One), p50(r.Naive.One)), 1, "1.0 × naive", times),
		atMost("cached request", ratio(p50(r.Cached.One), p50(r.Naive.One)), 0.5, "0.5 × naive", times),
		atMost("cached request, STS takes 20 ms", ratio(p50(r.Cached.FarOne), p50(r.Naive.FarOne)), 0.02, "0.02 × naive", times),
		{"answers for 8 callers", "at least 5 × naive", fmt.Sprintf(times, throughput), throughput >= 5, true},
		atMost("cold start", ratio(median(r.Ours.Start.Time), median(r.Naive.Start.Time)), 1, "1.0 × naive", times),
		atMost("cold start", node, 1.0/12, "1/12 of Node", "%.3f ×"),
		atMost("processor time to the first answer", median(r.Ours.Start.CPU), 6, "6 ms", "%.2f ms"),
		frozen, idle,
		atMost("peak memory", ratio(max(r.Ours.Memory, r.Cached.Memory), r.Naive.Memory), 1.2, "1.2 × naive", times),
		atMost("zip", ratio(float64(r.Ours.Zip), float64(r.Naive.Zip)), 1.15, "1.15 × naive", times),
	}
}
