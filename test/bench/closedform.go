package main

import "math"

// What the simulation should come to, where that can be written down.

// tolerated is the share of requests that may be refused before a sub-account carries no more users.
const tolerated = 0.001

// meanInterval is the mean time between two moments at which a user's page needs a key, which is the sooner of a new page and
// the first action in the key's last minute: E[min(Exp(page), c + Exp(think))], c = life - 60.
func (w world) meanInterval() float64 {
	c := w.Life - lastMinute
	if w.Page == 0 {
		return c + w.Think
	}
	later := math.Exp(-c / w.Page)
	return w.Page*(1-later) + later/(1/w.Page+1/w.Think)
}

// asksPerUser is how many requests a user's pages send in a second.
func (w world) asksPerUser() float64 { return float64(w.Parallel) / w.meanInterval() }

// missShare is the share of requests that no cache answers, with so many instances that always run. A user comes to one of
// them at the rate q. A key that was stored answers for half of its life, so that a request is stored and q·life/2 are
// answered from it: 1 / (1 + q·life/2). And it is stored no longer than it takes the instance to see as many other users as it
// holds keys; that time t is Che's: users·(1 - exp(-q·t)) = keys. A request is answered only if the last one is not older.
func (w world) missShare(instances float64) float64 {
	if w.Cached == 0 {
		return 1
	}
	q := w.asksPerUser() / instances
	miss := 1 / (1 + q*w.Life/2)
	if held := float64(w.Cached) / float64(w.Users); held < 1 {
		miss = max(miss, 1-held)
	}
	return miss
}

// overflow is the share of calls above the limit of a second when calls come in batches, and batches at random (Poisson):
// E[(batch·N - limit)+] / E[batch·N].
func overflow(calls float64, batch, limit int) float64 {
	mean := calls / float64(batch)
	over := 0.0
	for n := limit/batch + 1; ; n++ {
		log, _ := math.Lgamma(float64(n + 1))
		p := math.Exp(float64(n)*math.Log(mean) - mean - log)
		over += p * float64(batch*n-limit)
		if float64(n) > mean && p < 1e-12 {
			return over / calls
		}
	}
}

// carried is how many users can ask without the cache before more than tolerated are refused.
func (w world) carried() float64 {
	limit := w.Limit * w.Regions
	low, high := 1.0, float64(2*limit)
	for high-low > 0.01 {
		if calls := (low + high) / 2; overflow(calls, w.Parallel, limit) > tolerated {
			high = calls
		} else {
			low = calls
		}
	}
	return low / w.asksPerUser()
}
