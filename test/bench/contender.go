package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"cos-credentials/test/repo"
)

// contender is a program that is measured.
type contender struct {
	Name     string
	command  []string
	overHTTP bool              // the Node sample is a server; the others speak the platform's net/rpc
	asksSTS  bool              // the empty handler doesn't
	env      map[string]string // beside what all get

	Binary, Zip int64 // bytes; Binary is of everything unpacked
}

func (c contender) with(name, variable, value string) contender {
	c.Name = name
	c.env = maps.Clone(c.env)
	c.env[variable] = value
	return c
}

// ours, with the cache and without.
func (c contender) cached() contender   { return c.with("this function, cached", "STS_CACHE", "on") }
func (c contender) uncached() contender { return c.with("this function", "STS_CACHE", "off") }

// field is everything that is measured, in one order.
type field struct {
	empty, naive, ours, node contender
	skipped                  string // why there is no Node sample
}

// accessFile is what ours trusts; the others have it in their source.
const accessFile = `issuers:
  - name: shop
    issuer: https://login.example.com/
    audiences: [cos-credentials]
    algorithms: [%s]
    %s: ${JWT_KEY}
grants:
  - name: own-files
    bucket: ${COS_BUCKET}
    region: ${COS_REGION}
    allowPrefixes: ["users/{sub}/*"]
    allowActions: [upload]
    durationSeconds: 1800
`

func writeAccess(dir string, l login) (string, error) {
	source := "publicKey"
	if l.Algorithm == "HS256" {
		source = "secret"
	}
	name := filepath.Join(dir, "access.yaml")
	return name, os.WriteFile(name, fmt.Appendf(nil, accessFile, l.Algorithm, source), 0o644)
}

// build makes everything that runs. The Go programs are built alike: static, stripped, reproducible.
func build(ctx context.Context, dir string, l login) (f field, err error) {
	root, err := repo.Root()
	if err != nil {
		return f, err
	}
	access, err := writeAccess(dir, l)
	if err != nil {
		return f, err
	}
	f.ours = contender{Name: "this function", asksSTS: true, env: map[string]string{"ACCESS_FILE": access}}
	out := filepath.Join(dir, "ours")
	if err := run(ctx, root, nil, "go", "run", "./test/local", "package", "-o", out); err != nil {
		return f, err
	}
	f.ours.command = []string{filepath.Join(out, "main")}
	f.ours.Binary, f.ours.Zip, err = sizes(f.ours.command[0], filepath.Join(out, "main.zip"))
	if err != nil {
		return f, err
	}
	for _, c := range []struct {
		to           *contender
		name, source string
	}{{&f.empty, "empty handler", "empty"}, {&f.naive, "naive handler", "naive"}} {
		*c.to = contender{Name: c.name, asksSTS: c.source != "empty"}
		binary := filepath.Join(dir, c.source, "main")
		err := run(ctx, root, []string{"CGO_ENABLED=0", "GOAMD64=v1", "GOEXPERIMENT="},
			"go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", binary, "./test/bench/"+c.source)
		if err != nil {
			return f, err
		}
		c.to.command = []string{binary}
		if err := zipFiles(binary+".zip", filepath.Dir(binary), "main"); err != nil {
			return f, err
		}
		if c.to.Binary, c.to.Zip, err = sizes(binary, binary+".zip"); err != nil {
			return f, err
		}
	}
	f.node, f.skipped, err = buildNode(ctx, filepath.Join(root, "test", "bench", "node"), dir)
	return f, err
}

// buildNode readies the Node sample, or says why there is none.
func buildNode(ctx context.Context, source, dir string) (c contender, skipped string, err error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return c, "there is no node on this machine", nil
	}
	if _, err := os.Stat(filepath.Join(source, "node_modules", "qcloud-cos-sts")); err != nil {
		if err := run(ctx, source, nil, "npm", "ci", "--no-audit", "--no-fund"); ctx.Err() != nil {
			return c, "", ctx.Err()
		} else if err != nil {
			return c, "npm could not install it: " + err.Error(), nil
		}
	}
	c = contender{Name: "Node sample", overHTTP: true, asksSTS: true, command: []string{node, filepath.Join(source, "server.js")}}
	packed := filepath.Join(dir, "node.zip")
	if err := zipFiles(packed, source, "server.js", "node_modules"); err != nil {
		return c, "", err
	}
	c.Binary, c.Zip, err = unzippedSize(packed)
	return c, "", err
}

func sizes(binary, zipped string) (int64, int64, error) {
	b, err := os.Stat(binary)
	if err != nil {
		return 0, 0, err
	}
	z, err := os.Stat(zipped)
	if err != nil {
		return 0, 0, err
	}
	return b.Size(), z.Size(), nil
}

// run runs a tool; what it printed is part of the error.
func run(ctx context.Context, dir string, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	cmd.WaitDelay = 5 * time.Second
	text, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("%s %v: %w\n%s", name, args, err, text)
	}
	return err
}
