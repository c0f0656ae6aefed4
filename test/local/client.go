package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"cos-credentials/function/deploy/cli"
	"cos-credentials/test/repo"
)

const clientHelp = `Bundles function/client for those who copy a file instead of installing a package:
build/credentials.mjs, an ES module for pages and uni-app, and build/credentials.js, the same in CommonJS for Mini
Programs. It needs Node.js 20 or later with npm.
`

func clientCommand(f *flag.FlagSet) cli.Do {
	dir := f.String("o", "", "write to this `folder` instead of build")
	return func(ctx context.Context, call cli.Call) error { return bundle(ctx, *dir, call.Out, call.Problems) }
}

func bundle(ctx context.Context, dir string, out, problems io.Writer) error {
	root, err := repo.Root()
	if err != nil {
		return err
	}
	shown := dir
	if dir == "" {
		shown, dir = "build", filepath.Join(root, "build")
	}
	if err := bundleClient(ctx, filepath.Join(root, "function", "client"), dir, problems); err != nil {
		return err
	}
	for _, name := range []string{"credentials.mjs", "credentials.js"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		kB := func(bytes int) float64 { return float64(bytes) / 1e3 }
		fmt.Fprintf(out, "%s/%-15s  %4.1f KB, %4.1f KB gzipped\n", shown, name, kB(len(content)), kB(gzipped(content)))
	}
	return nil
}

// bundleClient runs the package's own bundler, with what its lock file names.
func bundleClient(ctx context.Context, client, dir string, problems io.Writer) error {
	if _, err := os.Stat(filepath.Join(client, "node_modules", ".package-lock.json")); err != nil {
		fmt.Fprintln(problems, "The bundle needs esbuild and @stablelib: running npm ci in function/client, once.")
		if err := npmCI(ctx, client); err != nil {
			return err
		}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "node", "bundle.mjs", dir)
	cmd.Dir = client
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("node bundle.mjs: %w\n%s", err, said)
	}
	return nil
}

// gzipped is how many bytes of it a page loads.
func gzipped(content []byte) int {
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	w.Write(content)
	w.Close()
	return packed.Len()
}
