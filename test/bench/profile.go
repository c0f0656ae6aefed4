package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"cos-credentials/test/repo"
)

const (
	profiledStarts = 150
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
	if s.sts, err = newSTS(s.trust, stsOptions{}); err != nil {
		return err
	}
	defer s.sts.close()

	fmt.Fprintf(say, "%d starts …\n", profiledStarts)
	var files []string
	for i := range profiledStarts {
		started := c.cached().with("start", "BENCH_PROFILE", filepath.Join(dir, fmt.Sprintf("start-%d", i)))
		started.env["BENCH_PROFILE_RATE"] = fmt.Sprint(startRate)
		if err := s.profileOne(ctx, started, 0); err != nil {
			return err
		}
		files = append(files, started.env["BENCH_PROFILE"])
	}
	if err := top(ctx, out, fmt.Sprintf("%d starts, to the first answer (package initialisation is before the profile)", profiledStarts), c.command[0], files...); err != nil {
		return err
	}
	for _, load := range []contender{c.uncached(), c.cached()} {
		fmt.Fprintf(say, "%s, 8 callers …\n", load.Name)
		load = load.with(load.Name, "BENCH_PROFILE", filepath.Join(dir, load.env["STS_CACHE"]))
		if err := s.profileOne(ctx, load, profiledFor); err != nil {
			return err
		}
		if err := top(ctx, out, load.Name+", 8 callers, STS answers at once", c.command[0], load.env["BENCH_PROFILE"]); err != nil {
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
func (s stage) profileOne(ctx context.Context, c contender, length time.Duration) error {
	p, err := s.start(c)
	if err != nil {
		return err
	}
	defer p.stop()
	r := &runner{process: p, sts: s.sts}
	callers := 1
	if length > 0 {
		callers = mostCallers
	}
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

// top prints what is at the top of a stack most, and what is in it most.
func top(ctx context.Context, out io.Writer, title, binary string, files ...string) error {
	fmt.Fprintf(out, "\n== %s\n", title)
	for _, order := range []string{"-flat", "-cum"} {
		cmd := exec.CommandContext(ctx, "go", append([]string{"tool", "pprof", "-top", order, "-nodecount=45", binary}, files...)...)
		cmd.Stdout = out
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("go tool pprof: %w", err)
		}
	}
	return nil
}
