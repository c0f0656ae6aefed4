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

	"cos-credentials/test/repo"
	"cos-credentials/test/scf"
)

// contender is a program that is measured.
type contender struct {
	Name     string
	command  []string
	overHTTP bool              // the Node sample is a server; the others speak the platform's net/rpc
	env      map[string]string // beside what all get

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

// newFunction is this function, built or not. What it trusts is in a file; the others have it in their source.
func newFunction(binary string) (contender, error) {
	root, err := repo.Root()
	access := filepath.Join(root, "test", "bench", "access.yaml")
	return contender{command: []string{binary}, env: map[string]string{"ACCESS_FILE": access}}, err
}

// buildFunction makes the very file that is uploaded.
func buildFunction(ctx context.Context, dir string) (contender, error) {
	binary := filepath.Join(dir, "function", "main")
	c, err := newFunction(binary)
	if err != nil {
		return c, err
	}
	if err := scf.Package(ctx, binary); err != nil {
		return c, err
	}
	c.Unpacked, c.Zip, err = sizes(filepath.Dir(binary))
	return c, err
}

// buildPlain makes a handler of this folder as the function is made: static, stripped, reproducible.
func buildPlain(ctx context.Context, dir, source string) (contender, error) {
	binary := filepath.Join(dir, source, "main")
	c := contender{Name: source + " handler", command: []string{binary}}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", binary,
		"cos-credentials/test/bench/"+source)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOAMD64=v1", "GOEXPERIMENT=")
	if text, err := cmd.CombinedOutput(); err != nil {
		return c, fmt.Errorf("the %s doesn't build:\n%s%w", c.Name, text, err)
	}
	var err error
	c.Unpacked, c.Zip, err = sizes(filepath.Dir(binary))
	return c, err
}

// buildNode readies the Node sample, or says why there is none.
func buildNode(ctx context.Context) (c contender, skipped string, err error) {
	root, err := repo.Root()
	if err != nil {
		return c, "", err
	}
	source := filepath.Join(root, "test", "bench", "node")
	if _, err := exec.LookPath("node"); err != nil {
		return c, "there is no node on this machine", nil
	}
	if _, err := os.Stat(filepath.Join(source, "node_modules", "qcloud-cos-sts")); err != nil {
		install := exec.CommandContext(ctx, "npm", "ci", "--prefix", source, "--no-audit", "--no-fund")
		if text, err := install.CombinedOutput(); err != nil {
			return c, fmt.Sprintf("npm could not install it (%s: %s)", err, bytes.TrimSpace(text)), ctx.Err()
		}
	}
	c = contender{Name: "Node sample", overHTTP: true, command: []string{"node", filepath.Join(source, "server.js")}}
	c.Unpacked, c.Zip, err = sizes(source)
	return c, "", err
}

// sizes of what is in a folder, as it is and packed as small as deflate can, which is how the function is packed.
func sizes(dir string) (unpacked, packed int, err error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	err = fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err1 := os.ReadFile(filepath.Join(dir, path))
		unpacked += len(content)
		w, err2 := z.Create(path)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		_, err = w.Write(content)
		return err
	})
	err = errors.Join(err, z.Close())
	return unpacked, out.Len(), err
}
