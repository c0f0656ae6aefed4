package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// withParent ends when `go run` does: that hands a Ctrl-C on, but a script that kills it would leave this process and
// the ports behind. A binary that anything else started stays when its parent goes.
func withParent(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	parent := os.Getppid()
	if program(parent) != "go" {
		return ctx, cancel
	}
	go func() {
		tick := time.NewTicker(250 * time.Millisecond)
		defer tick.Stop()
		for os.Getppid() == parent {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
		cancel()
	}()
	return ctx, cancel
}

// program is the name of the program that a process runs: as Linux has it in /proc, or as ps says. Windows
// has neither, and tells no process that its parent has ended.
func program(pid int) string {
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		said, _ := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
		path = strings.TrimSpace(string(said))
	}
	return filepath.Base(path)
}
