package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// options is a flag set that brings the command's own help.
type options struct {
	*flag.FlagSet
	session *session
	help    string
	shared  shared
}

// shared are the options that every command has, and those that call SCF have.
type shared struct {
	stage, file, endpoint string
	json                  bool
}

func (s *session) options(name, help string) *options {
	o := &options{flag.NewFlagSet(name, flag.ContinueOnError), s, help, shared{}}
	o.SetOutput(io.Discard) // package flag would say what is wrong above the help, where nobody sees it
	f := &o.shared
	o.StringVar(&f.stage, "stage", "", "the stage's `name`, if not serverless.yml's own; it has its .env.NAME")
	o.StringVar(&f.file, "file", "", "another description than serverless.yml; .env is read beside it")
	o.BoolVar(&f.json, "json", false, "print the result as JSON, one object a line")
	return o
}

// callsSCF adds the option of those commands that do.
func (o *options) callsSCF() {
	o.StringVar(&o.shared.endpoint, "endpoint", "", "an SCF API on this machine, `http://127.0.0.1:PORT`, for tests")
}

// parse reads the options, which may stand before and behind the arguments, and returns those.
func (o *options) parse(most int) ([]string, error) {
	var arguments []string
	for rest := o.session.args; ; {
		err := o.FlagSet.Parse(rest)
		switch {
		case errors.Is(err, flag.ErrHelp):
			o.showHelp(o.session.out)
			return nil, err
		case err != nil:
			return nil, o.wrong("%v", err)
		}
		if o.NArg() == 0 {
			break
		}
		arguments, rest = append(arguments, o.Arg(0)), o.Args()[1:]
	}
	if len(arguments) > most {
		return nil, o.wrong("%q is one argument too many", arguments[most])
	}
	if !isLocal(o.shared.endpoint) {
		return nil, o.wrong("--endpoint is for an address of this machine, such as http://127.0.0.1:8080")
	}
	return arguments, nil
}

func (o *options) showHelp(to io.Writer) {
	fmt.Fprintf(to, "%s\n", o.help)
	o.SetOutput(to)
	o.PrintDefaults()
}

func (o *options) wrong(format string, args ...any) error {
	o.showHelp(o.session.problems)
	fmt.Fprintf(o.session.problems, "\n"+format+"\n", args...)
	return errUsage
}
