package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The page's commands that join the two logs find whose what was, and nobody else's: run as they stand.
func TestTheLogsAreJoined(t *testing.T) {
	_, page, _ := strings.Cut(string(read(t, "WATCH.md")), "## Who did what\n")
	page, _, _ = strings.Cut(page, "\n## ")
	var scripts []string
	for block := range strings.SplitSeq(page, "\n\n") {
		if strings.HasPrefix(block, "    ") {
			scripts = append(scripts, block)
		}
	}
	const aliceLine = `{"requestId":"1","issuer":"mini","subject":"2bd806c97f0e00af","keyId":"AKIDalice","status":200}`
	dir := t.TempDir()
	for name, lines := range map[string][]string{
		"function.log": {
			aliceLine,
			`{"requestId":"2","issuer":"mini","subject":"81b637d8fcd2c6da","keyId":"AKIDbob","status":200}`,
			`{"requestId":"3-4","issuer":"mini","subject":"2bd806c97f0e00af","status":403,"code":"NotEntitled"}`,
		},
		"access-1.log": { // fields 4, 6, 7, 8 and 12 are as the page says; - is none, as of who has no key
			"1 b r 2026-11-25T08:00:00Z e PutObject 203.0.113.7 AKIDalice i PUT HTTP/1.1 /users/alice/photo.jpg 200",
			"1 b r 2026-11-25T08:00:01Z e PutObject 203.0.113.8 AKIDbob i PUT HTTP/1.1 /users/bob/photo.jpg 200",
			"1 b r 2026-11-25T08:00:02Z e GetObject 203.0.113.9 - i GET HTTP/1.1 /users/alice/photo.jpg 403",
		},
	} {
		text := strings.Join(lines, "\n") + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wants := []string{"2026-11-25T08:00:00Z PutObject 203.0.113.7 AKIDalice /users/alice/photo.jpg\n", aliceLine + "\n"}
	if len(scripts) != len(wants) {
		t.Fatalf("%d scripts: %q", len(scripts), scripts)
	}
	for i, want := range wants {
		shell := exec.Command("sh", "-c", scripts[i])
		shell.Dir = dir
		if got, err := shell.CombinedOutput(); err != nil || string(got) != want {
			t.Errorf("%s\n%v, said\n%s\nand should say\n%s", scripts[i], err, got, want)
		}
	}
}
