package main

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
	"time"
)

// example is a run as one might be: naive in round numbers, this function exactly at every bound.
func example() *result {
	of := func(name string, near, far time.Duration, rate, start float64) *measured {
		s := starts{Time: []float64{start}, CPU: []float64{6}}
		n, f := requests(near, rate), requests(far, 48)
		return &measured{
			contender: contender{Name: name, Unpacked: 8e6, Zip: 1_000_000},
			Start:     s, SliceStart: s, OneNear: n, OneFar: f, EightNear: n, EightFar: f, Slice: n,
			Memory: 10, Resumed: resumed{Rounds: 40},
		}
	}
	r := &result{
		Machine:   `a <"&> machine`,
		FullCache: 32,
		Empty:     &measured{contender: contender{Name: "empty handler"}, OneNear: requests(time.Microsecond, 20_000)},
		Naive:     of("naive handler", 200*time.Microsecond, 20*time.Millisecond, 1000, 8),
		Ours:      of("this function", 200*time.Microsecond, 20*time.Millisecond, 6000, 6.8),
		New:       of("this function, new tokens", 210*time.Microsecond, 20*time.Millisecond, 5000, 6.8),
		Cached:    of("this function, cached", 90*time.Microsecond, 200*time.Microsecond, 9000, 6.8),
		Node:      of("Node sample", time.Millisecond, 21*time.Millisecond, 900, 96),
	}
	r.Ours.Zip = 1_150_000
	r.Naive.Resumed.Frozen = 15
	return r
}

func requests(latency time.Duration, rate float64) warm {
	return warm{Latency: []time.Duration{latency}, CPU: []float64{us(latency)}, Rate: []float64{rate}}
}

func TestAims(t *testing.T) {
	// How each aim is missed by a little, in their order.
	miss := []func(r *result){
		func(r *result) { r.Ours.OneNear = requests(201*time.Microsecond, 6000) },
		func(r *result) { r.Cached.OneNear = requests(91*time.Microsecond, 9000) },
		func(r *result) { r.Cached.OneFar = requests(201*time.Microsecond, 9000) },
		func(r *result) { r.Ours.EightNear = requests(200*time.Microsecond, 5999) },
		func(r *result) { r.Ours.Start.Time = []float64{6.81} },
		func(r *result) { r.Ours.Start.CPU = []float64{6.01} },
		func(r *result) { r.Ours.Resumed.Frozen = 1 },
		func(r *result) { r.Ours.Resumed.Idle = 1 },
		func(r *result) { r.FullCache = 32.1 },
		func(r *result) { r.Ours.Zip++ },
	}
	if got := len(aims(example())); got != len(miss) {
		t.Fatalf("there are %d aims, and %d are tried", got, len(miss))
	}
	for i, worse := range miss {
		r := example()
		worse(r)
		for n, a := range aims(r) {
			if !aims(example())[n].met() || a.met() == (n == i) {
				t.Errorf("with aim %d a little worse, aim %d: %q", i, n, a.row())
			}
		}
	}
	r := example()
	r.Naive.OneFar = warm{}
	if a := aims(r)[2]; a.met() {
		t.Errorf("what was not measured is met: %q", a.row())
	}
}

func TestReportOfAPartialRun(t *testing.T) {
	r := example()
	r.NoSlice = "no control group can be made"
	text := string(report(r))
	for _, want := range []string{r.NoSlice, "15 of 40", r.Machine, "| this function "} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if strings.Contains(text, "NaN") {
		t.Error("the report says NaN")
	}
}

func TestPlotIsWellFormed(t *testing.T) {
	text := speedPlot(example())
	err := xml.Unmarshal(text, &struct{}{})
	if err != nil || bytes.Contains(text, []byte("NaN")) || !bytes.Contains(text, []byte("this function")) {
		t.Errorf("%v in the plot\n%s", err, text)
	}
}
