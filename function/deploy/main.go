// Command deploy puts the function into an account of Tencent Cloud as serverless.yml describes it, and back; says
// whether it does there what it promises; and helps on a bad day. Nothing of it is in the function's own binary.
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

const usage = `Usage: go run ./function/deploy [COMMAND] [OPTION…]

  (no command)        checks everything, builds the function, and puts it where serverless.yml says. What is so already
                      is left alone, so it can be run again at any time, after a Ctrl-C too.
                      [--stage NAME] [--check] [--dry-run] [--json] [--file FILE]
  rollback            moves the Function URL back to the version before. [--to N] [--stage NAME]
  smoke URL           uses the function as two users would, and says in words what holds and what doesn't.
  revoke --sub NAME   prints what closes a user's files to every key that is out; --all: what closes everybody's.

The deployer's key comes from TENCENT_SECRET_ID and TENCENT_SECRET_KEY (and TENCENT_TOKEN, if it is a temporary one),
and what serverless.yml reads as ${env:NAME} from the same places: the environment, .env, and .env.STAGE beside
serverless.yml. A sub-account needs QcloudSCFFullAccess, and cam:PassRole on the execution role. Secrets go to
scf.tencentcloudapi.com and nowhere else.

Exit status: 0 done, 1 something is wrong or does not hold, 2 the command line can't be read. COMMAND -h says more.
`

// Two ways to end a command when everything has been said already.
var (
	errNo    = errors.New("the work was done, and the result is no")
	errUsage = errors.New("the command line can't be read")
)

// session is one run of a command: what it reads, and the two streams that it writes to.
type session struct {
	args          []string
	env           func(string) (string, bool)
	in            io.Reader
	out, problems io.Writer
	workshop      *workshop
}

var commands = map[string]func(*session, context.Context) error{
	"rollback": (*session).rollback,
	"smoke":    (*session).smoke,
	"revoke":   (*session).revoke,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.MkdirTemp("", "cos-credentials-deploy-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := run(ctx, &session{os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr, &workshop{dir: dir}})
	os.RemoveAll(dir)
	os.Exit(status)
}

// run returns the exit status.
func run(ctx context.Context, s *session) int {
	do := (*session).deploy
	if len(s.args) > 0 && s.args[0] != "" && s.args[0][0] != '-' {
		name := s.args[0]
		if name == "help" {
			fmt.Fprint(s.out, usage)
			return 0
		}
		command, ok := commands[name]
		if !ok {
			fmt.Fprintf(s.problems, "%s\nThere is no command %q.\n", usage, name)
			return 2
		}
		do, s.args = command, s.args[1:]
	}
	err := do(s, ctx)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		return 2
	case errors.Is(err, errNo):
		return 1
	case ctx.Err() != nil:
		err = errors.New("interrupted: run the same command again, and it goes on from whatever state this left")
	}
	fmt.Fprintln(s.problems, err)
	return 1
}
