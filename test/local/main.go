// Command local is Tencent Cloud on a laptop, as far as this function meets it: it needs Go, and no account.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"cos-credentials/function/deploy/cli"
)

var tool = cli.Tool{
	Name:  "go run ./test/local",
	About: "Nothing here calls Tencent Cloud. What npm brings is brought once.\n",
	Commands: []cli.Command{
		{
			Name: "replay", Arguments: "[FILE…]",
			Purpose: "builds the function, runs it as the platform does, sends it the events in the files (all of events/ if " +
				"none is named), and compares its answers. A file that is an event by itself, as saved from the platform's " +
				"log, is replayed too.",
			Help: replayHelp, Define: replayCommand,
		},
		{
			Name:    "serve",
			Purpose: "the whole round trip: a page with a login, the function, STS and COS, for front ends.",
			Help:    serveHelp, Define: serveCommand,
		},
		{
			Name: "explain",
			Purpose: "shows, in words and as JSON, the policy that a login would get; says which rules refuse a token, and " +
				"why; holds the access file to what logins can and cannot do; and says what a change opens and closes.",
			Help: explainHelp, Define: explainCommand,
		},
		{
			Name:    "package",
			Purpose: "builds what is uploaded: build/main (linux/amd64) and build/main.zip, always the same bytes.",
			Help:    packageHelp, Define: packageCommand,
		},
		{
			Name:    "client",
			Purpose: "bundles what front ends copy: build/credentials.mjs, and credentials.js for Mini Programs.",
			Help:    clientHelp, Define: clientCommand,
		},
	},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit status.
func run(ctx context.Context, args []string, out, problems io.Writer) int {
	return tool.Run(ctx, args, out, problems)
}
