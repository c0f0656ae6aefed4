package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"sync"
)

// frontEnd is a way in which front ends ask.
type frontEnd struct {
	Name string
	world
}

func frontEnds() []frontEnd {
	app, uploads, pages := usual, usual, usual
	uploads.Page, uploads.Parallel = 300, 3
	pages.Page = 60
	return []frontEnd{
		{"an app or single page that keeps its key", app},
		{"a page lives 5 min, 3 uploads at once", uploads},
		{"a page lives 1 min", pages},
	}
}

// carries is how many users a sub-account carries.
type carries struct {
	frontEnd
	Estimate         float64 // closed form, one region, no cache
	OneRegion        float64 // no second region is asked, no cache
	Function         float64 // as the function is: the cache, and a second region when the first throttles
	NoCache          float64 // the function with STS_CACHE=off
	AllCached        float64 // the function, if an instance could hold every key
	Interval, Caught float64 // mean time between two moments of need; share of requests that the cache answers at that load
	Instances        float64
}

// point is one of the plot.
type point struct {
	Users int
	counts
}

// curve is what STS is asked for as users grow.
type curve struct {
	frontEnd
	Cached bool
	Points []point
}

// shortSettle is for worlds without a cache, which needn't fill.
const shortSettle = 100

// unbounded stands for a cache that holds every key.
const unbounded = 1 << 30

func capacity(ctx context.Context, short bool, out, say io.Writer) error {
	all := make([]carries, len(frontEnds()))
	steps, perDecade := 4, 4.0
	if short {
		steps, perDecade = 1, 1
	}
	var jobs []func()
	add := func(to *float64, w world, and func(counts)) {
		jobs = append(jobs, func() { *to = mostUsers(ctx, w, steps, and) })
	}
	for i, f := range frontEnds() {
		c := &all[i]
		c.frontEnd, c.Interval = f, f.meanInterval()
		one, off, every := f.world, f.world, f.world
		one.Regions, one.Cached, off.Cached, every.Cached = 1, 0, 0, unbounded
		c.Estimate = one.carried()
		one.Settle, off.Settle = shortSettle, shortSettle
		add(&c.OneRegion, one, nil)
		add(&c.NoCache, off, nil)
		if f.Page > 0 { // an app's keys are too old for the cache when it asks
			add(&c.AllCached, every, nil)
		}
		add(&c.Function, f.world, func(n counts) { c.Caught, c.Instances = float64(n.Hits)/float64(n.Asked), n.Instances })
	}
	var curves []*curve
	for _, f := range frontEnds() {
		for _, cached := range []bool{false, true} {
			c := &curve{frontEnd: f, Cached: cached}
			if !cached {
				c.world.Cached, c.world.Settle = 0, shortSettle
			} else if f.Page == 0 {
				continue
			}
			curves = append(curves, c)
			most := 1.25 * 1200 / f.asksPerUser() // a little beyond the limit
			for exponent := 2.0; ; exponent += 1 / perDecade {
				users := int(math.Round(math.Pow(10, exponent)))
				if float64(users) > most {
					break
				}
				c.Points = append(c.Points, point{Users: users})
			}
			for i := range c.Points {
				w := c.world
				w.Users, w.Limit = c.Points[i].Users, unbounded // demand, whatever STS takes of it
				w.Watch = max(w.Watch, 20_000/(float64(w.Users)*w.asksPerUser()))
				jobs = append(jobs, func() { c.Points[i].counts = simulate(w) })
			}
		}
	}
	fmt.Fprintf(say, "%d simulations …\n", len(jobs))
	if err := inParallel(ctx, jobs); err != nil {
		return err
	}
	text := capacityReport(all, short)
	if _, err := out.Write(text); err != nil || short {
		return err
	}
	return errors.Join(write("capacity.md", text), write("capacity.svg", capacityPlot(curves)))
}

// mostUsers searches for the most users of whom no more than tolerated are refused, around what a closed form expects, and
// hands the counts of the last world that worked to and.
func mostUsers(ctx context.Context, w world, steps int, and func(counts)) float64 {
	low, high := 0.0, 0.0
	for next := w.carried(); steps > 0 && ctx.Err() == nil; {
		w.Users = int(next)
		n := simulate(w)
		if n.refusedShare() <= tolerated {
			low = next
			if and != nil {
				and(n)
			}
		} else {
			high = next
		}
		switch {
		case high == 0:
			next *= 1.1
			continue // until it is too much
		case low == 0:
			next *= 0.9
			continue
		}
		next = (low + high) / 2
		steps--
	}
	return low
}

// inParallel does all jobs, as many at once as there are cores.
func inParallel(ctx context.Context, jobs []func()) error {
	next := make(chan func())
	var all sync.WaitGroup
	for range runtime.NumCPU() {
		all.Go(func() {
			for do := range next {
				if ctx.Err() == nil {
					do()
				}
			}
		})
	}
	for _, do := range jobs {
		next <- do
	}
	close(next)
	all.Wait()
	return ctx.Err()
}

// people writes a number of users to two digits: 36,000.
func people(v float64) string {
	if v <= 0 {
		return "–"
	}
	unit := math.Pow(10, math.Floor(math.Log10(v))-1)
	digits := fmt.Sprintf("%.0f", math.Round(v/unit)*unit)
	var b bytes.Buffer
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}
