package cli

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"testing"
)

// example has one command of each kind.
func example(done func(Call, string) error) Tool {
	define := func(f *flag.FlagSet) Do {
		name := f.String("name", "", "a `name`")
		f.Bool("v", false, "say more")
		return func(_ context.Context, call Call) error { return done(call, *name) }
	}
	return Tool{Name: "go run ./example", About: "About it.", Commands: []Command{
		{Purpose: "does the usual.", Help: "The usual is this.", Define: define},
		{Name: "read", Arguments: "[FILE…]", Purpose: strings.Repeat("reads files. ", 20), Define: define},
		{Name: "call", Arguments: "URL", Purpose: "calls it.", Help: "How it is called.", Define: define},
	}}
}

func runExample(ctx context.Context, tool Tool, line string) (status int, out, problems string) {
	var o, p strings.Builder
	status = tool.Run(ctx, strings.Fields(line), &o, &p)
	return status, o.String(), p.String()
}

// Help that is asked for is the result, at both levels and in each spelling. It names every command and option.
func TestHelp(t *testing.T) {
	all := []string{
		"Usage: go run ./example COMMAND", "(no command)", "read [FILE…]", "call URL", "[--name name] [-v]",
		"About it.", Statuses, ThroughGo, "The usual is this.", "-name name\n",
	}
	of := []string{"Usage: go run ./example call URL [OPTION…]", "How it is called.", "-name name\n"}
	for line, want := range map[string][]string{
		"help": all, "-h": all, "--help": all, "-v --help": all,
		"call help": of, "call -h": of, "call --help": of, "help call": of, "call x -v -h": of,
	} {
		status, out, problems := runExample(t.Context(), example(nil), line)
		for _, one := range want {
			if status != 0 || problems != "" || !strings.Contains(out, one) {
				t.Errorf("%s: %d, no %q in\n%s\nor something in\n%s", line, status, one, out, problems)
			}
		}
		for one := range strings.Lines(out) {
			if len([]rune(one)) > 121 {
				t.Errorf("%s: a line is too long: %s", line, one)
			}
		}
	}
}

// What is wrong comes last, under the help, where a person looks.
func TestWrongCommandLines(t *testing.T) {
	refuse := func(Call, string) error { return Wrong("It needs %s.", "more") }
	unnamed := example(refuse)
	unnamed.Commands = unnamed.Commands[1:]
	for _, tt := range []struct {
		tool       Tool
		line, help string
		says       string
	}{
		{example(nil), "fly", "Usage: go run ./example COMMAND", `There is no command "fly".`},
		{example(nil), "help fly", "Usage: go run ./example COMMAND", `There is no command "fly".`},
		{example(nil), "--fly", "The usual is this.", "flag provided but not defined: -fly"},
		{example(nil), "call --fly", "How it is called.", "flag provided but not defined: -fly"},
		{example(nil), "call a b", "How it is called.", "These are too many arguments: the command takes URL."},
		{example(refuse), "call a", "How it is called.", "It needs more."},
		{unnamed, "", "Usage: go run ./example COMMAND", "Name a command."},
		{unnamed, "-v", "Usage: go run ./example COMMAND", "flag provided but not defined: -v"},
	} {
		status, out, problems := runExample(t.Context(), tt.tool, tt.line)
		if status != 2 || out != "" || !strings.HasSuffix(problems, "\n\n"+tt.says+"\n") ||
			!strings.Contains(problems, tt.help) {
			t.Errorf("%q: %d\n%s%s", tt.line, status, out, problems)
		}
	}
	// An empty variable of a script is no command, and not none either.
	if status := example(nil).Run(t.Context(), []string{""}, io.Discard, io.Discard); status != 2 {
		t.Errorf("an empty argument: %d", status)
	}
}

func TestStatuses(t *testing.T) {
	over, end := context.WithCancel(t.Context())
	end()
	for _, tt := range []struct {
		ctx    context.Context
		err    error
		status int
		says   string
	}{
		{t.Context(), nil, 0, ""},
		{t.Context(), ErrNo, 1, ""},
		{t.Context(), errors.New("the network is down"), 1, "the network is down\n"},
		{over, errors.New("broken off"), 1, "interrupted: run the same command again\n"},
	} {
		tool := example(func(call Call, name string) error {
			if strings.Join(call.Arguments, " ") != "a b" || name != "x" {
				t.Errorf("%q, %q", call.Arguments, name)
			}
			return tt.err
		})
		if status, out, problems := runExample(tt.ctx, tool, "read a --name x b"); status != tt.status || out != "" ||
			problems != tt.says {
			t.Errorf("%v: %d\n%s%s", tt.err, status, out, problems)
		}
	}
}

// The pages say what the tools do.
func TestPagesNameTheStatuses(t *testing.T) {
	for _, page := range []string{"../README.md", "../../../test/README.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, said := range []string{Statuses, ThroughGo} {
			said = strings.ReplaceAll(said, `"`, "`")
			if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), said) {
				t.Errorf("%s doesn't say: %s", page, said)
			}
		}
	}
}
