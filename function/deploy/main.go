// Command deploy puts the function into an account of Tencent Cloud as serverless.yml describes it, and back; says
// whether it does there what it promises; and helps on a bad day. Nothing of it is in the function's own binary.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"cos-credentials/function/deploy/cli"
)

const whereKeysComeFrom = `The deployer's key comes from TENCENT_SECRET_ID and TENCENT_SECRET_KEY (and TENCENT_TOKEN, if
it is a temporary one), and what serverless.yml reads as ${env:NAME} from the same places: the environment, .env, and
.env.STAGE beside serverless.yml. A sub-account needs QcloudSCFFullAccess, and cam:PassRole on the execution role.
Secrets go to scf.tencentcloudapi.com and nowhere else.
`

// session is one run of a command: what it reads, and the two streams that it writes to.
type session struct {
	args          []string
	env           func(string) (string, bool)
	in            io.Reader
	out, problems io.Writer
	workshop      *workshop
}

func (s *session) commands() []cli.Command {
	return []cli.Command{
		{
			Purpose: "checks everything, builds the function, and puts it where serverless.yml says. What is so already " +
				"is left alone, so it can be run again at any time, after a Ctrl-C too.",
			Help: deployHelp, Define: s.deploy,
		},
		{
			Name: "rollback", Purpose: "moves the Function URL back to the version before.",
			Help: rollbackHelp, Define: s.rollback,
		},
		{
			Name: "smoke", Arguments: "URL",
			Purpose: "uses the function as two users would, and says in words what holds and what doesn't.",
			Help:    smokeHelp, Define: s.smoke,
		},
		{
			Name:    "revoke",
			Purpose: "prints what closes a user's files to every key that is out; --all: what closes everybody's.",
			Help:    revokeHelp, Define: s.revoke,
		},
	}
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
	tool := cli.Tool{Name: "go run ./function/deploy", About: whereKeysComeFrom, Commands: s.commands()}
	return tool.Run(ctx, s.args, s.out, s.problems)
}
