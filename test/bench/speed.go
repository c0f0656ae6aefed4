package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// effort is how long the parts of a run are.
type effort struct {
	starts        int // rounds
	warmRounds    int
	warmLength    time.Duration // of each round
	idleInstances int           // side by side; with idleRounds each they make 40
	idleRounds    int
	sliceStarts   int
	sliceLength   time.Duration // of each of three warm rounds
}

var (
	full  = effort{60, 12, 600 * time.Millisecond, 2, 20, 12, 4 * time.Second}
	quick = effort{12, 4, 250 * time.Millisecond, 8, 5, 2, time.Second}
)

// measured is everything about one contender; what it doesn't take part in stays empty.
type measured struct {
	contender
	Start, SliceStart          starts
	OneNear, OneFar            warm // one caller; STS answers at once, or after 20 ms
	EightNear, EightFar, Slice warm
	Memory                     float64 // MiB
	Resumed                    resumed
}

// result is a whole run.
type result struct {
	Machine                               string
	Roots                                 int
	Empty, Naive, Ours, New, Cached, Node *measured
	NoSlice                               string  // why there is no slice of a processor
	FullCache                             float64 // MiB
}

func (r *result) all() []*measured {
	return []*measured{r.Empty, r.Naive, r.Ours, r.New, r.Cached, r.Node}
}

// started leaves out the cache: a first request finds no key in it, so that one start stands for both settings.
func (r *result) started() []*measured { return []*measured{r.Empty, r.Naive, r.Ours, r.Node} }

// asking are those who ask STS.
func (r *result) asking() []*measured { return []*measured{r.Naive, r.Ours, r.Cached, r.Node} }

// idling leaves out the cache, too: a cached key never meets a connection.
func (r *result) idling() []*measured { return []*measured{r.Naive, r.Ours, r.Node} }

const (
	cachedUsers = 1000 // as many as the function's cache holds
	newTokens   = 1100 // more than the function remembers, so that each is new when its turn comes
)

// near: STS answers at once. far: it takes 20 ms.
var (
	oneNear   = load{1, func(m *measured) *warm { return &m.OneNear }}
	oneFar    = load{1, func(m *measured) *warm { return &m.OneFar }}
	eightNear = load{mostCallers, func(m *measured) *warm { return &m.EightNear }}
	eightFar  = load{mostCallers, func(m *measured) *warm { return &m.EightFar }}
)

func (s stage) speed(ctx context.Context, short bool) error {
	fmt.Fprintln(os.Stderr, "building …")
	r, err := s.build(ctx)
	if err != nil {
		return err
	}
	e := full
	if short {
		e = quick
	}
	for _, part := range []struct {
		title       string
		delay, idle time.Duration // of STS
		measure     func(stage) error
	}{
		{"cold starts", 0, 0, func(s stage) error {
			return s.measureStarts(ctx, r.started(), e.starts, func(m *measured) *starts { return &m.Start })
		}},
		{"warm requests, STS answers at once", 0, 0, func(s stage) error {
			return s.measureWarm(ctx, r.all(), e.warmRounds, e.warmLength, oneNear, eightNear)
		}},
		{"a full cache", 0, 0, func(s stage) (err error) {
			r.FullCache, err = s.fullCache(ctx, r.Cached.contender, cachedUsers)
			return err
		}},
		{"warm requests, STS takes 20 ms", 20 * time.Millisecond, 0, func(s stage) error {
			return s.measureWarm(ctx, r.asking(), e.warmRounds, e.warmLength, oneFar, eightFar)
		}},
		{"40 idle-and-resume rounds", 0, stsIdle, func(s stage) error {
			return s.measureResume(ctx, r.idling(), e.idleInstances, e.idleRounds)
		}},
		{"a tenth of a processor", 0, 0, func(s stage) error { return s.measureSlice(ctx, e, r) }},
	} {
		fmt.Fprintf(os.Stderr, "%s …\n", part.title)
		if s.sts, err = newSTS(ctx, part.delay, part.idle); err != nil {
			return err
		}
		err := part.measure(s)
		s.sts.close()
		if err != nil {
			return err
		}
	}
	text := report(r)
	os.Stdout.Write(text)
	if short {
		return nil
	}
	return errors.Join(publish("results.md", text), publish("speed.svg", speedPlot(r)))
}

// build makes everything that runs; nothing is measured yet but sizes.
func (s stage) build(ctx context.Context) (*result, error) {
	empty, err1 := s.buildPlain(ctx, "empty")
	naive, err2 := s.buildPlain(ctx, "naive")
	function, err3 := s.buildFunction(ctx)
	node, err4 := s.buildNode(ctx)
	tokens, err5 := s.logins(newTokens)
	return &result{
		Machine: machine(ctx),
		Roots:   s.roots,
		Empty:   &measured{contender: empty},
		Naive:   &measured{contender: naive},
		Ours:    &measured{contender: function.uncached()},
		New:     &measured{contender: function.uncached().bringing(tokens)},
		Cached:  &measured{contender: function.cached()},
		Node:    &measured{contender: node},
	}, errors.Join(err1, err2, err3, err4, err5)
}

// machine names what a run runs on.
func machine(ctx context.Context) string {
	text, _ := exec.CommandContext(ctx, "sh", "-c", `echo "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1),"\
		"$(nproc) cores, $(uname -sr), Go $(go env GOVERSION | tr -d go), Node $(node --version | tr -d v),"\
		"$(date -u +%F)"`).Output()
	return strings.TrimSpace(string(text))
}

func (s stage) measureSlice(ctx context.Context, e effort, r *result) (err error) {
	if s.slice, err = newSlice(); err != nil {
		r.NoSlice = err.Error()
		return nil
	}
	defer s.slice.remove()
	of := func(m *measured) *starts { return &m.SliceStart }
	if err := s.measureStarts(ctx, r.started(), e.sliceStarts, of); err != nil {
		return err
	}
	alone := load{1, func(m *measured) *warm { return &m.Slice }}
	for _, m := range r.asking() { // one after the other, because a group shares its part among all who are in it
		if err := s.measureWarm(ctx, []*measured{m}, 3, e.sliceLength, alone); err != nil {
			return err
		}
	}
	return nil
}
