package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"cos-credentials/test/repo"
)

const (
	profiledStarts = 400
	profiledFor    = 8 * time.Second
	startRate      = 1000 // samples in a second of processor time: a start has some 6 ms
)

// profile shows where the function's time goes: in a start, and in requests with the cache off and on. It builds the
// function with a file laid over it that writes profiles; nothing of that is in the repository's function.
func profile(ctx context.Context, algorithm string, out, say io.Writer) error {
	if runtime.GOOS != "linux" {
		return errors.New("profiles are taken on Linux, as the speed run is")
	}
	dir, err := os.MkdirTemp("", "cos-credentials-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintln(say, "building …")
	s := stage{}
	if s.login, err = newLogin(algorithm); err != nil {
		return err
	}
	if s.token, err = s.login.token("u-10293847"); err != nil {
		return err
	}
	if s.trust, err = newTrust(dir); err != nil {
		return err
	}
	c, err := buildProfiled(ctx, dir, s.login)
	if err != nil {
		return err
	}
	if s.sts, err = newSTS(ctx, s.trust, stsOptions{}); err != nil {
		return err
	}
	defer s.sts.close()

	first := c.cached().with("start", "BENCH_PROFILE", filepath.Join(dir, "first"))
	if err := s.initialisation(ctx, out, first); err != nil {
		return err
	}
	fmt.Fprintf(say, "%d starts …\n", profiledStarts)
	var files []string
	for i := range profiledStarts {
		started := c.cached().with("start", "BENCH_PROFILE", filepath.Join(dir, fmt.Sprintf("start-%d", i)))
		started.env["BENCH_PROFILE_RATE"] = fmt.Sprint(startRate)
		if err := s.profileOne(ctx, started, 1, 0); err != nil {
			return err
		}
		files = append(files, started.env["BENCH_PROFILE"])
	}
	if err := top(ctx, out, fmt.Sprintf("%d starts, to the first answer (package initialisation is before the profile)", profiledStarts), c.command[0], files...); err != nil {
		return err
	}
	for _, load := range []struct {
		contender
		callers int
	}{{c.uncached(), 1}, {c.uncached(), mostCallers}, {c.cached(), 1}} {
		title := fmt.Sprintf("%s, callers: %d", load.Name, load.callers)
		fmt.Fprintf(say, "%s …\n", title)
		file := filepath.Join(dir, title)
		if err := s.profileOne(ctx, load.with(load.Name, "BENCH_PROFILE", file), load.callers, profiledFor); err != nil {
			return err
		}
		if err := top(ctx, out, title+"; STS answers at once", c.command[0], file); err != nil {
			return err
		}
	}
	return nil
}

func buildProfiled(ctx context.Context, dir string, l login) (c contender, err error) {
	root, err := repo.Root()
	if err != nil {
		return c, err
	}
	access, err := writeAccess(dir, l)
	if err != nil {
		return c, err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(root, "function", "bench_profile.go"): filepath.Join(root, "test", "bench", "overlay.go.txt"),
	}})
	if err != nil {
		return c, err
	}
	file, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "profiled")
	if err := os.WriteFile(file, overlay, 0o644); err != nil {
		return c, err
	}
	c = contender{Name: "this function", command: []string{binary}, asksSTS: true, env: map[string]string{"ACCESS_FILE": access}}
	return c, run(ctx, root, []string{"CGO_ENABLED=0"}, "go", "build", "-overlay", file, "-tags=nethttpomithttp2", "-o", binary, "./function")
}

// profileOne has a process answer for a while, or once, and end by itself, so that it writes its profile.
func (s stage) profileOne(ctx context.Context, c contender, callers int, length time.Duration) error {
	p, err := s.start(c)
	if err != nil {
		return err
	}
	defer p.stop()
	r := &runner{process: p, sts: s.sts}
	for range callers {
		caller, err := p.caller(ctx, s.token)
		if err != nil {
			return err
		}
		r.callers = append(r.callers, caller)
	}
	if length == 0 {
		err = r.callers[0].call()
	} else {
		_, err = r.round(ctx, callers, length)
	}
	if err != nil {
		return err
	}
	p.terminate()
	select {
	case <-p.exited:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(10 * time.Second):
		return errors.New("the profiled function doesn't end")
	}
}

// initialisation prints what ran before main, as the runtime tells it: "init PACKAGE @0.1 ms, 0.02 ms clock, …".
func (s stage) initialisation(ctx context.Context, out io.Writer, c contender) error {
	c = c.with(c.Name, "GODEBUG", "inittrace=1")
	p, err := s.start(c)
	if err != nil {
		return err
	}
	defer p.stop()
	caller, err := p.caller(ctx, s.token)
	if err != nil {
		return err
	}
	defer caller.close()
	type part struct {
		name  string
		clock float64
	}
	var parts []part
	total := 0.0
	for line := range strings.Lines(p.said.String()) {
		var one part
		var at float64
		if n, _ := fmt.Sscanf(line, "init %s @%f ms, %f ms clock", &one.name, &at, &one.clock); n == 3 && one.name != "main" {
			parts, total = append(parts, one), total+one.clock
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(b.clock, a.clock) })
	fmt.Fprintf(out, "\n== Package initialisation: %.2f ms in %d packages (without main, which starts the profile); the longest:\n", total, len(parts))
	for _, one := range parts[:min(8, len(parts))] {
		fmt.Fprintf(out, "%6.2f ms  %s\n", one.clock, one.name)
	}
	return nil
}

// top prints what is at the top of a stack most, and what is in it most.
func top(ctx context.Context, out io.Writer, title, binary string, files ...string) error {
	fmt.Fprintf(out, "\n== %s\n", title)
	for _, order := range []string{"-flat", "-cum"} {
		cmd := exec.CommandContext(ctx, "go", append([]string{"tool", "pprof", "-top", order, "-nodecount=60", binary}, files...)...)
		cmd.Stdout = out
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("go tool pprof: %w", err)
		}
	}
	return nil
}
