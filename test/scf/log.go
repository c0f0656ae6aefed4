package scf

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// Log keeps what a function writes, line by line. It stands in for the platform's log service.
type Log struct {
	mu     sync.Mutex
	lines  []string
	rest   []byte
	closed bool
	copy   io.Writer
}

const mostLines = 10_000 // a function that logs more than this in a test run has a bug that shows in fewer

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	parts := bytes.Split(append(l.rest, p...), []byte("\n"))
	for _, line := range parts[:len(parts)-1] {
		l.lines = append(l.lines, string(line))
		if l.copy != nil {
			io.WriteString(l.copy, string(line)+"\n")
		}
	}
	l.rest = bytes.Clone(parts[len(parts)-1])
	l.lines = slices.Delete(l.lines, 0, max(0, len(l.lines)-mostLines))
	return len(p), nil
}

// close keeps an unfinished last line.
func (l *Log) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.rest) > 0 {
		l.lines = append(l.lines, string(l.rest))
	}
	l.closed = true
}

// Copy writes every line so far to w, and each that follows.
func (l *Log) Copy(w io.Writer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		io.WriteString(w, line+"\n")
	}
	l.copy = w
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
		i, closed := slices.IndexFunc(l.lines, func(s string) bool { return strings.Contains(s, text) }), l.closed
		if i >= 0 {
			defer l.mu.Unlock()
			return l.lines[i], true
		}
		l.mu.Unlock()
		if closed {
			return "", false
		}
		select {
		case <-ctx.Done():
			return "", false
		case <-time.After(time.Millisecond):
		}
	}
}
