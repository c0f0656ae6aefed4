package main

import (
	"math"
	"math/rand/v2"

	lru "github.com/hashicorp/golang-lru/v2"
)

// world is what a simulation assumes. Times are seconds, and those of people and instances are means of exponential
// distributions.
type world struct {
	Users int
	// A front end. A new page holds no key; a page's COS SDK uses a key until 60 s of its life are left, and then asks again
	// when the user next does something. The SDKs for JavaScript ask once for each upload that waits: nothing joins them.
	Page     float64 // life of a page; 0 for an app that keeps its key
	Think    float64 // between a user's actions on a page
	Parallel int     // uploads that wait when a page needs a key

	Life   float64 // of a key
	Cached int     // keys that an instance keeps, for the first half of their lives; 0 without the cache

	// The platform. An instance serves one request at a time; a request goes to any idle one, and to a new one if there is none.
	Call, Hit    float64 // how long an instance is busy with a call of STS, and with a key from its cache
	Start        float64 // of a new instance
	InstanceLife float64
	InstanceIdle float64 // after which an instance is taken away; not a mean

	Limit   int // calls that STS takes in a second, for each region
	Regions int // that the function asks in turn when it is throttled

	Settle, Watch float64 // before counting, and while
	Seed          uint64
}

// usual is a world without users: the limit is from https://cloud.tencent.com/document/product/1312/48207; the platform's
// times are not published, and these are guesses on the long side.
var usual = world{
	Think: 20, Parallel: 1, Life: 1800, Cached: cachedUsers,
	Call: 0.025, Hit: 0.001, Start: 0.3, InstanceLife: 1800, InstanceIdle: 300,
	Limit: 600, Regions: 2, Settle: 1000, Watch: 300, Seed: 1,
}

// counts is what a simulation saw while it watched.
type counts struct {
	Asked, Hits, Calls, Refused int // requests; of them from a cache; calls that STS answered; requests that it did not
	Elsewhere                   int // calls that the second region took
	Instances                   float64
	Seconds                     float64
}

func (c counts) refusedShare() float64 { return float64(c.Refused) / max(1, float64(c.Asked)) }

type instance struct {
	id    int32
	cache *lru.Cache[int32, float64] // user to the end of the key's life
	used  float64
	until float64
}

// simulation is a world under way.
type simulation struct {
	world
	random  *rand.Rand
	wants   queue // users, by when they need a key
	busy    queue // instances, by when they are done
	idle    []*instance
	all     map[int32]*instance
	made    int32
	second  int   // that taken counts
	taken   []int // calls in this second, by region
	counted counts
}

// simulate lets a world run. It ends early, and says so by its Seconds, as soon as far more than tolerated are refused.
func simulate(w world) counts {
	s := &simulation{world: w, random: rand.New(rand.NewPCG(w.Seed, 0)), all: map[int32]*instance{}, taken: make([]int, w.Regions)}
	// Users are met somewhere in their cycle: new pages come at random, and a key that is kept ends any time within its life.
	for user := range w.Users {
		first := s.random.Float64() * w.meanInterval()
		if w.Page > 0 {
			first = s.random.ExpFloat64() * w.meanInterval()
		}
		s.wants.push(first, int32(user))
	}
	// As many instances as the load needs already run: without them the first moment would start hundreds.
	needed := float64(w.Users) * w.asksPerUser() * w.Call
	for range int(needed + 4*math.Sqrt(needed)) {
		s.idle = append(s.idle, s.begin(0))
	}
	end, sampled := w.Settle+w.Watch, w.Settle
	samples, instances := 0, 0
	for len(s.wants) > 0 && s.wants[0].at < end {
		now, user := s.wants.pop()
		for ; now >= sampled; sampled++ {
			s.sweep(sampled)
			samples, instances = samples+1, instances+len(s.all)
		}
		s.want(now, user)
		if s.counted.Refused > 300 && s.counted.refusedShare() > 3*tolerated {
			end = now
		}
	}
	s.counted.Seconds = end - w.Settle
	s.counted.Instances = float64(instances) / float64(max(1, samples))
	return s.counted
}

// want has a user's page ask for a key, and plans when it will ask again.
func (s *simulation) want(now float64, user int32) {
	held, got := 0.0, false
	for range s.Parallel {
		if expires, ok := s.ask(now, user); ok {
			held, got = expires, true
		}
	}
	next := now + s.random.ExpFloat64()*s.Think // after a refusal: when the user tries again
	if got {
		next = max(now, held-lastMinute) + s.random.ExpFloat64()*s.Think
	}
	if s.Page > 0 {
		next = min(next, now+s.random.ExpFloat64()*s.Page)
	}
	s.wants.push(next, user)
}

// lastMinute of its life is when an SDK no longer uses a key.
const lastMinute = 60

// ask is one request to the function.
func (s *simulation) ask(now float64, user int32) (expires float64, ok bool) {
	watched := now >= s.Settle
	count := func(n *int) {
		if watched {
			*n++
		}
	}
	count(&s.counted.Asked)
	at, busy := s.route(now)
	if at.cache != nil {
		if expires, ok := at.cache.Get(user); ok && expires-now > s.Life/2 {
			count(&s.counted.Hits)
			s.busy.push(now+busy+s.Hit, at.id)
			return expires, true
		}
	}
	region := s.sts(now)
	busy += s.Call * float64(min(region+1, s.Regions))
	s.busy.push(now+busy, at.id)
	if region == s.Regions {
		count(&s.counted.Refused)
		return 0, false
	}
	count(&s.counted.Calls)
	if region > 0 {
		count(&s.counted.Elsewhere)
	}
	if at.cache != nil {
		at.cache.Add(user, now+s.Life)
	}
	return now + s.Life, true
}

// sts finds the first region whose limit is not used up in this second; s.Regions if there is none.
func (s *simulation) sts(now float64) int {
	if int(now) != s.second {
		s.second = int(now)
		clear(s.taken)
	}
	for region := range s.taken {
		if s.taken[region] < s.Limit {
			s.taken[region]++
			return region
		}
	}
	return s.Regions
}

// route picks an idle instance, or starts one.
func (s *simulation) route(now float64) (at *instance, busy float64) {
	for len(s.busy) > 0 && s.busy[0].at <= now {
		done, id := s.busy.pop()
		s.all[id].used = done
		s.idle = append(s.idle, s.all[id])
	}
	for len(s.idle) > 0 {
		i := s.random.IntN(len(s.idle))
		at, s.idle[i] = s.idle[i], s.idle[len(s.idle)-1]
		s.idle = s.idle[:len(s.idle)-1]
		if !s.gone(at, now) {
			return at, 0
		}
		delete(s.all, at.id)
	}
	return s.begin(now), s.Start
}

func (s *simulation) begin(now float64) *instance {
	s.made++
	i := &instance{id: s.made, used: now, until: now + s.random.ExpFloat64()*s.InstanceLife}
	if s.Cached > 0 {
		i.cache, _ = lru.New[int32, float64](s.Cached) // an error is for sizes below 1 only
	}
	s.all[i.id] = i
	return i
}

func (s *simulation) gone(i *instance, now float64) bool {
	return now >= i.until || now-i.used >= s.InstanceIdle
}

// sweep takes away idle instances whose time is over.
func (s *simulation) sweep(now float64) {
	kept := s.idle[:0]
	for _, i := range s.idle {
		if s.gone(i, now) {
			delete(s.all, i.id)
		} else {
			kept = append(kept, i)
		}
	}
	s.idle = kept
}
