package serverless

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func from(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := values[name]; return v, ok }
}

func TestRead(t *testing.T) {
	const text = `
component: scf
name: fn
stage: dev
inputs:
  name: ${name}-${stage}
  role: ${env:ROLE}
  memorySize: 128
  description: at ${env:PLACE}, ${env:PLACE}
  environment:
    variables:
      A: ${env:A}
      B: ${env:B} # nothing
      C: "x: ${env:C}"
      # D: ${env:D}
`
	values := map[string]string{"ROLE": "r", "PLACE": "home", "A": "{a: [b", "B": "", "C": "'\"#"}
	f := Read([]byte(text), "prod", from(values))
	in := f.Inputs
	if f.Problems != nil || in.Name != "fn-prod" || f.Stage != "prod" || in.Role != "r" ||
		in.Description != "at home, home" || in.MemorySize != 128 {
		t.Errorf("%v %+v", f.Problems, f.Component)
	}
	want := map[string]string{"A": "{a: [b", "C": "x: '\"#"} // a value writes no YAML; an empty one is left out
	if !maps.Equal(in.Environment.Variables, want) {
		t.Errorf("%q", in.Environment.Variables)
	}
	if slices.Contains(f.Reads, "D") || !slices.Contains(f.Reads, "ROLE") {
		t.Errorf("reads %v", f.Reads)
	}

	f = Read([]byte(text), "", from(nil))
	const first = "serverless.yml:7: inputs.role: ROLE is not set: put ROLE=… into .env, or take this line out"
	if len(f.Unset) != 5 || len(f.Problems) != 6 || f.Problems[0].String() != first {
		t.Errorf("%v\n%v", f.Unset, f.Problems)
	}
	for text, says := range map[string]string{
		"name: a\nname: b\n":         `already defined`,
		"inputs: {memory: 1}\n":      "serverless.yml:1: field memory not found",
		"inputs: {timeout: soon}\n":  "into int",
		"inputs: [\n":                "serverless.yml",
		"name: ${other}\n":           "there is no ${other}",
		"inputs: {name: '${app}'}\n": "there is no ${app}",
	} {
		all := Read([]byte(text), "", from(nil)).Problems
		if len(all) == 0 || !strings.Contains(all[0].String(), says) {
			t.Errorf("%q: %v", text, all)
		}
	}
}

func TestEnvironment(t *testing.T) {
	for _, tt := range []struct {
		name, env, stage string
		process          map[string]string
		want             map[string]string
		says             string
	}{
		{"plain", "A=1\n# comment\n\nexport B = two \r\nC=a=b\n", "", nil, map[string]string{"A": "1", "B": "two", "C": "a=b"}, ""},
		{"quotes", `A='x # "y" $z'` + "\n" + `B="a\nb\"c\\"` + "\nC=''\n", "", nil,
			map[string]string{"A": `x # "y" $z`, "B": "a\nb\"c\\", "C": ""}, ""},
		{"stage adds", "A=1\n", "B=2\n", nil, map[string]string{"A": "1", "B": "2"}, ""},
		{"the same twice", "A=1\n", "A=1\n", map[string]string{"A": "1"}, map[string]string{"A": "1"}, ""},
		{"stage differs", "A=1\n", "A=2\n", nil, nil, ".env.dev:1: A: is not what it is in .env: keep it in one place only"},
		{"environment differs", "A=1\n", "", map[string]string{"A": "2"}, nil, "the environment: A: is not what it is in .env"},
		{"twice in a file", "A=1\nA=1\n", "", nil, nil, ".env:2: A: is there twice"},
		{"no name", "=1\n", "", nil, nil, ".env:1: is not NAME=value"},
		{"no value", "A\n", "", nil, nil, ".env:1: is not NAME=value"},
		{"a comment behind", "A=se#cret\n", "", nil, nil, ".env:1: A: programs read #"},
		{"half a quote", "A='secret\n", "", nil, nil, ".env:1: A: the quote is not closed"},
		{"something behind", "A='secret' # x\n", "", nil, nil, ".env:1: A: the quote is not closed"},
		{"a quote inside", "A='se'cret'\n", "", nil, nil, ".env:1: A: a quote inside"},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{".env": tt.env, ".env.dev": tt.stage} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		e := Load(dir, "dev", from(tt.process))
		if tt.says == "" && (e.Problems != nil || !maps.Equal(e.values, tt.want)) {
			t.Errorf("%s: %v %q", tt.name, e.Problems, e.values)
		}
		if tt.says != "" && (len(e.Problems) != 1 || !strings.HasPrefix(e.Problems[0].String(), tt.says)) {
			t.Errorf("%s: %v", tt.name, e.Problems)
		}
		for _, p := range e.Problems {
			if strings.Contains(p.String(), "secret") {
				t.Errorf("%s: a value is in %s", tt.name, p)
			}
		}
	}
	e := Load(t.TempDir(), "dev", from(nil))
	if e.Problems != nil || e.Unread(nil) != nil {
		t.Errorf("without files: %v", e.Problems)
	}
}
