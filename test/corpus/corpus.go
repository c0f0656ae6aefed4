// Package corpus reads policy/testdata: access files that the loader must accept, and such that it must refuse, with
// the line and the message. The loader's tests and those of the JSON Schema read the same ones.
//
// A block is a piece of an access file, and blocks are parted by empty lines. A line "== in a grant", "== in an issuer"
// or "== a whole file" says where the blocks after it stand. The rest of the file is right: a piece of a grant takes
// the place of the fields that it names, and a line "-field" takes one away. Three kinds of comment are read:
//
//	#! what the loader answers, and that it names this line
//	#? why a JSON Schema can't see this
//	#  which case it is
package corpus

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cos-credentials/test/repo"
)

// Case is one access file.
type Case struct {
	Name        string
	YAML        string
	Problems    []string // "line: field: message"
	SchemaBlind bool
}

// Secret is what the cases' ${SECRET} holds: nothing may ever show it.
const Secret = "Kept-to-itself-9f2c4b7d1e6a80355c3f7e2b9d4a6c18-012345678x"

var environment = map[string]string{
	"SECRET":    Secret,
	"SHORT":     "kept-to-itself-31-bytes-0000000",
	"EMPTY":     "",
	"BUCKET":    "examplebucket-1250000000",
	"SECONDS":   "900",
	"SMALL":     "9",
	"FALSE":     "false",
	"TRUE":      "true",
	"LETTER":    "p",
	"ACTION":    "GetObjectACL",
	"BITS":      "256",
	"ADDRESS":   "192.0.2.1",
	"DIR":       "users",
	"INJECTION": "x\n    allowActions: [delete] # ",
}

// Env looks up a variable of the cases.
func Env(name string) (string, bool) { v, ok := environment[name]; return v, ok }

var base = map[string]string{
	"issuers": `
name: shop
issuer: https://login.example.com/
audiences: [cos-credentials]
secret: ${SECRET}
`,
	"grants": `
name: own-files
bucket: examplebucket-1250000000
region: ap-guangzhou
allowPrefixes: ["users/{sub}/*"]
allowActions: [upload, download]
`,
}

// Read reads one file of policy/testdata.
func Read(name string) ([]Case, error) {
	root, err := repo.Root()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(root, "policy", "testdata", name))
	if err != nil {
		return nil, err
	}
	var out []Case
	var place string
	for _, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
		switch {
		case strings.HasPrefix(block, "== "):
			place = block
		case place == "== in a grant":
			out = append(out, newCase(block, list("issuers", "")+list("grants", block)))
		case place == "== in an issuer":
			out = append(out, newCase(block, list("grants", "")+list("issuers", block)))
		case place == "== a whole file":
			out = append(out, newCase(block, block+"\n"))
		default:
			return nil, fmt.Errorf("%s: a block stands before the first == heading, or %q is not one", name, place)
		}
	}
	return out, nil
}

// list writes a list of one mapping: the base, with the piece's fields first.
func list(name, piece string) string {
	var lines []string
	fields := strings.Split(strings.TrimSpace(base[name]), "\n")
	first := ""
	drop := func(field string) {
		fields = slices.DeleteFunc(fields, func(l string) bool { return strings.HasPrefix(l, field+":") })
	}
	for line := range strings.Lines(piece) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		field, _, _ := strings.Cut(line, ":")
		if gone, ok := strings.CutPrefix(line, "-"); ok {
			gone, first, _ = strings.Cut(gone, " ")
			drop(gone)
			continue
		}
		drop(field)
		lines = append(lines, line)
	}
	all := append(lines, fields...)
	if first != "" {
		all[0] += " " + first
	}
	return name + ":\n  -\n    " + strings.Join(all, "\n    ") + "\n"
}

func newCase(block, file string) Case {
	name, _, _ := strings.Cut(block, "\n")
	name, _, _ = strings.Cut(name, " #")
	c := Case{Name: strings.TrimPrefix(name, "# "), YAML: file, SchemaBlind: strings.Contains(block, "#?")}
	for i, line := range strings.Split(file, "\n") {
		for _, comment := range strings.Split(line, " #")[1:] {
			if message, ok := strings.CutPrefix(comment, "! "); ok {
				c.Problems = append(c.Problems, fmt.Sprintf("%d: %s", i+1, strings.TrimSpace(message)))
			}
		}
	}
	return c
}
