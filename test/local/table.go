package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"

	"cos-credentials/test/replay"
)

// table prints outcomes as they come, and at the end what differs.
type table struct {
	out          io.Writer
	verbose      bool
	colours      bool
	width        int    // of the names
	group        string // of the last row: the first word of its name
	ran, as, bad int    // how many: all, as expected, and not
	differences  strings.Builder
}

const green, red, dim = "\x1b[32m", "\x1b[31m", "\x1b[2m"

func newTable(out io.Writer, cases []replay.Case, verbose bool) *table {
	t := &table{out: out, verbose: verbose, colours: isTerminal(out)}
	for _, c := range cases {
		t.width = max(t.width, len(c.Name))
	}
	return t
}

// isTerminal: files and pipes get no colours, and neither does whoever sets NO_COLOR (https://no-color.org).
func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (t *table) paint(colour, s string) string {
	if !t.colours {
		return s
	}
	return colour + s + "\x1b[0m"
}

func (t *table) row(o replay.Outcome) {
	if group, _, _ := strings.Cut(o.Case.Name, "-"); group != t.group || t.verbose {
		fmt.Fprintln(t.out)
		t.group = group
	}
	t.ran++
	mark := t.paint(dim, "·")
	switch {
	case !o.OK():
		mark = t.paint(red, "✗")
		t.bad++
		t.explain(o)
	case o.Case.Answer != nil:
		mark = t.paint(green, "✓")
		t.as++
	}
	took := t.paint(dim, fmt.Sprintf("%6.1f ms", o.Took.Seconds()*1000))
	line := fmt.Sprintf("%s %-*s  %3d  %s  %s", mark, t.width, o.Case.Name, o.Status, took, cmp.Or(o.Opens, o.Code))
	fmt.Fprintln(t.out, strings.TrimRight(line, " "))
	var said []string
	if t.verbose || o.Case.Answer == nil {
		said = append(said, o.Case.About, o.Pretty())
	}
	if t.verbose {
		said = append(said, o.Log...)
	}
	for line := range strings.Lines(strings.Join(said, "\n")) {
		fmt.Fprintln(t.out, t.paint(dim, "    "+replay.Shorten(strings.TrimSuffix(line, "\n"))))
	}
}

// explain keeps for the end what differs.
func (t *table) explain(o replay.Outcome) {
	w := &t.differences
	fmt.Fprintf(w, "\n%s %s: %s\n", t.paint(red, "✗"), o.Case.Name, o.Case.About)
	for _, d := range o.Differences {
		fmt.Fprintf(w, "  %s\n", d.What)
		if d.Diff != "" {
			side(w, "diff", d.Diff)
			continue
		}
		side(w, "expected", d.Want)
		side(w, "got", replay.Shorten(d.Got))
	}
	for _, l := range o.Log {
		side(w, "log", replay.Shorten(l))
	}
}

func side(w io.Writer, label, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintf(w, "    %-8s  %s\n", label, line)
		label = ""
	}
}

// end prints what differs and the counts, and returns how many do.
func (t *table) end() int {
	counts := []string{t.paint(green, fmt.Sprintf("%d as expected", t.as))}
	if bare := t.ran - t.as - t.bad; bare > 0 {
		counts = append(counts, fmt.Sprintf("%d without an expected answer", bare))
	}
	if t.bad > 0 {
		counts = append(counts, t.paint(red, fmt.Sprintf("%d not as expected", t.bad)))
	}
	fmt.Fprintf(t.out, "%s\n%d replayed, %s.\n", t.differences.String(), t.ran, strings.Join(counts, ", "))
	return t.bad
}
