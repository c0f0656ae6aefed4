package cli

import (
	"flag"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// help is a command's own; of the one without a name, it is the tool's.
func (t Tool) help(to io.Writer, c Command, options *flag.FlagSet) {
	if c.Name == "" {
		t.list(to)
	} else {
		fmt.Fprintf(to, "Usage: %s %s [OPTION…]\n", t.Name, c.called())
	}
	if c.Help != "" {
		fmt.Fprintf(to, "\n%s\n", c.Help)
	}
	options.SetOutput(to)
	options.PrintDefaults()
}

// list is every command with every option that it has.
func (t Tool) list(to io.Writer) {
	fmt.Fprintf(to, "Usage: %s COMMAND [OPTION…]\n\n", t.Name)
	width := 0
	for _, c := range t.Commands {
		width = max(width, utf8.RuneCountInString(c.called()))
	}
	for _, c := range t.Commands {
		options := flag.NewFlagSet(c.Name, flag.ContinueOnError)
		c.Define(options)
		var named []string
		options.VisitAll(func(f *flag.Flag) { named = append(named, option(f)) })
		for i, line := range append(wrap(strings.Fields(c.Purpose), 116-width), wrap(named, 116-width)...) {
			label := ""
			if i == 0 {
				label = c.called()
			}
			fmt.Fprintf(to, "  %-*s  %s\n", width, label, line)
		}
	}
	fmt.Fprintf(to, "\n%s\n%s\n%s\nCOMMAND -h says more.\n", t.About, Statuses, ThroughGo)
}

func (c Command) called() string {
	if c.Name == "" {
		return "(no command)"
	}
	return strings.TrimSpace(c.Name + " " + c.Arguments)
}

// option is [--port N].
func option(f *flag.Flag) string {
	value, _ := flag.UnquoteUsage(f)
	dashes := "--"
	if len(f.Name) == 1 {
		dashes = "-"
	}
	return "[" + strings.TrimSpace(dashes+f.Name+" "+value) + "]"
}

// wrap puts words on lines of at most so many characters.
func wrap(words []string, most int) (lines []string) {
	for _, word := range words {
		last := len(lines) - 1
		if last >= 0 && utf8.RuneCountInString(lines[last]+word) < most {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}
