package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cos-credentials/function/deploy/cli"
	"cos-credentials/test/replay"
	"cos-credentials/test/repo"
	"cos-credentials/test/scf"
)

const replayHelp = `Sends events through the real function and compares the answers. Exit status 1 means that one
differs. A file that names no access file goes by policy/access.yaml, as built in; those of events/ name theirs.

A file is {"about": …, "event": …, "answer": {"status": …, …}}, or just an event, whose answer and log are shown then.
The token in an event that was saved is of a secret that isn't here: write ${TOKEN} in its place. "env" changes the
function's environment, "access" names another access file, "sts" breaks STS (code, status, body, delay, hang, cut,
reset, huge), "timeLimit" is the function's, "executionRole": true brings that role's key with the event, and "raw"
replaces "event" by a text. An answer may name status, code, headers, body (a part of it), policy (all of it), life (of
the key, in seconds), sts (false: never asked; or the action called), key (… stands for the date and what can't be
guessed), form (an upload form's own conditions), links (without their queries), sealed (true: to
j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4KF8 in sealTo; all else is about what is inside) and log (members of the
request's line).

` + replay.Syntax + "\n"

// building is said first, because nothing else is for a while.
const building = "Building the function; the first time it takes a while …"

func replayCommand(f *flag.FlagSet) cli.Do {
	verbose := f.Bool("v", false, "show each answer and what the function logged")
	return func(ctx context.Context, call cli.Call) error {
		cases, err := load(call.Arguments)
		if err != nil {
			return err
		}
		return replayAll(ctx, cases, *verbose, call.Out, call.Problems)
	}
}

func replayAll(ctx context.Context, cases []replay.Case, verbose bool, out, problems io.Writer) error {
	dir, err := os.MkdirTemp("", "cos-credentials-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintln(problems, building)
	began := time.Now()
	binary, err := scf.Build(ctx, dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Built the function in %.1f s.\n%s\n", time.Since(began).Seconds(), accessFiles(cases))
	runner, err := replay.NewRunner(binary)
	if err != nil {
		return err
	}
	defer runner.Close()

	t := newTable(out, cases, verbose)
	for _, c := range cases {
		o, err := runner.Run(ctx, c)
		if err != nil {
			return err
		}
		t.row(o)
	}
	if t.end() > 0 {
		return cli.ErrNo
	}
	return nil
}

// accessFiles says which access files the cases go by, and how many by each.
func accessFiles(cases []replay.Case) string {
	count := map[string]int{}
	for _, c := range cases {
		count[cmp.Or(c.Access, "policy/access.yaml, built in")]++
	}
	var each []string
	for _, name := range slices.Sorted(maps.Keys(count)) {
		each = append(each, fmt.Sprintf("%s (%d)", name, count[name]))
	}
	return "An access file says who may do what. Of the events, so many go by " + strings.Join(each, ", ") + "."
}

// load reads the files named, or all of events/, the good cases first.
func load(files []string) ([]replay.Case, error) {
	if len(files) == 0 {
		root, err := repo.Root()
		if err != nil {
			return nil, err
		}
		if files, err = filepath.Glob(filepath.Join(root, "events", "*.json")); err != nil || len(files) == 0 {
			return nil, errors.New("there is no JSON file in events/")
		}
		good := func(file string) bool { return strings.HasPrefix(filepath.Base(file), "ok-") }
		refused := slices.DeleteFunc(slices.Clone(files), good)
		files = append(slices.DeleteFunc(files, func(file string) bool { return !good(file) }), refused...)
	}
	var cases []replay.Case
	var wrong []error
	for _, file := range files {
		c, err := replay.Load(file)
		wrong = append(wrong, err)
		cases = append(cases, c)
	}
	return cases, errors.Join(wrong...)
}
