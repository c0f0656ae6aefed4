package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"cos-credentials/test/scf"
)

// profile shows where the function's time goes: in a start, and in requests with the cache off and on. The function is
// built with a file laid over it that writes profiles; the repository's function has nothing of that.
func (s stage) profile(ctx context.Context) error {
	binary, err := scf.Build(ctx, s.dir, "-overlay=test/bench/overlay.json")
	if err != nil {
		return err
	}
	if s.sts, err = newSTS(ctx, 0, 0); err != nil {
		return err
	}
	defer s.sts.close()
	c := s.function(binary)
	for _, part := range []struct {
		contender
		processes, callers int
		length             time.Duration // 0: a process answers once
	}{
		{c.cached(), 400, 1, 0}, // package initialisation is before the profile
		{c.uncached(), 1, 1, 8 * time.Second},
		{c.uncached(), 1, mostCallers, 8 * time.Second},
		{c.cached(), 1, 1, 8 * time.Second},
	} {
		title := fmt.Sprintf("%s, processes: %d, callers: %d, for %s", part.Name, part.processes, part.callers, part.length)
		fmt.Printf("\n== %s\n", title)
		command := []string{"tool", "pprof", "-top", "-nodecount=60", binary}
		for i := range part.processes {
			file := filepath.Join(s.dir, fmt.Sprintf("%s-%d", title, i))
			if err := s.profileOne(ctx, part.contender, file, part.callers, part.length); err != nil {
				return err
			}
			command = append(command, file)
		}
		for _, order := range []string{"-flat", "-cum"} { // what is at the top of a stack most, and what is in it most
			top, err := exec.CommandContext(ctx, "go", slices.Insert(slices.Clone(command), 2, order)...).Output()
			if err != nil {
				return fmt.Errorf("go tool pprof: %w", err)
			}
			os.Stdout.Write(top)
		}
	}
	return nil
}

// profileOne has a process answer once, and then for a while, and end by itself, so that it writes its profile.
func (s stage) profileOne(ctx context.Context, c contender, file string, callers int, length time.Duration) error {
	p, err := s.start(ctx, c.with(c.Name, "BENCH_PROFILE", file), callers)
	if err != nil {
		return err
	}
	defer p.stop()
	if err := p.callers[0](s.token); err != nil {
		return p.failed(err)
	}
	if err := p.round(ctx, &warm{}, callers, length); err != nil {
		return err
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	return p.cmd.Wait()
}
