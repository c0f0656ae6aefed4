package main

import (
	"os"
	"strings"
	"testing"

	"cos-credentials/test/replay"
	"cos-credentials/test/terminal"
)

// Marks are in colour, and nothing moves for it.
func TestTableInColour(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	good := replay.Outcome{Case: replay.Case{Name: "ok-a", Answer: &replay.Answer{}}, Status: 200}
	bad := replay.Outcome{Case: replay.Case{Name: "ok-b"}, Status: 500, Differences: []replay.Difference{{What: "status"}}}
	shown, err := terminal.Shown(func(to *os.File) {
		rows := newTable(to, []replay.Case{good.Case, bad.Case}, false)
		rows.row(good)
		rows.row(bad)
		rows.end()
	})
	if err != nil {
		t.Skip(err)
	}
	for _, want := range []string{"\x1b[32m✓\x1b[0m ok-a  200", "\x1b[31m✗\x1b[0m ok-b  500", "\x1b[31m✗\x1b[0m ok-b: "} {
		if !strings.Contains(shown, want) {
			t.Errorf("no %q in %q", want, shown)
		}
	}
}
