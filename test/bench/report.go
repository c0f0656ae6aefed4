package main

import (
	"bytes"
	"fmt"
	"io"
)

// report writes a run as Markdown: the aims first, then what was measured, each beside the naive handler.
func report(r *result) []byte {
	var w bytes.Buffer
	fmt.Fprintf(&w, "# Speed\n\nWritten by `go run ./test/bench%s`.\n%s.\n\n", flags(r), r.Machine)
	fmt.Fprintf(&w, `The naive handler is what the libraries' READMEs lead to ([naive](naive/main.go)); the Node sample is the qcloud-cos-sts
package's, on node:http ([node](node/server.js)); the empty handler is the runtime library alone ([empty](empty/main.go)). All
ask the same local STS over TLS, a process that gives a canned answer at once or after 20 ms and checks nothing; all send the same
%s token; all trust the same %d root certificates. (…×) compares with the naive handler. Rounds are interleaved.

`, r.Algorithm, r.Roots)
	aimTable := table{head: []string{"aim", "bound", "measured", ""}}
	for _, a := range aims(r) {
		aimTable.add(a.What, a.Bound, a.Got, a.mark())
	}
	aimTable.write(&w)
	startSection(&w, r)
	warmSection(&w, r)
	sizeSection(&w, r)
	idleSection(&w, r)
	sliceSection(&w, r)
	return w.Bytes()
}

func flags(r *result) (s string) {
	if r.Quick {
		s += " -quick"
	}
	if r.Algorithm != "RS256" {
		s += " -alg " + r.Algorithm
	}
	return s
}

func startSection(w io.Writer, r *result) {
	fmt.Fprintf(w, "\n## Cold start\n\nFrom exec to the first good answer, median and 99th percentile of %d; processor time of the process up to it.\n\n", len(r.Naive.Start.Time))
	t := table{head: []string{"", "ms", "p99 ms", "CPU ms"}}
	for _, m := range r.all() {
		if m != r.Cached { // one start stands for both settings
			t.add(m.Name, beside(median(m.Start.Time), median(r.Naive.Start.Time)), figures(percentile(m.Start.Time, 0.99)),
				beside(median(m.Start.CPU), median(r.Naive.Start.CPU)))
		}
	}
	t.write(w)
	if r.Skipped != "" {
		fmt.Fprintf(w, "\nThe Node sample is missing: %s.\n", r.Skipped)
	}
}

func warmSection(w io.Writer, r *result) {
	for _, part := range []struct {
		title, text string
		of          func(*measured) *warm
	}{
		{"One caller, STS answers at once", "", func(m *measured) *warm { return m.One }},
		{"One caller, STS takes 20 ms", "", func(m *measured) *warm { return m.FarOne }},
		{"Eight callers, STS answers at once", "The runtime library serves calls side by side. The callers, the STS and the function share the machine's cores.\n\n", func(m *measured) *warm { return m.Eight }},
		{"Eight callers, STS takes 20 ms", "", func(m *measured) *warm { return m.FarEight }},
	} {
		naive := part.of(r.Naive)
		fmt.Fprintf(w, "\n## %s\n\n%s", part.title, part.text)
		t := table{head: []string{"", "p50 ms", "p99 ms", "CPU µs/request", "answers/s", "connections/100"}}
		for _, m := range r.all() {
			if got := part.of(m); got != nil {
				t.add(m.Name, beside(p50(got), p50(naive)), beside(p99(got), p99(naive)), beside(median(got.CPU), median(naive.CPU)),
					beside(median(got.Rate), median(naive.Rate)), figures(100*float64(got.Connections)/float64(got.Requests)))
			}
		}
		t.write(w)
	}
}

func sizeSection(w io.Writer, r *result) {
	fmt.Fprintf(w, "\n## Memory and size\n\nPeak memory (VmHWM) after the rounds with an STS that answers at once. With the keys of %d users in its cache, all that it\nholds, this function's peak is %s MB. The zips are packed as small as deflate can.\n\n", cachedUsers, beside(r.FullCache, r.Naive.Memory))
	t := table{head: []string{"", "memory MB", "unpacked MB", "zip MB"}}
	for _, m := range r.all() {
		t.add(m.Name, beside(m.Memory, r.Naive.Memory), beside(float64(m.Binary)/1e6, float64(r.Naive.Binary)/1e6), beside(float64(m.Zip)/1e6, float64(r.Naive.Zip)/1e6))
	}
	t.write(w)
}

func idleSection(w io.Writer, r *result) {
	fmt.Fprintf(w, "\n## Idle and resume\n\nSTS closes a connection that was idle for %s; the instance is left alone for %s, and then asked. Failed first requests, where\nthe instance was frozen meanwhile (SIGSTOP, as the platform freezes it) and where it only had nothing to do. The cache is off.\n\n", stsIdle, idleFor)
	t := table{head: []string{"", "frozen", "idle"}}
	for _, m := range r.all() {
		if got := m.Resumed; got != nil {
			t.add(m.Name, fmt.Sprintf("%d of %d", got.Frozen, got.Rounds), fmt.Sprintf("%d of %d", got.Idle, got.Rounds))
		}
	}
	t.write(w)
}

func sliceSection(w io.Writer, r *result) {
	fmt.Fprintf(w, "\n## A tenth of a processor\n\n")
	if r.NoSlice != "" {
		fmt.Fprintf(w, "Not measured: %s.\n", r.NoSlice)
		return
	}
	fmt.Fprintf(w, "A control group gives the process %v in each %v, its start included. One caller, STS answers at once. Time comes in steps of\na period here, so read the medians of the start with care.\n\n", slicePeriod/10, slicePeriod)
	t := table{head: []string{"", "cold start ms", "CPU ms", "p50 ms", "p99 ms", "CPU µs/request", "answers/s"}}
	for _, m := range r.all() {
		cells := []string{m.Name, "", "", "", "", "", ""}
		if s := m.SliceStart; s != nil && m != r.Cached {
			cells[1], cells[2] = beside(median(s.Time), median(r.Naive.SliceStart.Time)), beside(median(s.CPU), median(r.Naive.SliceStart.CPU))
		}
		if s, naive := m.Slice, r.Naive.Slice; s != nil {
			cells[3], cells[4] = beside(p50(s), p50(naive)), beside(p99(s), p99(naive))
			cells[5], cells[6] = beside(median(s.CPU), median(naive.CPU)), beside(median(s.Rate), median(naive.Rate))
		}
		t.add(cells...)
	}
	t.write(w)
}
