package main

import "fmt"

// aim is a bound that the function is held to, mostly a ratio of two numbers of one run.
type aim struct {
	what  string
	least bool // the bound is a lower one
	bound float64
	unit  string
	got   float64
}

// met is false for what was not measured (NaN).
func (a aim) met() bool {
	if a.least {
		return a.got >= a.bound
	}
	return a.got <= a.bound
}

func (a aim) row() []string {
	which, mark := "at most", "✗"
	if a.least {
		which = "at least"
	}
	if a.met() {
		mark = "✓"
	}
	return []string{a.what, fmt.Sprintf("%s %g %s", which, a.bound, a.unit), fmt.Sprintf("%.3g", a.got), mark}
}

const timesNaive = "× naive"

// aims holds a run to all of them.
func aims(r *result) []aim {
	naive, plain, cached := r.Naive, r.Ours, r.Cached
	ofFailures := fmt.Sprintf("of %d", plain.Resumed.Rounds)
	return []aim{
		{"warm request, not cached", false, 1, timesNaive, ratio(plain.OneNear.p50(), naive.OneNear.p50())},
		{"cached request", false, 0.45, timesNaive, ratio(cached.OneNear.p50(), naive.OneNear.p50())},
		{"cached request, STS takes 20 ms", false, 0.01, timesNaive, ratio(cached.OneFar.p50(), naive.OneFar.p50())},
		{"answers for 8 callers", true, 6, timesNaive, ratio(median(plain.EightNear.Rate), median(naive.EightNear.Rate))},
		{"cold start", false, 0.85, timesNaive, ratio(median(plain.Start.Time), median(naive.Start.Time))},
		{"processor time to the first answer", false, 1, timesNaive, ratio(median(plain.Start.CPU), median(naive.Start.CPU))},
		{"failures after a pause in which the instance was frozen", false, 0, ofFailures, float64(plain.Resumed.Frozen)},
		{"failures after a pause in which it was idle", false, 0, ofFailures, float64(plain.Resumed.Idle)},
		{"peak memory with 1,000 keys cached", false, 32, "MiB", r.FullCache},
		{"zip", false, 1.15, timesNaive, ratio(float64(plain.Zip), float64(naive.Zip))},
	}
}
