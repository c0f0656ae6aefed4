package main

import "fmt"

// panel is one bar chart of the speed plot.
type panel struct {
	title string
	unit  string
	bars  []bar
}

type bar struct {
	name, colour string
	value        float64
	label        string
}

// speedPlot draws what users and operators feel: the start, one request, many at once, and the first after a pause.
func speedPlot(r *result) []byte {
	const width, margin, row, head = 760, 30, 22, 34
	panels := speedPanels(r)
	height := 24
	for i := 0; i < len(panels); i += 2 {
		height += head + row*max(len(panels[i].bars), len(panels[i+1].bars)) + 18
	}
	d := newDrawing(width, height, "How fast the function is, beside a naive handler and the vendor's Node sample")
	y := 8.0
	for i := 0; i < len(panels); i += 2 {
		for column, p := range panels[i : i+2] {
			d.panel(p, float64(column)*(width+margin)/2, y, (width-margin)/2)
		}
		y += float64(head + row*max(len(panels[i].bars), len(panels[i+1].bars)) + 18)
	}
	d.text(0, float64(height)-8, "start", ` font-size="10"`, r.Machine+". Shorter is better, but for answers per second.")
	return d.end()
}

func (d *drawing) panel(p panel, x, y, width float64) {
	const names, values, row = 142, 66, 22
	d.text(x, y+14, "start", bold, p.title)
	most := 0.0
	for _, b := range p.bars {
		most = max(most, b.value)
	}
	if most == 0 {
		most = 1
	}
	for i, b := range p.bars {
		top := y + 26 + float64(i*row)
		d.text(x+names-8, top+12, "end", "", b.name)
		long := (width - names - values) * b.value / most
		if b.value > 0 {
			d.bar(x+names, top, long, 16, b.colour)
		}
		d.text(x+names+long+6, top+12, "start", "", b.label)
	}
}

func speedPanels(r *result) []panel {
	of := func(title, unit string, value func(*measured) float64, who ...*measured) panel {
		p := panel{title: title, unit: unit}
		for _, m := range who {
			if m == nil {
				continue
			}
			b := bar{name: m.Name, colour: gridGrey, value: value(m), label: figures(value(m)) + " " + unit}
			switch m {
			case r.Ours:
				b.colour = oursBlue
			case r.Cached:
				b.colour = cacheBlue
			case r.Node:
				b.colour = othersRed
			}
			if unit == "" {
				b.label = fmt.Sprintf("%.0f", b.value)
			}
			p.bars = append(p.bars, b)
		}
		return p
	}
	failures := of("Failed first requests after a pause, of 40", "", func(m *measured) float64 { return float64(m.Resumed.Frozen) }, r.Ours, r.Naive, r.Node)
	return []panel{
		of("Cold start to the first good answer", "ms", func(m *measured) float64 { return median(m.Start.Time) }, r.Ours, r.Naive, r.Node),
		of("One request, STS answers at once", "ms", func(m *measured) float64 { return p50(m.One) }, r.Cached, r.Ours, r.Naive, r.Node),
		of("Answers per second for 8 callers", "/s", func(m *measured) float64 { return median(m.Eight.Rate) }, r.Cached, r.Ours, r.Naive, r.Node),
		of("One request, STS takes 20 ms", "ms", func(m *measured) float64 { return p50(m.FarOne) }, r.Cached, r.Ours, r.Naive, r.Node),
		failures,
		of("Peak memory", "MB", func(m *measured) float64 { return m.Memory }, r.Cached, r.Ours, r.Naive, r.Node),
	}
}
