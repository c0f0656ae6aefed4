package policy_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"cos-credentials/policy"
	"cos-credentials/test/corpus"
)

const schemaFile = "access.schema.json"

func schema(t testing.TB) (raw map[string]any, compiled *jsonschema.Schema) {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc.(map[string]any), compile(t, doc, "")
}

// compile checks the schema against the standard's own, and compiles it or a part of it.
func compile(t testing.TB, doc any, part string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaFile, doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile(schemaFile + "#" + part)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// edited is an access file as an editor hands it to a schema: as JSON. What isn't YAML, an editor shows by itself.
func edited(file string) (any, error) {
	var v any
	if err := yaml.NewDecoder(strings.NewReader(file)).Decode(&v); err != nil {
		return nil, err
	}
	return asJSON(v)
}

func asJSON(v any) (_ any, err error) {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			if v[k], err = asJSON(v[k]); err != nil {
				return nil, err
			}
		}
	case []any:
		for i := range v {
			if v[i], err = asJSON(v[i]); err != nil {
				return nil, err
			}
		}
	case map[any]any:
		return nil, errors.New("a key is no string")
	case time.Time:
		return v.Format(time.RFC3339), nil
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return nil, nil // as JSON writes them
		}
	}
	return v, nil
}

// accepts reports what the schema says of an access file.
func accepts(s *jsonschema.Schema, file string) error {
	v, err := edited(file)
	if err != nil {
		return err
	}
	return s.Validate(v)
}

func load(file string, env func(string) (string, bool)) error {
	_, err := policy.Load(policy.Source{Name: "access.yaml", YAML: []byte(file), Env: env})
	return err
}

func cases(t testing.TB, name string) []corpus.Case {
	t.Helper()
	out, err := corpus.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSchemaAcceptsWhatTheLoaderAccepts(t *testing.T) {
	_, s := schema(t)
	for _, c := range cases(t, "accepted.txt") {
		if err := accepts(s, c.YAML); err != nil {
			t.Errorf("%s\n%s\n%v", c.Name, c.YAML, err)
		}
	}
}

// Editors show what the loader would refuse, but for what a schema can't see; and that mark is never there needlessly.
func TestSchemaRefusesWhatTheLoaderRefuses(t *testing.T) {
	_, s := schema(t)
	for _, c := range cases(t, "refused.txt") {
		if err := accepts(s, c.YAML); (err == nil) != c.SchemaBlind {
			t.Errorf("%s\n%s\nthe case says #? %v, the schema %v", c.Name, c.YAML, c.SchemaBlind, err)
		}
	}
}

// The repository's own access files pass, and their first line leads editors to the schema.
func TestAccessFilesPassTheirSchema(t *testing.T) {
	_, s := schema(t)
	files, err := filepath.Glob("../events/access/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	want, err := filepath.Abs(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	recipes, err := filepath.Glob("recipes/*.yaml")
	if err != nil || len(recipes) == 0 {
		t.Fatalf("%d recipes: %v", len(recipes), err)
	}
	for _, file := range append(files, recipes...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := accepts(s, string(text)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		link, ok := strings.CutPrefix(first, "# yaml-language-server: $schema=")
		if at, err := filepath.Abs(filepath.Join(filepath.Dir(file), link)); !ok || err != nil || at != want {
			t.Errorf("%s: its first line is %q", file, first)
		}
	}
}

// Wherever the loader takes ${NAME} instead of a value, so does the schema: each value of each accepted file is moved
// into a variable, one by one.
func TestSchemaTakesVariables(t *testing.T) {
	_, s := schema(t)
	moved := map[string]int{}
	for _, c := range cases(t, "accepted.txt") {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(c.YAML), &doc); err != nil {
			t.Fatal(err)
		}
		for _, value := range values(&doc) {
			was := *value
			*value = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "${MOVED}"}
			file, err := yaml.Marshal(&doc)
			*value = was
			if err != nil {
				t.Fatal(err)
			}
			env := func(name string) (string, bool) {
				if name != "MOVED" {
					return corpus.Env(name)
				}
				inner, ok := strings.CutPrefix(was.Value, "${")
				if !ok {
					return was.Value, true
				}
				return corpus.Env(strings.TrimSuffix(inner, "}"))
			}
			if load(string(file), env) != nil {
				continue
			}
			moved[was.ShortTag()]++
			if err := accepts(s, string(file)); err != nil {
				t.Errorf("%s\n%v", file, err)
			}
		}
	}
	if moved["!!str"] < 100 || moved["!!int"] == 0 || moved["!!bool"] == 0 || moved["!!float"] == 0 {
		t.Errorf("hardly tested: %v", moved)
	}
}

// values finds every scalar that isn't a key, and writes each node in block style, where ${NAME} needs no quotes.
func values(n *yaml.Node) (out []*yaml.Node) {
	n.Style = 0
	for i, below := range n.Content {
		switch {
		case n.Kind == yaml.MappingNode && i%2 == 0:
		case below.Kind == yaml.ScalarNode:
			out = append(out, below)
		default:
			out = append(out, values(below)...)
		}
	}
	return out
}
