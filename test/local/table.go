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
	out     io.Writer
	verbose bool
	colours bool
	width   int    // of the names
	group   string // of the last row: the first word of its name
	ran     int
	bare    int
	differ  []replay.Outcome
}

const (
	green, red, dim, plain = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[0m"
)

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
	return colour + s + plain
}

func (t *table) row(o replay.Outcome) {
	if group, _, _ := strings.Cut(o.Case.Name, "-"); group != t.group || t.verbose {
		fmt.Fprintln(t.out)
		t.group = group
	}
	t.ran++
	mark := t.paint(green, "✓")
	switch {
	case !o.OK():
		mark = t.paint(red, "✗")
		t.differ = append(t.differ, o)
	case o.Case.Answer == nil:
		mark = t.paint(dim, "·")
		t.bare++
	}
	took := t.paint(dim, fmt.Sprintf("%6.1f ms", o.Took.Seconds()*1000))
	line := fmt.Sprintf("%s %-*s  %3d  %s  %s", mark, t.width, o.Case.Name, o.Status, took, cmp.Or(o.Opens, o.Code))
	fmt.Fprintln(t.out, strings.TrimRight(line, " "))
	if t.verbose || o.Case.Answer == nil {
		t.block(o.Case.About)
		t.block(o.Pretty())
	}
	if t.verbose {
		for _, l := range o.Log {
			t.block("log  " + replay.Shorten(l))
		}
	}
}

func (t *table) block(text string) {
	for _, line := range strings.Split(text, "\n") {
		fmt.Fprintln(t.out, t.paint(dim, "    "+line))
	}
}

// end prints what differs and the counts, and returns how many do.
func (t *table) end() int {
	for _, o := range t.differ {
		fmt.Fprintf(t.out, "\n%s %s: %s\n", t.paint(red, "✗"), o.Case.Name, o.Case.About)
		for _, d := range o.Differences {
			fmt.Fprintf(t.out, "  %s\n", d.What)
			for line := range strings.Lines(d.Diff) {
				fmt.Fprintf(t.out, "    %s\n", t.marked(strings.TrimSuffix(line, "\n")))
			}
			if d.Diff == "" {
				t.side("expected", d.Want)
				t.side("got", replay.Shorten(d.Got))
			}
		}
		for _, l := range o.Log {
			t.side("log", replay.Shorten(l))
		}
	}
	counts := fmt.Sprintf("%d events", t.ran)
	if t.ran == 1 {
		counts = "1 event"
	}
	for _, part := range []struct {
		colour string
		n      int
		what   string
	}{
		{green, t.ran - t.bare - len(t.differ), "as expected"}, {plain, t.bare, "without an expected answer"},
		{red, len(t.differ), "not as expected"},
	} {
		if part.n > 0 {
			counts += ", " + t.paint(part.colour, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	fmt.Fprintf(t.out, "\n%s.\n", counts)
	return len(t.differ)
}

func (t *table) marked(line string) string {
	switch {
	case strings.HasPrefix(line, "-"):
		return t.paint(green, line)
	case strings.HasPrefix(line, "+"):
		return t.paint(red, line)
	}
	return line
}

func (t *table) side(label, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintf(t.out, "    %-8s  %s\n", label, line)
		label = ""
	}
}
