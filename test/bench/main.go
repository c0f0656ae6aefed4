// Command bench measures the function beside an empty handler, a naive one and the vendor's Node sample, and works out how
// many users one sub-account carries. It writes its tables and plots beside itself.
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

const usage = `Usage: go run ./test/bench [-quick] [-alg RS256|ES256|HS256]
       go run ./test/bench -profile
       go run ./test/bench capacity [-quick]

The first measures speed, memory and size in some 6 minutes, on Linux, and writes test/bench/results.md and speed.svg.
-profile shows instead where the function's time goes. The third simulates how many users one sub-account carries, and
writes capacity.md and capacity.svg. What -quick finds is shown and not written.

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := command(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return
	case ctx.Err() != nil:
		err = errors.New("interrupted; everything that was started has been ended")
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}

func command(ctx context.Context, args []string, out, say io.Writer) error {
	if len(args) > 0 && args[0] == stsCommand {
		return serveSTS(args[1:], os.Stdin, out)
	}
	simulate := len(args) > 0 && args[0] == "capacity"
	if simulate {
		args = args[1:]
	}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(say)
	f.Usage = func() {
		fmt.Fprint(say, usage)
		f.PrintDefaults()
	}
	short := f.Bool("quick", false, "about a minute, for trying out; writes nothing")
	algorithm, profiled := new(string), new(bool)
	if !simulate {
		f.StringVar(algorithm, "alg", "RS256", "the token's `algorithm`")
		f.BoolVar(profiled, "profile", false, "profile the function instead")
	}
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		f.Usage()
		return fmt.Errorf("there is no command %q", f.Arg(0))
	}
	switch {
	case simulate:
		return capacity(ctx, *short, out, say)
	case *profiled:
		return profile(ctx, *algorithm, out, say)
	}
	e := full
	if *short {
		e = quick
	}
	r, err := speed(ctx, e, *algorithm, say)
	if err != nil {
		return err
	}
	text := report(r)
	if _, err := out.Write(text); err != nil || *short {
		return err
	}
	return errors.Join(write("results.md", text), write("speed.svg", speedPlot(r)))
}
