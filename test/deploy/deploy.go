// Package deploy reads serverless.yml as the hosted `scf` component does, so that tests hold it to the code and to what
// the component knows. What stands there in comments, ready to be used, is held to them as well.
package deploy

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"cos-credentials/test/repo"
)

// Read is the text of serverless.yml.
func Read() (string, error) {
	root, err := repo.Root()
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(root, "serverless.yml"))
	return string(text), err
}

var (
	commented = regexp.MustCompile(`(?m)^( *)# ( *(?:- )?[A-Za-z_]+:(?: .*)?)$`) // YAML that is commented out
	prose     = regexp.MustCompile(`(?m)^ *#.*$`)
	variable  = regexp.MustCompile(`\$\{([^}]*)\}`)
)

// Everything is the file with all that is commented out in use.
func Everything(text string) string { return commented.ReplaceAllString(text, "$1$2") }

// Environment is what the function finds in its environment, with the file's ${…} variables replaced. One that isn't
// set is an error.
func Environment(text string, env map[string]string) (map[string]string, error) {
	var c struct {
		Inputs struct {
			Environment struct{ Variables map[string]string }
		}
	}
	filled, err := fill(text, env)
	if err == nil {
		err = yaml.Unmarshal([]byte(filled), &c)
	}
	return c.Inputs.Environment.Variables, err
}

// fill replaces the variables: ${env:NAME}, and the file's own ${name} and ${stage}.
func fill(text string, env map[string]string) (filled string, err error) {
	filled = variable.ReplaceAllStringFunc(prose.ReplaceAllString(text, ""), func(found string) string {
		name := found[2 : len(found)-1]
		key, fromEnv := strings.CutPrefix(name, "env:")
		v, ok := env[key]
		switch {
		case ok && fromEnv:
			return strconv.Quote(v)
		case name != "name" && name != "stage":
			err = fmt.Errorf("%s is not set", found)
		}
		return name
	})
	return filled, err
}

// Variables names the ${env:…} that the file reads, commented out or not.
func Variables(text string) (names []string) {
	for _, found := range variable.FindAllStringSubmatch(text, -1) {
		if name, ok := strings.CutPrefix(found[1], "env:"); ok && name != "NAME" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
