package main

import (
	"fmt"
	"math"
)

const (
	plotLeft, plotTop    = 64.0, 34.0
	plotWidth, plotTall  = 470.0, 300.0
	fewest, most         = 100.0, 3e6 // users
	leastCalls, maxCalls = 0.05, 3000.0
)

func plotX(users float64) float64 {
	return plotLeft + plotWidth*math.Log(users/fewest)/math.Log(most/fewest)
}

func plotY(calls float64) float64 {
	return plotTop + plotTall*(1-math.Log(calls/leastCalls)/math.Log(maxCalls/leastCalls))
}

// capacityPlot draws what STS is asked for as users grow, with and without the cache, and what it takes.
func capacityPlot(curves []*curve) []byte {
	d := newDrawing(760, 400, "Calls of STS per second against active users, with the limits of one and two regions")
	d.text(0, 16, "start", bold, "Calls of STS per second")
	for calls := 0.1; calls <= 1000; calls *= 10 {
		d.line(plotLeft, plotY(calls), plotLeft+plotWidth, plotY(calls), gridGrey, ` stroke-opacity="0.35"`)
		d.text(plotLeft-8, plotY(calls)+4, "end", "", fmt.Sprintf("%g", math.Round(calls*10)/10))
	}
	for users := fewest; users <= 1e6; users *= 10 {
		d.line(plotX(users), plotTop, plotX(users), plotTop+plotTall, gridGrey, ` stroke-opacity="0.35"`)
		d.text(plotX(users), plotTop+plotTall+18, "middle", "", people(users))
	}
	d.text(plotLeft+plotWidth/2, plotTop+plotTall+38, "middle", bold, "active users")
	for _, limit := range []struct {
		regions int
		name    string
		beside  float64
	}{{1, "limit of one region", 14}, {2, "limit of two", -5}} {
		y := plotY(float64(limit.regions * usual.Limit))
		d.line(plotLeft, y, plotLeft+plotWidth, y, inkGrey, ` stroke-width="1.5" stroke-dasharray="5 3"`)
		d.text(plotLeft+6, y+limit.beside, "start", ` font-size="11"`, limit.name)
	}
	colours := map[float64]string{0: oursBlue, 300: othersRed, 60: cacheBlue}
	legend := plotTop + 24
	for _, c := range curves {
		var line [][2]float64
		for _, p := range c.Points {
			if p.Calls > 0 {
				line = append(line, [2]float64{plotX(float64(p.Users)), plotY(float64(p.Calls) / p.Seconds)})
			}
		}
		style, name := "", c.Name
		if c.Cached {
			style, name = ` stroke-dasharray="2 3"`, "… with the cache"
		}
		d.path(line, colours[c.Page], style)
		d.path([][2]float64{{plotLeft + plotWidth + 14, legend - 4}, {plotLeft + plotWidth + 36, legend - 4}}, colours[c.Page], style)
		for _, part := range wrapped(name) {
			d.text(plotLeft+plotWidth+42, legend, "start", ` font-size="11"`, part)
			legend += 15
		}
		legend += 7
	}
	d.text(0, 392, "start", ` font-size="10"`, "A simulation: see capacity.md for what it assumes. Both axes are logarithmic.")
	return d.end()
}

// wrapped breaks a legend at the comma, or in the middle.
func wrapped(name string) []string {
	const most = 28
	if len(name) <= most {
		return []string{name}
	}
	for i := most; i > 0; i-- {
		if name[i] == ' ' {
			return []string{name[:i], name[i+1:]}
		}
	}
	return []string{name}
}
