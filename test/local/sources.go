package main

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"strings"
	"time"
)

// sources is what the function is made from: looked at twice a second, because a watcher would be a dependency and a
// limit of the system's.
type sources struct {
	roots []string // folders, and files by themselves
	last  map[string]string
}

// newSources remembers how everything looks now, which is before the first build.
func newSources(root, access string) *sources {
	s := &sources{}
	for _, name := range []string{"function", "policy", "go.mod"} {
		s.roots = append(s.roots, filepath.Join(root, name))
	}
	if access != "" {
		s.roots = append(s.roots, access)
	}
	s.last = s.look()
	return s
}

// look returns each file with what changes when somebody saves it.
func (s *sources) look() map[string]string {
	out := map[string]string{}
	for _, root := range s.roots {
		filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			ext := filepath.Ext(path)
			switch {
			case err != nil: // it was just deleted, say
				return nil
			case d.IsDir() && d.Name() == "testdata":
				return filepath.SkipDir
			case d.IsDir(), strings.HasSuffix(path, "_test.go"), path != root && ext != ".go" && ext != ".yaml":
				return nil
			}
			if info, err := d.Info(); err == nil {
				out[path] = fmt.Sprint(info.ModTime().UnixNano(), info.Size())
			}
			return nil
		})
	}
	return out
}

// follow calls changed after each change, once it looks the same twice: editors and git save in several steps. It returns
// when ctx ends.
func (s *sources) follow(ctx context.Context, changed func()) {
	tick := time.NewTicker(500 * time.Millisecond)
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
