package main

import (
	_ "embed"
	"fmt"
)

// The plot's background is transparent, and its greys lie half-way between white and the dark of code hosts, so that it
// reads on both: what colour scheme a page has, an image can't know. Text is 4:1 against white and against #0d1117.
//
//go:embed speed.svg.tmpl
var speedDrawing string

// speedPlot draws what users and operators feel: the start, one request, many at once, and the first after a pause.
func speedPlot(r *result) []byte {
	uncached, warmed := []*measured{r.Ours, r.Naive, r.Node}, []*measured{r.Cached, r.Ours, r.Naive, r.Node}
	colours := map[*measured]string{r.Cached: "#1b9e77", r.Ours: "#2f81f7", r.Naive: "#8b949e", r.Node: "#c2711c"}
	var panels []map[string]any
	for i, p := range []struct {
		title, format string
		who           []*measured
		value         func(*measured) float64
	}{
		{"Cold start to the first good answer", "%.1f ms", uncached, func(m *measured) float64 {
			return median(m.Start.Time)
		}},
		{"One request, STS answers at once", "%.2f ms", warmed, func(m *measured) float64 { return m.OneNear.p50() }},
		{"Answers per second for 8 callers", "%.0f", warmed, func(m *measured) float64 { return median(m.EightNear.Rate) }},
		{"One request, STS takes 20 ms", "%.2f ms", warmed, func(m *measured) float64 { return m.OneFar.p50() }},
		{"Failed first requests after a pause, of 40", "%.0f", uncached, func(m *measured) float64 {
			return float64(m.Resumed.Frozen)
		}},
		{"Peak memory", "%.1f MiB", warmed, func(m *measured) float64 { return m.Memory }},
	} {
		longest := 1e-9
		for _, m := range p.who {
			longest = max(longest, p.value(m))
		}
		var bars []map[string]any
		for n, m := range p.who {
			v := p.value(m)
			bars = append(bars, map[string]any{"Name": m.Name, "Label": fmt.Sprintf(p.format, v),
				"Y": 26 + 22*n, "Width": 157 * v / longest, "Colour": colours[m]})
		}
		panels = append(panels, map[string]any{"Title": p.title, "X": i % 2 * 395, "Y": 8 + i/2*140, "Bars": bars})
	}
	return fill(speedDrawing, map[string]any{"Panels": panels, "Machine": r.Machine})
}
