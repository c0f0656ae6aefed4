package main

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// TestCarried compares with draws of what is assumed: how long a user's key lasts, and how many ask in a second.
func TestCarried(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, f := range frontEnds {
		sum, draws := 0.0, 200_000
		for range draws {
			sum += min(f.page*random.ExpFloat64(), keyLife-lastMinute+think*random.ExpFloat64())
		}
		drawn := sum / float64(draws)
		if got := f.interval(); math.Abs(got-drawn) > 0.01*drawn {
			t.Errorf("%s: a key is needed every %.1f s, drawn were %.1f s", f.name, got, drawn)
		}
	}
	for regions := 1; regions <= 3; regions++ {
		calls := frontEnds[0].carried(regions) / frontEnds[0].interval()
		if got := refused(random, calls, 600*regions); got > 1.4*tolerated {
			t.Errorf("%d regions: %.5f are refused", regions, got)
		}
		if got := refused(random, 1.02*calls, 600*regions); got < 1.4*tolerated {
			t.Errorf("%d regions: with 2 %% more users only %.5f are refused", regions, got)
		}
	}
}

// refused draws seconds in which calls come at random, and is the share of calls above the limit.
func refused(random *rand.Rand, calls float64, limit int) float64 {
	over, all := 0, 0
	for range 10_000 {
		n := 0
		for left := calls - random.ExpFloat64(); left >= 0; left -= random.ExpFloat64() {
			n++
		}
		over, all = over+max(0, n-limit), all+n
	}
	return float64(over) / float64(all)
}

func TestCapacityIsWrittenDown(t *testing.T) {
	if text, err := os.ReadFile("capacity.md"); err != nil || string(text) != string(capacityReport()) {
		t.Errorf("capacity.md is not what `go run ./test/bench capacity` writes (%v)", err)
	}
}
