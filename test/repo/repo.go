// Package repo finds the repository that a test command runs in, so that commands work from any folder of it.
package repo

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

const module = "module cos-credentials"

// Root is the folder that holds this module's go.mod, looked for from the working directory upwards.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		file, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(file), module+"\n") {
			return dir, nil
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		return "", errors.New("this is not a folder of the cos-credentials repository: " +
			"change into it and run the command again")
	}
}
