package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"cos-credentials/test/repo"
)

// effort is how long the parts of a run are.
type effort struct {
	starts        int           // rounds
	warmRounds    int           //
	warmLength    time.Duration // of each round
	idleInstances int           // side by side; with idleRounds each they make 40
	idleRounds    int
	sliceStarts   int
	sliceLength   time.Duration // of each of three warm rounds
}

var (
	full  = effort{starts: 60, warmRounds: 12, warmLength: 600 * time.Millisecond, idleInstances: 2, idleRounds: 20, sliceStarts: 12, sliceLength: 4 * time.Second}
	quick = effort{starts: 12, warmRounds: 4, warmLength: 250 * time.Millisecond, idleInstances: 8, idleRounds: 5, sliceStarts: 2, sliceLength: time.Second}
)

// slicePart of one processor is what a small function has.
const slicePart = 0.10

// farAway is how long STS takes in the second half of the warm measurements.
const farAway = 20 * time.Millisecond

// measured is everything about one contender; what it doesn't take part in is nil.
type measured struct {
	contender
	Start            *starts
	One, Eight       *warm // callers, with an STS that answers at once
	FarOne, FarEight *warm // with one that takes 20 ms
	Memory           float64
	Resumed          *resumed
	SliceStart       *starts
	Slice            *warm
}

// result is a whole run.
type result struct {
	Machine                          string
	Algorithm                        string
	Roots                            int
	Quick                            bool
	Empty, Naive, Ours, Cached, Node *measured
	Skipped                          string // why there is no Node sample
	NoSlice                          string // why there is no slice of a processor
	FullCache                        float64
}

// all lists the contenders that took part.
func (r *result) all() []*measured {
	all := []*measured{r.Empty, r.Naive, r.Ours, r.Cached}
	if r.Node != nil {
		all = append(all, r.Node)
	}
	return all
}

const cachedUsers = 1000 // as many as the function's cache holds

func speed(ctx context.Context, e effort, algorithm string, say io.Writer) (r *result, err error) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return nil, errors.New("the speed run needs Linux on amd64, because it measures the very file that is uploaded; `capacity` runs anywhere")
	}
	dir, err := os.MkdirTemp("", "cos-credentials-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	r = &result{Machine: machine(ctx), Algorithm: algorithm, Quick: e == quick}
	s := stage{}
	if s.login, err = newLogin(algorithm); err != nil {
		return nil, err
	}
	if s.token, err = s.login.token("u-10293847"); err != nil {
		return nil, err
	}
	if s.trust, err = newTrust(dir); err != nil {
		return nil, err
	}
	r.Roots = s.trust.Roots
	fmt.Fprintln(say, "building …")
	f, err := build(ctx, dir, s.login)
	if err != nil {
		return nil, err
	}
	r.Skipped = f.skipped
	r.Empty, r.Naive, r.Ours, r.Cached = &measured{contender: f.empty}, &measured{contender: f.naive}, &measured{contender: f.ours.uncached()}, &measured{contender: f.ours.cached()}
	if f.skipped == "" {
		r.Node = &measured{contender: f.node}
	}
	for _, part := range []struct {
		name string
		o    stsOptions
		do   func(context.Context, stage, effort, *result) error
	}{
		{"cold starts", stsOptions{}, measureCold},
		{"warm requests, STS answers at once", stsOptions{}, measureNear},
		{"warm requests, STS takes 20 ms", stsOptions{delay: farAway}, measureFar},
		{"40 idle-and-resume rounds", stsOptions{idle: stsIdle}, measureIdle},
		{"a tenth of a processor", stsOptions{}, measureSlice},
	} {
		fmt.Fprintf(say, "%s …\n", part.name)
		if s.sts, err = newSTS(ctx, s.trust, part.o); err != nil {
			return nil, err
		}
		err := part.do(ctx, s, e, r)
		s.sts.close()
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}

// those picks the contenders of a measurement.
func those(all ...*measured) (out []*measured, contenders []contender) {
	for _, m := range all {
		if m != nil {
			out, contenders = append(out, m), append(contenders, m.contender)
		}
	}
	return out, contenders
}

func measureCold(ctx context.Context, s stage, e effort, r *result) error {
	// The first request finds no key in the cache, so one start stands for both settings; the default is on.
	who, contenders := those(r.Empty, r.Naive, r.Cached, r.Node)
	got, err := s.measureStarts(ctx, contenders, e.starts)
	for i := range got {
		who[i].Start = &got[i]
	}
	r.Ours.Start = r.Cached.Start
	return err
}

func measureNear(ctx context.Context, s stage, e effort, r *result) error {
	who, contenders := those(r.Empty, r.Naive, r.Ours, r.Cached, r.Node)
	running, err := s.run(ctx, contenders)
	if err != nil {
		return err
	}
	defer stopAll(running)
	one, eight, err := measureBoth(ctx, running, e)
	if err != nil {
		return err
	}
	for i, m := range who {
		m.One, m.Eight = &one[i], &eight[i]
		if m.Memory, err = running[i].peakMemory(); err != nil {
			return err
		}
	}
	r.FullCache, err = s.fillCache(ctx, r.Cached.contender, cachedUsers)
	return err
}

// measureBoth measures warm requests of one caller and of many.
func measureBoth(ctx context.Context, running []*runner, e effort) (one, eight []warm, err error) {
	if one, err = measureWarm(ctx, running, 1, e.warmRounds, e.warmLength); err != nil {
		return nil, nil, err
	}
	eight, err = measureWarm(ctx, running, mostCallers, e.warmRounds, e.warmLength)
	return one, eight, err
}

func measureFar(ctx context.Context, s stage, e effort, r *result) error {
	who, contenders := those(r.Naive, r.Ours, r.Cached, r.Node)
	running, err := s.run(ctx, contenders)
	if err != nil {
		return err
	}
	defer stopAll(running)
	one, eight, err := measureBoth(ctx, running, e)
	for i := range eight {
		who[i].FarOne, who[i].FarEight = &one[i], &eight[i]
	}
	return err
}

func measureIdle(ctx context.Context, s stage, e effort, r *result) error {
	who, contenders := those(r.Naive, r.Ours, r.Node) // a cached key never meets a connection
	got, err := s.measureResume(ctx, contenders, e.idleInstances, e.idleRounds)
	for i := range got {
		who[i].Resumed = &got[i]
	}
	return err
}

func measureSlice(ctx context.Context, s stage, e effort, r *result) (err error) {
	if s.slice, err = newSlice(slicePart); err != nil {
		r.NoSlice = err.Error()
		return nil
	}
	defer func() { err = errors.Join(err, s.slice.remove()) }()
	who, contenders := those(r.Empty, r.Naive, r.Cached, r.Node)
	got, err := s.measureStarts(ctx, contenders, e.sliceStarts)
	if err != nil {
		return err
	}
	for i := range got {
		who[i].SliceStart = &got[i]
	}
	r.Ours.SliceStart = r.Cached.SliceStart
	// One after the other, because a group shares its part among all who are in it.
	who, contenders = those(r.Naive, r.Ours, r.Cached, r.Node)
	for i, c := range contenders {
		running, err := s.run(ctx, []contender{c})
		if err != nil {
			return err
		}
		got, err := measureWarm(ctx, running, 1, 3, e.sliceLength)
		stopAll(running)
		if err != nil {
			return err
		}
		who[i].Slice = &got[0]
	}
	return nil
}

// write puts a result into test/bench.
func write(name string, content []byte) error {
	root, err := repo.Root()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "test", "bench", name), content, 0o644)
}
