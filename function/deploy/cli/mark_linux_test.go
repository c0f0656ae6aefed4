package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"cos-credentials/test/terminal"
)

// Colours are for people, and not for all of them: https://no-color.org.
func TestMarksAreColouredOnATerminalOnly(t *testing.T) {
	for _, tt := range []struct{ noColour, term, want string }{
		{"", "xterm", "\x1b[32m✓\x1b[0m \x1b[31m✗\x1b[0m"},
		{"1", "xterm", "✓ ✗"},
		{"", "dumb", "✓ ✗"},
	} {
		t.Setenv("NO_COLOR", tt.noColour)
		t.Setenv("TERM", tt.term)
		shown, err := terminal.Shown(func(to *os.File) { to.WriteString(Mark(to, Holds) + " " + Mark(to, Broken)) })
		if err != nil {
			t.Skip(err)
		}
		if shown != tt.want {
			t.Errorf("NO_COLOR=%s TERM=%s: %q", tt.noColour, tt.term, shown)
		}
	}
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	file, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	_, pipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	if all := Mark(&bytes.Buffer{}, Holds) + Mark(file, Holds) + Mark(pipe, Broken); strings.Contains(all, "\x1b") {
		t.Errorf("%q", all)
	}
}
