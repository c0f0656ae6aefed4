package scf

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
)

// Log keeps what a function writes, line by line. It stands in for the platform's log service.
type Log struct {
	mu      sync.Mutex
	lines   []string
	rest    []byte
	changed chan struct{} // closed and replaced at every new line
	closed  bool
}

const mostLines = 10_000 // a function that logs more than this in a test run has a bug that shows in fewer

func newLog() *Log { return &Log{changed: make(chan struct{})} }

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		line, rest, ok := bytes.Cut(l.rest, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		l.add(string(line))
		l.rest = bytes.Clone(rest)
	}
}

func (l *Log) add(line string) {
	if l.lines = append(l.lines, line); len(l.lines) > mostLines {
		l.lines = slices.Delete(l.lines, 0, len(l.lines)-mostLines)
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

// close keeps an unfinished last line, and wakes those who wait for another.
func (l *Log) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.rest) > 0 {
		l.add(string(l.rest))
		l.rest = nil
	}
	l.closed = true
	close(l.changed)
	l.changed = make(chan struct{})
}

// Lines is every line so far.
func (l *Log) Lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}

// Tail is the last lines, for an error message.
func (l *Log) Tail() string {
	lines := l.Lines()
	if len(lines) == 0 {
		return "(nothing was logged)"
	}
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

// Wait returns the first line that holds text. An answer can overtake the log line that was written before it, so tests
// wait instead of looking.
func (l *Log) Wait(ctx context.Context, text string) (string, bool) {
	for {
		l.mu.Lock()
		i := slices.IndexFunc(l.lines, func(s string) bool { return strings.Contains(s, text) })
		if i >= 0 {
			defer l.mu.Unlock()
			return l.lines[i], true
		}
		changed, closed := l.changed, l.closed
		l.mu.Unlock()
		if closed {
			return "", false
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return "", false
		}
	}
}
