package main

import (
	"context"
	"os"
	"strings"
	"time"
)

// withParent ends when `go run` does: that hands a Ctrl-C on, but a script that kills it would leave this process and
// the ports behind. A binary that was built by itself is nobody's child.
func withParent(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	binary, err := os.Executable()
	if err != nil || !strings.Contains(binary, "go-build") {
		return ctx, cancel
	}
	parent := os.Getppid()
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
