package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"cos-credentials/test/scf"
)

// contender is a program that is measured.
type contender struct {
	Name    string
	command []string
	serves  bool              // the Node sample is a server; the others speak the platform's net/rpc
	env     map[string]string // beside what all get
	tokens  []string          // that its requests bring, in turn; nil for the one that all bring

	Unpacked, Zip int // bytes
}

// with is the contender with a variable more.
func (c contender) with(name, variable, value string) contender {
	c.Name = name
	c.env = maps.Clone(c.env)
	c.env[variable] = value
	return c
}

// This function, with the cache and without.
func (c contender) cached() contender   { return c.with("this function, cached", "STS_CACHE", "on") }
func (c contender) uncached() contender { return c.with("this function", "STS_CACHE", "off") }

// bringing is the contender whose requests bring a new token each, as far as it remembers.
func (c contender) bringing(tokens []string) contender {
	c.Name, c.tokens = c.Name+", new tokens", tokens
	return c
}

// function is this one. What it trusts is in a file; the others have it in their source. All requests are one login's.
func (s stage) function(binary string) contender {
	access := filepath.Join(s.source, "access.yaml")
	return contender{command: []string{binary}, env: map[string]string{"ACCESS_FILE": access, "LOGIN_RATE": "off"}}
}

// buildFunction makes the very file that is uploaded.
func (s stage) buildFunction(ctx context.Context) (contender, error) {
	dir := filepath.Join(s.dir, "function")
	c := s.function(filepath.Join(dir, "main"))
	if err := scf.Package(ctx, c.command[0]); err != nil {
		return c, err
	}
	err := c.weigh(dir)
	return c, err
}

// buildPlain makes a handler of this folder as the function is made: static, stripped, reproducible.
func (s stage) buildPlain(ctx context.Context, name string) (contender, error) {
	dir := filepath.Join(s.dir, name)
	c := contender{Name: name + " handler", command: []string{filepath.Join(dir, "main")}}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", c.command[0])
	cmd.Dir = filepath.Join(s.source, name)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOAMD64=v1", "GOEXPERIMENT=")
	if text, err := cmd.CombinedOutput(); err != nil {
		return c, fmt.Errorf("the %s doesn't build:\n%s%w", c.Name, text, err)
	}
	err := c.weigh(dir)
	return c, err
}

// buildNode readies the Node sample.
func (s stage) buildNode(ctx context.Context) (contender, error) {
	dir := filepath.Join(s.source, "node")
	c := contender{Name: "Node sample", serves: true, command: []string{"node", filepath.Join(dir, "server.js")}}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "qcloud-cos-sts")); err != nil {
		install := exec.CommandContext(ctx, "npm", "ci", "--prefix", dir, "--no-audit", "--no-fund")
		if text, err := install.CombinedOutput(); err != nil {
			return c, fmt.Errorf("the Node sample needs Node.js 20, and npm a network for once:\n%s%w", text, err)
		}
	}
	err := c.weigh(dir)
	return c, err
}

// weigh finds the size of what is in a folder, as it is and packed as small as deflate can, as the function is packed.
func (c *contender) weigh(dir string) error {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err1 := os.ReadFile(path)
		w, err2 := z.Create(strings.TrimPrefix(path, dir+"/"))
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		c.Unpacked += len(content)
		_, err = w.Write(content)
		return err
	})
	err = errors.Join(err, z.Close())
	c.Zip = out.Len()
	return err
}
