// Package deploy reads serverless.yml as the hosted `scf` component does, so that tests hold it to the component's rules
// and to the code. What stands there in comments, ready to be used, is held to them as well.
package deploy

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
	each(text, func(key, _ string) bool { keys = append(keys, key); return false })
	return keys
}

// Use takes the comment signs away from the keys, and from what stands indented under them.
func Use(text string, keys ...string) string {
	return each(text, func(key, _ string) bool { return slices.Contains(keys, key) })
}

// each asks, for every block that is commented out, whether to use it.
func each(text string, use func(key, line string) bool) string {
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); {
		m := commented.FindStringSubmatch(lines[i])
		if m == nil || strings.HasPrefix(m[5], "://") {
			i++
			continue
		}
		deep, used := len(m[2]), use(m[4], lines[i])
		for first := true; i < len(lines); first = false {
			m := commented.FindStringSubmatch(lines[i])
			if m == nil || !first && len(m[2]) <= deep {
				break
			}
			if used {
				lines[i] = strings.Replace(lines[i], "# ", "", 1)
			}
			i++
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

// Parse reads the file for the component, with the ${…} variables replaced. An unknown field is an error, and so is a
// variable that isn't set.
func Parse(text string, env map[string]string) (*Component, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	var top struct{ Name, Stage string }
	if err := doc.Decode(&top); err != nil {
		return nil, err
	}
	values := map[string]string{"name": top.Name, "stage": top.Stage}
	for name, v := range env {
		values["env:"+name] = v
	}
	if err := fill(&doc, values); err != nil {
		return nil, err
	}
	filled, err := yaml.Marshal(&doc)
	if err != nil {
		return nil, err
	}
	in := yaml.NewDecoder(strings.NewReader(string(filled)))
	in.KnownFields(true)
	c := &Component{}
	return c, in.Decode(c)
}

var variable = regexp.MustCompile(`\$\{([^}]*)\}`)

func fill(n *yaml.Node, values map[string]string) (err error) {
	if n.Kind == yaml.ScalarNode {
		n.Value = variable.ReplaceAllStringFunc(n.Value, func(found string) string {
			v, ok := values[variable.FindStringSubmatch(found)[1]]
			if !ok {
				err = fmt.Errorf("line %d: %s is not set", n.Line, found)
			}
			return v
		})
	}
	for _, below := range n.Content {
		if e := fill(below, values); e != nil {
			return e
		}
	}
	return err
}

// Variables names the ${env:…} of a text.
func Variables(text string) (names []string) {
	for _, found := range variable.FindAllStringSubmatch(text, -1) {
		if name, ok := strings.CutPrefix(found[1], "env:"); ok && name != "NAME" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
