package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"cos-credentials/function/deploy/cli"
	"cos-credentials/test/replay"
)

// table prints outcomes as they come, and at the end what differs.
type table struct {
	out          io.Writer
	verbose      bool
	width        int    // of the names
	group        string // of the last row: the first word of its name
	ran, as, bad int    // how many: all, as expected, and not
	differences  strings.Builder
}

func newTable(out io.Writer, cases []replay.Case, verbose bool) *table {
	t := &table{out: out, verbose: verbose}
	for _, c := range cases {
		t.width = max(t.width, len(c.Name))
	}
	return t
}

func (t *table) row(o replay.Outcome) {
	if group, _, _ := strings.Cut(o.Case.Name, "-"); group != t.group || t.verbose {
		fmt.Fprintln(t.out)
		t.group = group
	}
	t.ran++
	mark := cli.Told
	switch {
	case !o.OK():
		mark = cli.Broken
		t.bad++
		t.explain(o)
	case o.Case.Answer != nil:
		mark = cli.Holds
		t.as++
	}
	line := fmt.Sprintf("%s %-*s  %3d  %6.1f ms  %s",
		cli.Mark(t.out, mark), t.width, o.Case.Name, o.Status, o.Took.Seconds()*1000, cmp.Or(o.Opens, o.Code))
	fmt.Fprintln(t.out, strings.TrimRight(line, " "))
	var said []string
	if t.verbose || o.Case.Answer == nil { // of a refusal, the log has the reason
		said = append(append(said, o.Case.About, o.Pretty()), o.Log...)
	}
	for line := range strings.Lines(strings.Join(said, "\n")) {
		fmt.Fprintln(t.out, "    "+replay.Shorten(strings.TrimSuffix(line, "\n")))
	}
}

// explain keeps for the end what differs.
func (t *table) explain(o replay.Outcome) {
	w := &t.differences
	fmt.Fprintf(w, "\n%s %s: %s\n", cli.Mark(t.out, cli.Broken), o.Case.Name, o.Case.About)
	for _, d := range o.Differences {
		fmt.Fprintf(w, "  %s\n", d.What)
		if d.Diff != "" {
			side(w, "diff", d.Diff)
			continue
		}
		side(w, "expected", d.Want)
		side(w, "got", d.Got)
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
	counts := []string{fmt.Sprintf("%d as expected", t.as)}
	if bare := t.ran - t.as - t.bad; bare > 0 {
		counts = append(counts, fmt.Sprintf("%d without an expected answer", bare))
	}
	if t.bad > 0 {
		counts = append(counts, fmt.Sprintf("%d not as expected", t.bad))
	}
	fmt.Fprintf(t.out, "%s\n%d replayed, %s.\n", t.differences.String(), t.ran, strings.Join(counts, ", "))
	return t.bad
}
