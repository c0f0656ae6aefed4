package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"cos-credentials/function/deploy/cli"
	"cos-credentials/test/repo"
	"cos-credentials/test/scf"
)

const packageHelp = `Builds build/main for the platform (linux/amd64, stripped) and build/main.zip, which holds nothing
else and marks it as executable. The same source and Go version give the same bytes, in any folder and at any time.
`

func packageCommand(f *flag.FlagSet) cli.Do {
	dir := f.String("o", "", "write to this `folder` instead of build")
	return func(ctx context.Context, call cli.Call) error { return pack(ctx, *dir, call.Out) }
}

func pack(ctx context.Context, dir string, out io.Writer) error {
	shown := dir
	if dir == "" {
		root, err := repo.Root()
		if err != nil {
			return err
		}
		shown, dir = "build", filepath.Join(root, "build")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	binary := filepath.Join(dir, "main")
	if err := scf.Package(ctx, binary); err != nil {
		return err
	}
	content, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	zipped, err := scf.Zip(content)
	if err != nil {
		return err
	}
	if err := os.WriteFile(binary+".zip", zipped, 0o644); err != nil {
		return err
	}
	const line = "%s/%-8s  %5.2f MB  sha256 %x\n"
	fmt.Fprintf(out, line, shown, "main", float64(len(content))/1e6, sha256.Sum256(content))
	fmt.Fprintf(out, line, shown, "main.zip", float64(len(zipped))/1e6, sha256.Sum256(zipped))
	if shown == "build" {
		fmt.Fprintln(out, "\nNext: scf deploy, which uploads what serverless.yml says; or upload build/main.zip by hand.")
	}
	return nil
}
