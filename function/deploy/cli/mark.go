package cli

import (
	"io"
	"os"
)

// The signs that stand before a sentence.
const (
	Holds  = "✓"
	Broken = "✗"
	Told   = "·" // nothing was promised
	Left   = "–" // it was not tried
)

var colours = map[string]string{Holds: "\x1b[32m", Broken: "\x1b[31m", Told: "\x1b[2m", Left: "\x1b[2m"}

// Mark is a sign, in its colour if a person looks at it.
func Mark(to io.Writer, sign string) string {
	if !isTerminal(to) {
		return sign
	}
	return colours[sign] + sign + "\x1b[0m"
}

// isTerminal: files and pipes get no colours, and neither does whoever sets NO_COLOR (https://no-color.org).
func isTerminal(to io.Writer) bool {
	f, ok := to.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
