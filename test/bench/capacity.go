package main

import (
	_ "embed"
	"fmt"
	"math"
	"sort"
	"strconv"
)

const (
	stsLimit   = 600.0  // calls a second for an API, region and sub-account: cloud.tencent.com/document/product/1312/48207
	keyLife    = 1800.0 // seconds
	lastMinute = 60.0   // of a key's life, in which a COS SDK no longer uses it
	think      = 20.0   // seconds between a user's actions, on average
	tolerated  = 0.001  // share of requests that may be refused
)

// frontEnd is a way in which front ends ask for keys.
type frontEnd struct {
	name string
	page float64 // mean life of a page in seconds; its key goes with it
}

var frontEnds = []frontEnd{
	{"an app, or a page that stays, keeps its key", 1e12},
	{"each page lives a minute", 60},
}

// interval is the mean time in seconds between two moments at which a user needs a key, which is the sooner of a new
// page and the first action in the key's last minute: E[min(Exp(page), c + Exp(think))], c = life - 60.
func (f frontEnd) interval() float64 {
	c := keyLife - lastMinute
	return -f.page*math.Expm1(-c/f.page) + math.Exp(-c/f.page)/(1/f.page+1/think)
}

// carried is how many users can ask in some regions before more than tolerated are refused.
func (f frontEnd) carried(regions int) float64 {
	limit := stsLimit * float64(regions)
	calls := sort.Search(int(2*limit), func(n int) bool { return overflow(float64(n+1), limit) > tolerated })
	return float64(calls) * f.interval()
}

// overflow is the share of calls above a second's limit when they come at random (Poisson): E[(N - limit)+] / E[N].
func overflow(calls, limit float64) float64 {
	over := 0.0
	for n := limit + 1; ; n++ {
		factorial, _ := math.Lgamma(n + 1)
		p := math.Exp(n*math.Log(calls) - calls - factorial)
		over += p * (n - limit)
		if n > calls && p < 1e-12 {
			return over / calls
		}
	}
}

// people writes a number of users to two digits: 36,000.
func people(v float64) string {
	unit := math.Pow(10, math.Floor(math.Log10(v))-1)
	digits := strconv.Itoa(int(math.Round(v/unit) * unit))
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

//go:embed capacity.md.tmpl
var capacityPage string

func capacityReport() []byte {
	rows := [][]string{{"front end", "needs a key every", "one region", "two regions", "three regions"}}
	for _, f := range frontEnds {
		rows = append(rows, []string{f.name, fmt.Sprintf("%.0f s", f.interval()),
			people(f.carried(1)), people(f.carried(2)), people(f.carried(3))})
	}
	return fill(capacityPage, map[string]any{
		"Limit": stsLimit, "Life": keyLife, "LastMinute": lastMinute, "Think": think, "Tolerated": 1000 * tolerated,
		"Table": markdown(rows), "Cached": cachedUsers, "Users": people(frontEnds[1].carried(1)),
		"Share": math.Ceil(100 * cachedUsers / frontEnds[1].carried(1)),
	})
}
