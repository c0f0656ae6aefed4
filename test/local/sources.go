package main

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// sources is what the function is made from: looked at twice a second, because a watcher would be a dependency and a
// limit of the system's.
type sources struct {
	folders []string
	files   []string
	every   time.Duration
	last    map[string]string // as of when the function was built
}

// newSources remembers how everything looks now, which is before the first build.
func newSources(root, access string) *sources {
	s := &sources{every: 500 * time.Millisecond, files: []string{filepath.Join(root, "go.mod")}}
	for _, folder := range []string{"function", "policy"} {
		s.folders = append(s.folders, filepath.Join(root, folder))
	}
	if access != "" {
		s.files = append(s.files, access)
	}
	s.last = s.look()
	return s
}

// look returns each file with what changes when somebody saves it.
func (s *sources) look() map[string]string {
	out := map[string]string{}
	note := func(path string, info fs.FileInfo) { out[path] = fmt.Sprint(info.ModTime().UnixNano(), info.Size()) }
	for _, folder := range s.folders {
		filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				if err == nil && d.Name() == "testdata" {
					return filepath.SkipDir
				}
				return nil
			}
			if ext := filepath.Ext(path); ext == ".go" && !strings.HasSuffix(path, "_test.go") || ext == ".yaml" {
				if info, err := d.Info(); err == nil {
					note(path, info)
				}
			}
			return nil
		})
	}
	for _, path := range s.files {
		if info, err := os.Stat(path); err == nil {
			note(path, info)
		}
	}
	return out
}

// follow calls changed after each change, once it looks the same twice: editors and git save in several steps. It returns
// when ctx ends.
func (s *sources) follow(ctx context.Context, changed func()) {
	tick := time.NewTicker(s.every)
	defer tick.Stop()
	before := s.last
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := s.look()
		settled := maps.Equal(now, before)
		before = now
		if settled && !maps.Equal(now, s.last) {
			s.last = now
			changed()
		}
	}
}
