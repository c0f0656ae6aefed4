// Package cli is the voice that the repository's tools share: one table of commands that the help is written from,
// one way to read options, one set of exit statuses, and signs in colour.
package cli

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Tool is a program that has commands.
type Tool struct {
	Name     string // how people start it: go run ./test/local
	About    string // what there is to know beside the commands
	Commands []Command
}

// Command is one of them. The one without a name is what is done when none is named.
type Command struct {
	Name      string
	Arguments string // as people read them: URL, or [FILE…] for any number; "" for none
	Purpose   string // in the list of commands
	Help      string // its own help, above the options
	Define    func(*flag.FlagSet) Do
}

// Do is what a command does, once its options are read.
type Do func(context.Context, Call) error

// Call is the rest of a command line, and where results and everything else go.
type Call struct {
	Arguments     []string
	Out, Problems io.Writer
}

// Statuses are what Run returns. Every other error than ErrNo and Wrong is work that failed.
const Statuses = "Exit status: 0 yes, or done; 1 no: something doesn't hold, or the work failed; " +
	"2 the command line can't be read."

// ThroughGo is said beside Statuses: people start the tools so.
const ThroughGo = `"go run" ends with 1 for every status but 0, and prints which it was.`

// ErrNo ends a command that has said everything already: the work was done, and the result is no.
var ErrNo = errors.New("the result is no")

type wrong struct{ error }

// Wrong is what is wrong with a command line. The help is shown above it.
func Wrong(format string, args ...any) error { return wrong{fmt.Errorf(format, args...)} }

// Run does what the command line says, and returns the exit status.
func (t Tool) Run(ctx context.Context, args []string, out, problems io.Writer) int {
	name := ""
	if len(args) > 0 && args[0] != "" && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	if name == "help" {
		name, args = strings.Join(args, " "), []string{"-h"}
	}
	c, err := t.find(name)
	options := flag.NewFlagSet(name, flag.ContinueOnError)
	options.SetOutput(io.Discard) // it would say what is wrong above the help, where nobody sees it
	do, call := c.Define(options), Call{nil, out, problems}
	if err == nil {
		call.Arguments, err = c.read(options, args)
	}
	if err == nil {
		err = do(ctx, call)
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		t.help(out, c, options)
		return 0
	case errors.As(err, &wrong{}):
		t.help(problems, c, options)
		fmt.Fprintf(problems, "\n%v\n", err)
		return 2
	case errors.Is(err, ErrNo):
		return 1
	case ctx.Err() != nil:
		err = errors.New("interrupted: run the same command again")
	}
	fmt.Fprintln(problems, err)
	return 1
}

func (t Tool) find(name string) (Command, error) {
	if at := slices.IndexFunc(t.Commands, func(c Command) bool { return c.Name == name }); at >= 0 {
		return t.Commands[at], nil
	}
	none := Command{Define: func(*flag.FlagSet) Do {
		return func(context.Context, Call) error { return Wrong("Name a command.") }
	}}
	if name == "" {
		return none, nil
	}
	return none, Wrong("There is no command %q.", name)
}

// read reads the options, which may stand before and behind the arguments, and returns those.
func (c Command) read(options *flag.FlagSet, args []string) (arguments []string, err error) {
	for {
		switch err := options.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			return nil, err
		case err != nil:
			return nil, Wrong("%w", err)
		}
		if options.NArg() == 0 {
			break
		}
		arguments, args = append(arguments, options.Arg(0)), options.Args()[1:]
	}
	most := math.MaxInt
	switch {
	case slices.Equal(arguments, []string{"help"}):
		return nil, flag.ErrHelp
	case c.Arguments == "":
		most = 0
	case !strings.Contains(c.Arguments, "…"):
		most = 1
	}
	if len(arguments) > most {
		// They are not quoted: one may be a token.
		return nil, Wrong("These are too many arguments: the command takes %s.", cmp.Or(c.Arguments, "none"))
	}
	return arguments, nil
}
