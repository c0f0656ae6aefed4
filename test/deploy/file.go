// Package deploy reads serverless.yml as the hosted `scf` component does, so that tests hold it to the code and to what the
// component knows. What stands there in comments, ready to be used, is held to them as well.
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

// commented is a line of YAML that is commented out. What people read begins with another kind of word.
var commented = regexp.MustCompile(`^( *)# ( *)(- )?([A-Za-z_]+)(:.*)$`)

// Optional names the keys that are commented out, with what stands indented under them left out.
func Optional(text string) (keys []string) {
	uncomment(text, func(key string) bool { keys = append(keys, key); return false })
	return keys
}

// Use takes the comment signs away from the keys, and from what stands indented under them.
func Use(text string, keys ...string) string {
	return uncomment(text, func(key string) bool { return slices.Contains(keys, key) })
}

// uncomment asks, for every block that is commented out, whether to use it.
func uncomment(text string, use func(key string) bool) string {
	lines := strings.Split(text, "\n")
	deep, used := -1, false // of the block that this line may belong to
	for i, line := range lines {
		m := commented.FindStringSubmatch(line)
		if m == nil || strings.HasPrefix(m[5], "://") {
			deep = -1
			continue
		}
		if deep < 0 || len(m[2]) <= deep {
			deep, used = len(m[2]), use(m[4])
		}
		if used {
			lines[i] = strings.Replace(line, "# ", "", 1)
		}
	}
	return strings.Join(lines, "\n")
}

// Without takes keys of one line out.
func Without(text string, keys ...string) string {
	var out []string
	for line := range strings.Lines(text) {
		key, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		if !slices.Contains(keys, key) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

var (
	comments = regexp.MustCompile(`(?m)^ *#.*$`)
	variable = regexp.MustCompile(`\$\{([^}]*)\}`)
)

// Parse reads the file for the component, with the ${…} variables replaced. An unknown field is an error, and so is a
// variable that isn't set.
func Parse(text string, env map[string]string) (*Component, error) {
	c := &Component{}
	if err := yaml.Unmarshal([]byte(text), c); err != nil {
		return nil, err
	}
	values := map[string]string{"name": c.Name, "stage": c.Stage}
	for name, v := range env {
		values["env:"+name] = strconv.Quote(v)
	}
	var err error
	filled := variable.ReplaceAllStringFunc(comments.ReplaceAllString(text, ""), func(found string) string {
		v, ok := values[variable.FindStringSubmatch(found)[1]]
		if !ok {
			err = fmt.Errorf("%s is not set", found)
		}
		return v
	})
	if err != nil {
		return nil, err
	}
	c = &Component{}
	in := yaml.NewDecoder(strings.NewReader(filled))
	in.KnownFields(true)
	return c, in.Decode(c)
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
