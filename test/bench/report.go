package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"text/template"
)

//go:embed results.md.tmpl
var resultsPage string

// report writes a run as Markdown: the aims first, then what was measured, each beside the naive handler.
func report(r *result) []byte { return fill(resultsPage, r) }

// fill panics for a fault of the template, which a test finds.
func fill(page string, data any) []byte {
	var w bytes.Buffer
	if err := template.Must(template.New("page").Parse(page)).Execute(&w, data); err != nil {
		panic(err)
	}
	return w.Bytes()
}

func (r *result) FullPeak() string  { return beside(r.FullCache, r.Naive.Memory) }
func (r *result) OneNear() string   { return r.warmTable(oneNear) }
func (r *result) OneFar() string    { return r.warmTable(oneFar) }
func (r *result) EightNear() string { return r.warmTable(eightNear) }
func (r *result) EightFar() string  { return r.warmTable(eightFar) }

func (r *result) AimTable() string {
	rows := [][]string{{"aim", "bound", "measured", ""}}
	for _, a := range aims(r) {
		rows = append(rows, a.row())
	}
	return markdown(rows)
}

func (r *result) StartTable() string {
	return r.table([]string{"ms", "p99 ms", "CPU ms"}, func(m, naive *measured) []string {
		return []string{
			beside(median(m.Start.Time), median(naive.Start.Time)),
			figures(percentile(m.Start.Time, 0.99)),
			beside(median(m.Start.CPU), median(naive.Start.CPU)),
		}
	})
}

var warmHead = []string{"p50 ms", "p99 ms", "CPU µs/request", "answers/s"}

func (w *warm) cells(naive *warm) []string {
	return []string{
		beside(w.p50(), naive.p50()),
		beside(w.p99(), naive.p99()),
		beside(median(w.CPU), median(naive.CPU)),
		beside(median(w.Rate), median(naive.Rate)),
	}
}

func (r *result) warmTable(l load) string {
	return r.table(append(warmHead, "connections/100"), func(m, naive *measured) []string {
		got := l.of(m)
		return append(got.cells(l.of(naive)), figures(100*float64(got.Connections)/float64(len(got.Latency))))
	})
}

func (r *result) SizeTable() string {
	return r.table([]string{"memory MiB", "unpacked MB", "zip MB"}, func(m, naive *measured) []string {
		return []string{
			beside(m.Memory, naive.Memory),
			beside(float64(m.Unpacked)/1e6, float64(naive.Unpacked)/1e6),
			beside(float64(m.Zip)/1e6, float64(naive.Zip)/1e6),
		}
	})
}

func (r *result) IdleTable() string {
	rows := [][]string{{"", "frozen", "idle"}}
	for _, m := range r.idling() {
		of := func(fails int64) string { return fmt.Sprintf("%d of %d", fails, m.Resumed.Rounds) }
		rows = append(rows, []string{m.Name, of(m.Resumed.Frozen), of(m.Resumed.Idle)})
	}
	return markdown(rows)
}

func (r *result) SliceTable() string {
	return r.table(append([]string{"cold start ms", "CPU ms"}, warmHead...), func(m, naive *measured) []string {
		return append([]string{
			beside(median(m.SliceStart.Time), median(naive.SliceStart.Time)),
			beside(median(m.SliceStart.CPU), median(naive.SliceStart.CPU)),
		}, m.Slice.cells(&naive.Slice)...)
	})
}

// table has a row for each contender that could be compared.
func (r *result) table(head []string, cells func(m, naive *measured) []string) string {
	rows := [][]string{append([]string{""}, head...)}
	for _, m := range r.all() {
		if row := cells(m, r.Naive); strings.Contains(strings.Join(row, ""), "×") {
			rows = append(rows, append([]string{m.Name}, row...))
		}
	}
	return markdown(rows)
}
