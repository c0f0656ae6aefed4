package main

import (
	"bytes"
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestRootsAreReadOnce(t *testing.T) {
	dir := t.TempDir()
	whole, part := filepath.Join(dir, "whole"), filepath.Join(dir, "part")
	os.WriteFile(whole, make([]byte, wholeBundle), 0o600)
	os.WriteFile(part, []byte("one"), 0o600)
	before := bundles
	defer func() { bundles = before }()
	for name, c := range map[string]struct {
		bundles   []string
		file, dir string
		want      string
	}{
		"a bundle":               {[]string{dir + "/none", whole}, "", "", os.DevNull},
		"no bundle":              {[]string{dir + "/none"}, "", "", ""},
		"a part, which Go reads": {[]string{part, whole}, "", "", ""},
		"a file of one's own":    {[]string{whole}, part, "", ""},
		"a folder of one's own":  {[]string{whole}, "", dir, dir},
	} {
		bundles = c.bundles
		t.Setenv("SSL_CERT_FILE", c.file)
		t.Setenv("SSL_CERT_DIR", c.dir)
		if readRootsOnce(); os.Getenv("SSL_CERT_DIR") != c.want {
			t.Errorf("%s: SSL_CERT_DIR=%s, want %s", name, os.Getenv("SSL_CERT_DIR"), c.want)
		}
	}
}

// What is trusted then is what is in the bundle: in a process of its own, because Go reads the roots once in each.
func TestRootsAreTheBundles(t *testing.T) {
	if os.Getenv("COUNT_ROOTS") != "" {
		readRootsOnce()
		pool, err := x509.SystemCertPool()
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(bundles[0])
		if err != nil {
			t.Skip(err)
		}
		of := x509.NewCertPool()
		if of.AppendCertsFromPEM(text); !pool.Equal(of) || bytes.Count(text, []byte("BEGIN CERT")) < 10 {
			t.Error("the roots are not those of the bundle")
		}
		return
	}
	again := exec.Command(os.Args[0], "-test.run", "^TestRootsAreTheBundles$")
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "SSL_CERT_") {
			again.Env = append(again.Env, variable)
		}
	}
	again.Env = append(again.Env, "COUNT_ROOTS=1")
	if said, err := again.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}
