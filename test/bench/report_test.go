package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// example is a run as one might be: naive in round numbers, this function exactly at every bound.
func example() *result {
	of := func(name string, p50 time.Duration, rate, start, memory float64) *measured {
		w := &warm{Latency: []time.Duration{p50}, CPU: []float64{us(p50)}, Rate: []float64{rate}, Requests: 100}
		far := &warm{Latency: []time.Duration{p50 + 20*time.Millisecond}, CPU: []float64{us(p50)}, Rate: []float64{48}, Requests: 100}
		s := &starts{Time: []float64{start}, CPU: []float64{6}}
		return &measured{contender: contender{Name: name, Binary: 8e6, Zip: 1_000_000}, Start: s, One: w, Eight: w, FarOne: far, FarEight: far,
			Memory: memory, Resumed: &resumed{Rounds: 40}, SliceStart: s, Slice: w}
	}
	r := &result{
		Machine: "a machine", Algorithm: "RS256", Roots: 140, FullCache: 17,
		Empty: of("empty handler", 30*time.Microsecond, 20_000, 3, 10), Naive: of("naive handler", 200*time.Microsecond, 1000, 8, 10),
		Ours: of("this function", 200*time.Microsecond, 5000, 8, 12), Cached: of("this function, cached", 100*time.Microsecond, 9000, 8, 12),
		Node: of("Node sample", time.Millisecond, 900, 96, 100),
	}
	r.Cached.FarOne = &warm{Latency: []time.Duration{404 * time.Microsecond}, CPU: []float64{100}, Rate: []float64{2500}, Requests: 100}
	r.Empty.FarOne, r.Empty.FarEight, r.Empty.Resumed, r.Cached.Resumed, r.Empty.Slice = nil, nil, nil, nil, nil
	r.Ours.Zip = 1_150_000
	r.Naive.Resumed.Frozen = 15
	return r
}

func TestAims(t *testing.T) {
	for _, a := range aims(example()) {
		if !a.Met || !a.Known {
			t.Errorf("at its bound, %s is %s: %s, %s", a.What, a.mark(), a.Bound, a.Got)
		}
	}
	for what, worse := range map[string]func(*result){
		"warm request":                    func(r *result) { r.Ours.One = &warm{Latency: []time.Duration{201 * time.Microsecond}} },
		"cached request":                  func(r *result) { r.Cached.One = &warm{Latency: []time.Duration{101 * time.Microsecond}} },
		"cached request, STS takes 20 ms": func(r *result) { r.Cached.FarOne = &warm{Latency: []time.Duration{405 * time.Microsecond}} },
		"answers for 8 callers":           func(r *result) { r.Ours.Eight = &warm{Rate: []float64{4999}} },
		"cold start":                      func(r *result) { r.Ours.Start = &starts{Time: []float64{8.1}, CPU: []float64{6}} },
		"processor time to the first answer": func(r *result) {
			r.Ours.Start = &starts{Time: []float64{8}, CPU: []float64{6.01}}
		},
		"failures after a pause in which the instance was frozen": func(r *result) { r.Ours.Resumed = &resumed{Rounds: 40, Frozen: 1} },
		"failures after a pause in which it was idle":             func(r *result) { r.Ours.Resumed = &resumed{Rounds: 40, Idle: 1} },
		"peak memory": func(r *result) { r.Cached.Memory = 12.1 },
		"zip":         func(r *result) { r.Ours.Zip++ },
	} {
		r := example()
		worse(r)
		for _, a := range aims(r) {
			if a.Met == (a.What == what) {
				t.Errorf("with a worse %s, %s is %s", what, a.What, a.mark())
			}
		}
	}
	r := example()
	r.Node = nil
	for _, a := range aims(r) {
		if a.Known == strings.Contains(a.Bound, "Node") {
			t.Errorf("without Node, %s (%s) is %s", a.What, a.Bound, a.mark())
		}
	}
}

func TestReportOfAPartialRun(t *testing.T) {
	r := example()
	r.Node, r.Skipped, r.NoSlice = nil, "there is no node on this machine", "no control group can be made"
	text := string(report(r))
	for _, want := range []string{r.Skipped, r.NoSlice, "15 of 40", "a machine", "| this function "} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if strings.Contains(text, "NaN") {
		t.Error("the report says NaN")
	}
}

func TestPlotsAreWellFormed(t *testing.T) {
	noNode := example()
	noNode.Node = nil
	for name, plot := range map[string][]byte{"speed": speedPlot(example()), "without Node": speedPlot(noNode), "capacity": capacityPlot([]*curve{
		{frontEnd: frontEnds()[0], Points: []point{{100, counts{Calls: 20, Seconds: 300}}, {1e6, counts{Calls: 170_000, Seconds: 300}}}},
		{frontEnd: frontEnd{Name: `<"&`}, Points: []point{{100, counts{}}}},
	})} {
		decode := xml.NewDecoder(strings.NewReader(string(plot)))
		for {
			_, err := decode.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		for _, bad := range []string{"NaN", "Inf", `="-`} {
			if strings.Contains(string(plot), bad) {
				t.Errorf("%s: the plot holds %s", name, bad)
			}
		}
	}
}
