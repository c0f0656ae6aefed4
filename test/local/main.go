// Command local is Tencent Cloud on a laptop, as far as this function meets it: it needs Go, and no account.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const usage = `Usage: go run ./test/local COMMAND

  replay [-v] [FILE…]     builds the function, runs it as the platform does, sends it the events in the files (all of
                          events/ if none is named), and compares its answers. A file that is an event by itself, as
                          saved from the platform's log, is replayed too. -v shows answers and log lines.
  serve                   the whole round trip: a page with a login, the function, STS and COS, for front ends.
                          [--port N] [--access FILE] [--json]
  explain --sub NAME      shows, in words and as JSON, the policy that a login would get. Nothing is called.
                          [--claim k=v …] [--issuer NAME] [--grant NAME] [--address IP] [--access FILE]
                          [--scope ITEM … | --filename NAME | --key KEY [--type TYPE]]
  explain --token -       reads a login's token from standard input, and says which rules refuse it, and why. [--fetch]
                          --expect FILE holds the access file to what logins can and cannot do; --diff OLD says what a
                          change opens and closes.
  package                 builds what is uploaded: build/main (linux/amd64) and build/main.zip, always the same bytes.
  client                  bundles what front ends copy: build/credentials.mjs, and credentials.js for Mini Programs.

COMMAND -h says more.
`

// Two ways to end a command when everything has been said already.
var (
	errNo    = errors.New("the work was done, and the result is no")
	errUsage = errors.New("the command line can't be read")
)

// command is one of the above. It writes to the two streams only.
type command func(ctx context.Context, args []string, out, problems io.Writer) error

var commands = map[string]command{
	"replay": replayCommand, "serve": serveCommand, "explain": explainCommand, "package": packageCommand,
	"client": clientCommand,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit status: 0 for yes, 1 for no, 2 for what could not be done.
func run(ctx context.Context, args []string, out, problems io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(problems, usage)
		return 2
	}
	do, ok := commands[args[0]]
	if !ok {
		if asked := args[0]; asked == "-h" || asked == "--help" || asked == "help" {
			fmt.Fprint(out, usage)
			return 0
		}
		fmt.Fprintf(problems, "There is no command %q.\n\n%s", args[0], usage)
		return 2
	}
	err := do(ctx, args[1:], out, problems)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errNo):
		return 1
	case errors.Is(err, errUsage):
		return 2
	case errors.Is(err, context.Canceled):
		err = errors.New("interrupted")
	}
	fmt.Fprintln(problems, err)
	return 2
}

// options is a flag set that brings the command's own help.
type options struct {
	*flag.FlagSet
	problems io.Writer
	help     string
}

func newOptions(name, help string, problems io.Writer) options {
	o := options{flag.NewFlagSet(name, flag.ContinueOnError), problems, help}
	o.SetOutput(io.Discard) // package flag would say what is wrong above the help, where nobody sees it
	return o
}

func (o options) parse(args []string) error {
	err := o.FlagSet.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		o.showHelp()
	case err != nil:
		return o.wrong("%v", err)
	}
	return err
}

func (o options) showHelp() {
	fmt.Fprintf(o.problems, "%s\n", o.help)
	o.SetOutput(o.problems)
	o.PrintDefaults()
}

func (o options) wrong(format string, args ...any) error {
	o.showHelp()
	fmt.Fprintf(o.problems, "\n"+format+"\n", args...)
	return errUsage
}
