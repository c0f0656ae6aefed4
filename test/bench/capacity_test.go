package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func near(got, want, part float64) bool { return math.Abs(got-want) <= part*want }

func TestSimulationAsksAsOftenAsTheClosedFormSays(t *testing.T) {
	for _, f := range frontEnds() {
		w := f.world
		w.Cached, w.Settle, w.Watch, w.Users = 0, w.Life, 3*w.Life, int(30/f.asksPerUser())
		n := simulate(w)
		if got, want := float64(n.Asked)/n.Seconds, float64(w.Users)*w.asksPerUser(); !near(got, want, 0.015) {
			t.Errorf("%s: %.1f requests a second, want %.1f", f.Name, got, want)
		}
		if n.Calls+n.Refused != n.Asked || n.Refused != 0 {
			t.Errorf("%s: %+v", f.Name, n)
		}
	}
}

func TestSimulationRefusesWhatOverflows(t *testing.T) {
	w := usual
	w.Page, w.Regions, w.Limit, w.Cached, w.Settle, w.Watch = 60, 1, 60, 0, shortSettle, 20_000
	w.Think = 1e9                       // nobody tries again soon, which the closed form doesn't know
	w.Users = int(46 / w.asksPerUser()) // a quarter less than STS takes, on average
	n := simulate(w)
	want := overflow(float64(w.Users)*w.asksPerUser(), 1, 60)
	if !near(n.refusedShare(), want, 0.15) {
		t.Errorf("%.5f refused in %.0f s, want %.5f", n.refusedShare(), n.Seconds, want)
	}
	w.Regions = 2
	if n := simulate(w); n.Refused != 0 || !near(float64(n.Elsewhere)/float64(n.Calls), want, 0.15) {
		t.Errorf("with a second region: %+v, want %.4f of the calls there", n, want)
	}
}

func TestCacheAnswersAsTheClosedFormSays(t *testing.T) {
	for name, tt := range map[string]struct{ users, cached int }{
		"half of a key's life is the bound": {600, unbounded}, "the number of keys is the bound": {6000, 500},
	} {
		w := usual
		w.Page, w.Think = 60, 5
		// Instances that stay, and are hardly ever busy, so that their number is known.
		w.Users, w.Cached, w.Call, w.Hit, w.InstanceLife, w.InstanceIdle = tt.users, tt.cached, 1e-9, 1e-9, 1e9, 1e9
		w.Parallel, w.Start, w.Watch = 4, 1e-9, 9000
		n := simulate(w)
		// Four uploads at once come to four instances; a user comes to each of them at every need.
		if n.Instances != 4 {
			t.Fatalf("%s: %v instances", name, n.Instances)
		}
		got := 1 - float64(n.Hits)/float64(n.Asked)
		if want := w.missShare(4); !near(got, want, 0.06) {
			t.Errorf("%s: %.3f are not cached, want %.3f", name, got, want)
		}
	}
}

func TestCarriedUsers(t *testing.T) {
	w := usual
	w.Page, w.Regions, w.Limit, w.Cached, w.Settle = 60, 1, 60, 0, shortSettle
	got := mostUsers(t.Context(), w, 4, nil)
	if want := w.carried(); !near(got, want, 0.06) {
		t.Errorf("%.0f users, want %.0f", got, want)
	}
	if again := mostUsers(t.Context(), w, 4, nil); again != got {
		t.Errorf("the same seed gave %v and then %v", got, again)
	}
}

// TestOverflow compares with draws of the distribution itself.
func TestOverflow(t *testing.T) {
	for _, tt := range []struct {
		calls        float64
		batch, limit int
	}{{50, 1, 60}, {60, 1, 60}, {90, 1, 60}, {60, 3, 60}} {
		random := rand.New(rand.NewPCG(1, 2))
		over, draws := 0.0, 200_000
		for range draws {
			n := 0
			for left := tt.calls / float64(tt.batch); ; n++ {
				if left -= random.ExpFloat64(); left < 0 {
					break
				}
			}
			over += float64(max(0, n*tt.batch-tt.limit))
		}
		want := over / float64(draws) / tt.calls
		if got := overflow(tt.calls, tt.batch, tt.limit); !near(got, want, 0.05) {
			t.Errorf("%+v: got %.5f, want %.5f", tt, got, want)
		}
	}
}

func TestQueue(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var q queue
	var want, got []float64
	for range 1000 {
		at := math.Floor(random.Float64() * 200) // with equal ones
		want = append(want, at)
		q.push(at, 0)
	}
	for len(q) > 0 {
		at, _ := q.pop()
		got = append(got, at)
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Error("the queue is out of order")
	}
}
