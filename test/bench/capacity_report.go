package main

import (
	"bytes"
	"fmt"
)

// capacityReport writes the simulations as Markdown: the paragraph first.
func capacityReport(all []carries, short bool) []byte {
	var w bytes.Buffer
	command := "go run ./test/bench capacity"
	if short {
		command += " -quick"
	}
	app, pages := all[0], all[len(all)-1]
	fmt.Fprintf(&w, `# Capacity

Written by `+"`%s`"+`: a simulation, not a measurement of Tencent Cloud.

STS takes %d calls a second for each API, region and sub-account. What that carries depends on how often a front end needs a
key, hardly on the function. An app that keeps its key asks once in %.0f minutes, and one sub-account carries some %s such active
users in one region; pages that live for a minute and ask anew each time, some %s. The function asks a second region when the
first throttles, which carries twice as many: %s and %s. A second sub-account (a second deployment with half of the users)
doubles that again, and so does a doubled `+"`durationSeconds`"+` for front ends that keep their keys. The cache is for something else:
it answers in a fraction of the time, and it outlives an outage of STS. At the limit it answers %.0f %% of such pages' requests,
because requests find one of %.0f instances at random and each remembers %d users; while few users are active it answers most
of them (see the plot). So let front ends keep one COS object, and with it the key, for as long as the user stays.

`, command, usual.Limit, app.Interval/60, people(app.OneRegion), people(pages.OneRegion), people(app.Function), people(pages.Function),
		100*pages.Caught, pages.Instances, usual.Cached)
	fmt.Fprintf(&w, "Active users that one sub-account carries before more than %g in 1,000 requests are refused:\n\n", 1000*tolerated)
	t := table{head: []string{"front end", "needs a key every", "one region, no cache", "closed form", "two regions, no cache", "as the function is", "cache of any size", "cache answers"}}
	for _, c := range all {
		t.add(c.Name, fmt.Sprintf("%.0f s", c.Interval), people(c.OneRegion), people(c.Estimate), people(c.NoCache), people(c.Function), people(c.AllCached), fmt.Sprintf("%.1f %%", 100*c.Caught))
	}
	t.write(&w)
	fmt.Fprintf(&w, `
What is assumed. Keys live for %.0f s. A COS SDK uses its key until %d s are left, and asks when the user next does something (%.0f s
apart on average), once for each upload that waits. The platform sends a request to any idle instance at random, and to a new one
if there is none; an instance serves one request at a time, is busy for %.0f ms with a call of STS, is taken away after %.0f minutes
without work or after %.0f minutes on average, and keeps up to %d keys for the first half of their lives. STS counts calls in whole
seconds. A refused user tries again at the next action. Where the platform's own times are not published, these are guesses: they
move the last three columns a little, and the others not at all. The closed form knows arrivals that are random in time
(Poisson) and the limit, and nothing else.
`, usual.Life, lastMinute, usual.Think, 1000*usual.Call, usual.InstanceIdle/60, usual.InstanceLife/60, usual.Cached)
	return w.Bytes()
}
