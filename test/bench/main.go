// Command bench measures the function beside an empty handler, a naive one and the vendor's Node sample, and works out
// how many users one sub-account carries. It writes its tables and its plot beside itself.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"cos-credentials/test/repo"
)

const usage = `Usage: go run ./test/bench [-quick | -profile]
       go run ./test/bench capacity

The first measures speed, memory and size in some 6 minutes, on Linux with Node.js, and writes test/bench/results.md and
speed.svg. The second works out how many users one sub-account carries, and writes test/bench/capacity.md.

`

func main() {
	flag.Usage = func() {
		fmt.Fprint(os.Stderr, usage)
		flag.PrintDefaults()
	}
	short := flag.Bool("quick", false, "measure for about a minute; what is found is shown and not written")
	profiled := flag.Bool("profile", false, "show instead where the function's time goes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch {
	case flag.Arg(0) == stsCommand && flag.NArg() == 3:
		serveSTS(flag.Arg(1), flag.Arg(2))
	case flag.Arg(0) == "capacity" && flag.NArg() == 1:
		err = publish("capacity.md", capacityReport())
	case flag.NArg() > 0:
		err = fmt.Errorf("there is no command %q: see -h", flag.Args())
	case *profiled:
		err = withStage(func(s stage) error { return s.profile(ctx) })
	default:
		err = withStage(func(s stage) error { return s.speed(ctx, *short) })
	}
	if ctx.Err() != nil {
		err = errors.New("interrupted; everything that was started has been ended")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

// publish writes a result into test/bench.
func publish(name string, content []byte) error {
	root, err := repo.Root()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "test", "bench", name), content, 0o644)
}
