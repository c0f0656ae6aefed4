// Package scf plays the Go1 runtime of Tencent Cloud's functions on this machine: it builds the function, starts it as
// the platform starts it, hands it events over net/rpc and keeps what it logs.
//
// One thing differs: the runtime library listens on every address of the machine, as it does in the cloud, so a
// firewall may ask. Everything else here speaks to 127.0.0.1 only.
package scf

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"cos-credentials/test/repo"
)

// Program is the file name of a program for this machine: Windows starts none without .exe.
func Program(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// Build compiles ./function for this machine into dir and returns the binary's path. Release flags come from the
// caller.
func Build(ctx context.Context, dir string, flags ...string) (string, error) {
	return build(ctx, "./function", filepath.Join(dir, Program("main")), os.Environ(), flags)
}

// Shipped has go build, run in the root, build in events/access/shipped.yaml instead of policy/access.yaml, which is its
// user's to change: no test depends on what that says.
const Shipped = "-overlay=test/scf/shipped.json"

// RunWith is for TestMain: it builds the function, with the shipped access file, puts the path of it into binary, runs
// the tests and returns their exit status.
func RunWith(binary *string, run func() int) int { return runWith("./function", binary, run) }

func runWith(source string, binary *string, run func() int) int {
	dir, err := os.MkdirTemp("", "cos-credentials-")
	if err == nil {
		defer os.RemoveAll(dir)
		*binary, err = build(context.Background(), source, filepath.Join(dir, Program("main")), os.Environ(), []string{Shipped})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return run()
}

// Package compiles ./function as it is uploaded: for the platform's machines, without symbols, and the same bytes from
// the same source wherever it is built.
func Package(ctx context.Context, out string) error {
	env := append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "GOEXPERIMENT=")
	_, err := build(ctx, "./function", out, env, []string{"-ldflags=-s -w"})
	return err
}

func build(ctx context.Context, source, out string, env, flags []string) (string, error) {
	root, err := repo.Root()
	if err != nil {
		return "", err
	}
	if out, err = filepath.Abs(out); err != nil {
		return "", err
	}
	// STS and key sets are asked over HTTP/1.1; net/http's HTTP/2 would be 4 % of the zip.
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-tags=nethttpomithttp2", "-o", out}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, source)...)
	cmd.Dir = root
	cmd.Env = append(env, "CGO_ENABLED=0") // the platform's C library is older than this machine's
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("the function doesn't build:\n%s%w", text, err)
	}
	return out, nil
}
