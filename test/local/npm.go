package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
)

// npmCI installs exactly what a folder's lock file names. No package's own script is run.
func npmCI(ctx context.Context, dir string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return errors.New("there is no npm here: install Node.js 20 or later with npm " +
			"(https://nodejs.org, or Debian's packages nodejs and npm), and try again")
	}
	cmd := exec.CommandContext(ctx, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, said)
	}
	return nil
}
