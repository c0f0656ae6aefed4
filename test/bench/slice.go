package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// cpuSlice is a control group of our own whose processes share a part of one processor: what the platform does with a
// small function.
type cpuSlice struct{ dir string }

const slicePeriod = 100 * time.Millisecond

// newSlice makes a control group, of version 1 or 2, that gets a tenth of a processor, or says why there is none.
func newSlice() (*cpuSlice, error) {
	period := slicePeriod.Microseconds()
	quota := period / 10
	name := fmt.Sprintf("cos-credentials-bench-%d", os.Getpid())
	var files map[string]string
	s := &cpuSlice{}
	if controllers, err := os.ReadFile("/sys/fs/cgroup/cgroup.subtree_control"); err == nil {
		if !strings.Contains(string(controllers), "cpu") {
			return nil, errors.New("this machine's control groups don't divide the processor")
		}
		s.dir = filepath.Join("/sys/fs/cgroup", name)
		files = map[string]string{"cpu.max": fmt.Sprintf("%d %d", quota, period)}
	} else {
		s.dir = filepath.Join("/sys/fs/cgroup/cpu", name)
		files = map[string]string{"cpu.cfs_period_us": fmt.Sprint(period), "cpu.cfs_quota_us": fmt.Sprint(quota)}
	}
	if err := os.Mkdir(s.dir, 0o755); err != nil {
		return nil, fmt.Errorf("no control group can be made: %w", err)
	}
	for file, value := range files {
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
func (s *cpuSlice) remove() (err error) {
	for range 100 {
		if err = os.Remove(s.dir); err == nil || errors.Is(err, os.ErrNotExist) {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}
