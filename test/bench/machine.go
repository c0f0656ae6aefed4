package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// machine names what a run ran on.
func machine(ctx context.Context) string {
	cpu := "an unknown processor"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				cpu = strings.TrimSpace(value)
				break
			}
		}
	}
	kernel := runtime.GOOS
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		kernel = "Linux " + strings.TrimSpace(string(text))
	}
	node := "no Node"
	if text, err := exec.CommandContext(ctx, "node", "--version").Output(); err == nil {
		node = "Node " + strings.TrimSpace(strings.TrimPrefix(string(text), "v"))
	}
	return fmt.Sprintf("%s, %d cores, %s, Go %s, %s, %s", cpu, runtime.NumCPU(), kernel,
		strings.TrimPrefix(runtime.Version(), "go"), node, time.Now().UTC().Format("2006-01-02"))
}
