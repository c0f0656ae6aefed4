package serverless

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problem is one thing that is wrong, with the file and line where there is one.
type Problem struct {
	Place   string // serverless.yml:31
	Field   string // inputs.role
	Message string
}

func (p Problem) String() string {
	out := p.Message
	if p.Field != "" {
		out = p.Field + ": " + out
	}
	return p.Place + ": " + out
}

// File is serverless.yml as it stands for one stage.
type File struct {
	Component
	Problems []Problem
	Unset    []string // variables that it reads, and that nobody set
	Reads    []string // every variable that it reads

	lines map[string]int // by field
}

// Problem is one that is wrong with a field, at its line.
func (f *File) Problem(field, format string, args ...any) Problem {
	place := "serverless.yml"
	for at := field; at != ""; at = at[:max(0, strings.LastIndexAny(at, ".["))] {
		if line, ok := f.lines[at]; ok { // the field's own, or that of what it is missing in
			place += ":" + strconv.Itoa(line)
			break
		}
	}
	return Problem{place, field, fmt.Sprintf(format, args...)}
}

// Read fills in the text of serverless.yml. A stage that is named takes the place of the file's own. A variable that is
// set to nothing is one that somebody decided about: in the environment it is left out.
func Read(text []byte, stage string, env func(string) (string, bool)) *File {
	f := &File{lines: map[string]int{}}
	var document yaml.Node
	strict := yaml.NewDecoder(bytes.NewReader(text))
	strict.KnownFields(true)
	if err := strict.Decode(&f.Component); err != nil {
		f.unreadable(err)
	}
	if err := yaml.Unmarshal(text, &document); err != nil || len(document.Content) == 0 {
		return f
	}
	if stage != "" {
		f.Stage = stage
	}
	values := map[string]string{"name": f.Name, "stage": f.Stage, "app": f.App}
	f.fill(document.Content[0], "", func(name string) (string, bool) {
		if of, ok := strings.CutPrefix(name, "env:"); ok {
			f.Reads = append(f.Reads, of)
			return env(of)
		}
		value, ok := values[name]
		return value, ok && value != ""
	})
	stage = f.Stage
	f.Component = Component{}
	document.Decode(&f.Component) // what it can't read has been reported
	f.Stage = stage
	for name, value := range f.Inputs.Environment.Variables {
		if value == "" {
			delete(f.Inputs.Environment.Variables, name)
		}
	}
	return f
}

var numbered = regexp.MustCompile(`^line (\d+): (.*)`)

func (f *File) unreadable(err error) {
	said := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	var wrong *yaml.TypeError
	if errors.As(err, &wrong) {
		said = wrong.Errors
	}
	for _, one := range said {
		one, _, _ = strings.Cut(one, " in type serverless.") // a type of ours says nothing to people
		place := "serverless.yml"
		if m := numbered.FindStringSubmatch(one); m != nil {
			place, one = place+":"+m[1], m[2]
		}
		f.Problems = append(f.Problems, Problem{Place: place, Message: one})
	}
}

var variable = regexp.MustCompile(`\$\{([^}]*)\}`)

// fill replaces the ${…} of every value under a node.
func (f *File) fill(n *yaml.Node, path string, lookup func(string) (string, bool)) {
	f.lines[path] = n.Line
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			f.fill(n.Content[i+1], strings.TrimPrefix(path+"."+n.Content[i].Value, "."), lookup)
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			f.fill(item, fmt.Sprintf("%s[%d]", path, i), lookup)
		}
	case yaml.ScalarNode:
		n.Value = variable.ReplaceAllStringFunc(n.Value, func(found string) string {
			name := variable.FindStringSubmatch(found)[1]
			value, ok := lookup(name)
			if !ok {
				f.unset(path, name)
			}
			if value != "" && n.Tag == "!!null" {
				n.Tag = "!!str"
			}
			return value
		})
	}
}

func (f *File) unset(path, name string) {
	message := "there is no ${" + name + "}: write the value here"
	if env, ok := strings.CutPrefix(name, "env:"); ok {
		message = env + " is not set: put " + env + "=… into .env, or take this line out"
		if !slices.Contains(f.Unset, env) {
			f.Unset = append(f.Unset, env)
		}
	}
	f.Problems = append(f.Problems, f.Problem(path, "%s", message))
}
