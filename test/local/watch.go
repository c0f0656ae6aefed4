package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// parent is the process that started this one.
var parent = os.Getppid()

// state of what the function is made from: it differs after somebody saved a file.
func state(root, access string) string {
	var all strings.Builder
	folder := func(name string) string { return filepath.Join(root, name) }
	for _, path := range []string{folder("function"), folder("policy"), folder("go.mod"), access} {
		filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.Contains(path, "testdata") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			if info, err := entry.Info(); err == nil {
				fmt.Fprintln(&all, path, info.ModTime().UnixNano(), info.Size())
			}
			return nil
		})
	}
	return all.String()
}

// follow calls changed after each change of what look sees, once that looks the same twice: editors and git save in
// several steps. It looks twice a second, because a watcher would be a dependency and a limit of the system's. It
// returns when ctx ends, or when the parent does: `go run` hands a Ctrl-C on, but a script that kills it would leave
// this process and the ports behind.
func follow(ctx context.Context, look func() string, last string, changed func()) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	before := last
	for os.Getppid() == parent {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := look()
		if now == before && now != last {
			last = now
			changed()
		}
		before = now
	}
}
