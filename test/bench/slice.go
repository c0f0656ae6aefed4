package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// cpuSlice is a control group of our own whose processes share a part of one processor: what the platform does with a
// small function.
type cpuSlice struct{ dir string }

// newSlice makes a control group that gets 10 ms of a processor in each 100 ms, or says why there is none.
func newSlice() (*cpuSlice, error) {
	name := fmt.Sprintf("cos-credentials-bench-%d", os.Getpid())
	s := &cpuSlice{filepath.Join("/sys/fs/cgroup", name)}
	limits := map[string]string{"cpu.max": "10000 100000"}
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err != nil { // control groups of version 1
		s.dir = filepath.Join("/sys/fs/cgroup/cpu", name)
		limits = map[string]string{"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "10000"}
	}
	if err := os.Mkdir(s.dir, 0o755); err != nil {
		return nil, fmt.Errorf("no control group can be made: %w", err)
	}
	for file, value := range limits {
		if err := os.WriteFile(filepath.Join(s.dir, file), []byte(value), 0o644); err != nil {
			s.remove()
			return nil, fmt.Errorf("the control group takes no limit: %w", err)
		}
	}
	return s, nil
}

// inside has a shell enter the group and become the command, so that its whole start is in there.
func (s *cpuSlice) inside(command []string) []string {
	return append([]string{"/bin/sh", "-c", `echo $$ >"$0/cgroup.procs" && exec "$@"`, s.dir}, command...)
}

// remove waits for the kernel to take the last process out, which is a moment after its end.
func (s *cpuSlice) remove() {
	for n := 0; n < 100 && os.Remove(s.dir) != nil; n++ {
		time.Sleep(10 * time.Millisecond)
	}
}
