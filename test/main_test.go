// Package test holds the tests of the whole: gateway events through the real binary, and what the keys open.
package test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"cos-credentials/test/scf"
)

// binary is the function, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "cos-credentials-")
	if err == nil {
		defer os.RemoveAll(dir)
		binary, err = scf.Build(context.Background(), dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
