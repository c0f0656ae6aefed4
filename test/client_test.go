package test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestClient runs the tests of function/client with Node's own runner, and hands them Project Wycheproof's vectors.
func TestClient(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		missing(t, "the client is not tested: install Node.js (Debian: apt-get install nodejs npm)")
	}
	client := filepath.Join("..", "function", "client")
	if _, err := os.Stat(filepath.Join(client, "node_modules", ".package-lock.json")); err != nil {
		missing(t, "the client is not tested: run npm ci --prefix function/client")
	}
	cmd := exec.CommandContext(t.Context(), node, "--test", "--test-reporter=spec")
	cmd.Dir, cmd.WaitDelay = client, 5*time.Second
	cmd.Env = append(os.Environ(), "WYCHEPROOF="+wycheproofVectors(t))
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	t.Logf("%s", said)
}

// wycheproofVectors is the folder of the vectors, or "" where they can't be had. They are not part of this module; the go
// command gets them.
func wycheproofVectors(t *testing.T) string {
	t.Helper()
	const name = "github.com/C2SP/wycheproof@v0.0.0-20250901140545-b51abcfb8daf"
	cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", name)
	cmd.Dir = t.TempDir() // outside of this module, whose go.sum is none of a test's business
	said, err := cmd.Output()
	var module struct{ Dir, Error string }
	if err == nil {
		err = json.Unmarshal(said, &module)
	}
	if err == nil && module.Dir != "" {
		return filepath.Join(module.Dir, "testvectors_v1")
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s can't be downloaded: %v %s", name, err, module.Error)
	}
	t.Logf("without Wycheproof's vectors: %s can't be downloaded; offline?", name)
	return ""
}
