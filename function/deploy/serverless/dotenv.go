package serverless

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Environment is what ${env:NAME} may name: the process's environment, .env and .env.STAGE. None of them wins over
// another: a name to which two of them give different values is a problem, because whoever wrote one of them is about
// to be surprised.
type Environment struct {
	values   map[string]string
	from     map[string]string // the file, or "the environment"
	Problems []Problem
}

// Load reads the files of a folder.
func Load(dir, stage string, lookup func(string) (string, bool)) *Environment {
	e := &Environment{values: map[string]string{}, from: map[string]string{}}
	names := []string{".env"}
	if stage != "" {
		names = append(names, ".env."+stage)
	}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			e.Problems = append(e.Problems, Problem{Place: name, Message: "can't be read: " + err.Error()})
		default:
			e.file(name, string(text))
		}
	}
	for name, value := range e.values {
		if other, ok := lookup(name); ok && other != value {
			e.differ(name, "the environment", e.from[name])
		}
	}
	return e
}

func (e *Environment) differ(name, one, other string) {
	e.Problems = append(e.Problems, Problem{Place: one, Field: name, Message: "is not what it is in " + other +
		": keep it in one place only"})
}

// Lookup finds a variable's value in the files, else in the process's environment.
func (e *Environment) Lookup(lookup func(string) (string, bool)) func(string) (string, bool) {
	return func(name string) (string, bool) {
		if value, ok := e.values[name]; ok {
			return value, true
		}
		return lookup(name)
	}
}

// Unread is a problem for every variable of the files that nothing reads: it has no effect, and somebody thinks it has.
func (e *Environment) Unread(reads []string) (out []Problem) {
	for name, file := range e.from {
		if !slices.Contains(reads, name) {
			out = append(out, Problem{file, name, "nothing reads it: mend its name, take the # away before " +
				"its line in serverless.yml, or take it out here"})
		}
	}
	slices.SortFunc(out, func(a, b Problem) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// file reads lines of NAME=value. A value with a #, a quote, or a space at an end is in quotes; 'in single ones' it
// stands as it is, "in double ones" \n, \" and \\ are what they are elsewhere. No message repeats a value.
func (e *Environment) file(name, text string) {
	seen := map[string]bool{}
	for i, line := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		key = strings.TrimSpace(key)
		value, why := unquote(strings.TrimSpace(value))
		before, known := e.values[key]
		place := fmt.Sprintf("%s:%d", name, i+1)
		switch {
		case !ok || !isName(key):
			why = "is not NAME=value"
		case why != "":
			why = key + ": " + why
		case seen[key]:
			why = key + ": is there twice in this file"
		case known && before != value:
			e.differ(key, place, e.from[key])
		}
		if why != "" {
			e.Problems = append(e.Problems, Problem{Place: place, Message: why})
			continue
		}
		seen[key] = true
		e.values[key], e.from[key] = value, name
	}
}

func unquote(value string) (_, why string) {
	if value == "" {
		return "", ""
	}
	quote := value[0]
	if quote != '\'' && quote != '"' {
		if strings.ContainsAny(value, "#'\"`") {
			return "", "programs read # and quotes inside a value differently: put the value in single quotes"
		}
		return value, ""
	}
	if len(value) < 2 || value[len(value)-1] != quote {
		return "", "the quote is not closed, or something follows it"
	}
	value = value[1 : len(value)-1]
	if quote == '"' {
		value = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\"`, "\x00").Replace(value)
	}
	if strings.IndexByte(value, quote) >= 0 {
		return "", "a quote inside the value is not marked with \\"
	}
	return strings.ReplaceAll(value, "\x00", `"`), ""
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
