package main

import (
	"os"
	"strings"
	"testing"

	"cos-credentials/function/deploy/smoke"
	"cos-credentials/test/terminal"
)

// What doesn't hold is red where a person looks, and JSON never is.
func TestFindingsInColour(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	plain := func(text string) string { return text }
	for asJSON, want := range map[bool]string{false: "\x1b[31m✗\x1b[0m A.", true: `{"state":"broken","what":"A."`} {
		shown, err := terminal.Shown(func(to *os.File) {
			(&session{out: to}).finding(smoke.Finding{State: smoke.Broken, What: "A.", Saw: "B"}, plain, asJSON)
		})
		if err != nil {
			t.Skip(err)
		}
		if !strings.HasPrefix(shown, want) || asJSON && strings.Contains(shown, "\x1b") {
			t.Errorf("%q", shown)
		}
	}
}
