// Package test holds the tests of the whole: gateway events through the real binary, and what the keys open.
package test

import (
	"os"
	"testing"

	"cos-credentials/test/scf"
)

// binary is the function, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(scf.RunWith(&binary, m.Run)) }
