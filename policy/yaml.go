package policy

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problem is one thing that is wrong with an access file.
type Problem struct {
	Line    int    // from 1; 0 when the file as a whole is meant
	Field   string // for example grants[0].bucket
	Message string
}

// Problems is every problem of one file, in the order of its lines.
type Problems struct {
	File string
	List []Problem
}

func (p *Problems) Error() string {
	lines := make([]string, len(p.List))
	for i, one := range p.List {
		lines[i] = p.Line(one)
	}
	return strings.Join(lines, "\n")
}

// Line writes one problem as compilers do: file:line: field: message.
func (p *Problems) Line(one Problem) string {
	out := p.File
	if one.Line > 0 {
		out += ":" + strconv.Itoa(one.Line)
	}
	if one.Field != "" {
		out += ": " + one.Field
	}
	return out + ": " + one.Message
}

type kind string

const (
	mapping  kind = "a mapping"
	sequence kind = "a list"
	text     kind = "a string"
	integer  kind = "a whole number"
	decimal  kind = "a decimal number"
	boolean  kind = "true or false"
	null     kind = "empty"
	broken   kind = "" // already reported
)

// node is the small part of YAML that an access file is made of. Whatever else YAML offers (anchors, aliases, tags,
// merge keys) is refused: a reviewer should see each permission where it is written.
type node struct {
	kind  kind
	line  int
	raw   string // a scalar as it stands in the file, before ${NAME}
	text  string // a scalar with ${NAME} replaced
	plain bool   // a scalar without quotes
	keys  []node // of a mapping, beside values
	items []node // of a list, or a mapping's values
}

// at is the line of a mapping's key, or the mapping's own if it has no such key.
func (n node) at(key string) int {
	for _, k := range n.keys {
		if k.text == key {
			return k.line
		}
	}
	return n.line
}

// reader walks the file and gathers every problem instead of stopping at the first.
type reader struct {
	env      func(string) (string, bool)
	problems []Problem
	taken    map[string]int // names that are given only once, and their lines
}

func (r *reader) problem(line int, field, format string, args ...any) {
	r.problems = append(r.problems, Problem{line, field, fmt.Sprintf(format, args...)})
}

// parse turns YAML text into nodes, or reports why it can't.
func (r *reader) parse(file []byte) (node, bool) {
	docs, err := documents(file)
	switch {
	case err != nil:
		r.syntax(file, err)
	case len(docs) == 0:
		r.problem(0, "", "is empty: it needs issuers and grants")
	case len(docs) > 1:
		r.problem(docs[1].Line, "", "holds a second document: keep one")
	default:
		return r.node(docs[0].Content[0], ""), true
	}
	return node{}, false
}

func documents(file []byte) (docs []*yaml.Node, err error) {
	for in := yaml.NewDecoder(bytes.NewReader(file)); ; {
		var doc yaml.Node
		switch err := in.Decode(&doc); err {
		case nil:
			docs = append(docs, &doc)
		case io.EOF:
			return docs, nil
		default:
			return nil, err
		}
	}
}

const noAnchors = "anchors and aliases (&, *, <<) are not used here: write the value out; quote it if it begins with one of these signs"

// syntax reports the YAML library's "yaml: line 3: what is wrong". Its line is where the list or mapping around the
// mistake begins, or missing; ours is the first that no longer reads as YAML.
func (r *reader) syntax(file []byte, err error) {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if numbered, ok := strings.CutPrefix(message, "line "); ok {
		_, message, _ = strings.Cut(numbered, ": ")
	}
	lines := bytes.SplitAfter(file, []byte("\n"))
	bad := len(lines)
	for ; bad > 1; bad-- {
		if _, err := documents(bytes.Join(lines[:bad-1], nil)); err == nil {
			break
		}
	}
	switch {
	case strings.HasPrefix(message, "unknown anchor"), strings.HasPrefix(message, "did not find expected alphabetic"):
		message = noAnchors
	case bytes.ContainsRune(lines[bad-1], '{') || strings.Contains(message, "',' or"): // what ${NAME} and {claim} invite
		message += " (a value that begins with {, or that holds braces inside [ ] or { }, must be in quotes)"
	}
	r.problem(bad, "", "is not YAML: %s", message)
}

func (r *reader) node(in *yaml.Node, field string) node {
	out := node{line: in.Line}
	switch {
	case in.Kind == yaml.AliasNode || in.Anchor != "" || in.ShortTag() == "!!merge":
		r.problem(in.Line, field, noAnchors)
	case in.Style&yaml.TaggedStyle != 0:
		r.problem(in.Line, field, "tags (!) are not used here: quote the value if it begins with this sign")
	case in.Kind == yaml.MappingNode:
		out.kind = mapping
		for i := 0; i+1 < len(in.Content); i += 2 {
			r.pair(in.Content[i], in.Content[i+1], &out, field)
		}
	case in.Kind == yaml.SequenceNode:
		out.kind = sequence
		for i, item := range in.Content {
			out.items = append(out.items, r.node(item, fmt.Sprintf("%s[%d]", field, i)))
		}
	default:
		return r.scalar(in, field)
	}
	return out
}

func (r *reader) pair(k, v *yaml.Node, out *node, field string) {
	if k.Kind != yaml.ScalarNode || k.Anchor != "" || k.ShortTag() == "!!merge" || k.Style&yaml.TaggedStyle != 0 {
		r.problem(k.Line, field, "a key must be a plain word: anchors, aliases, tags and << are not used here")
		return
	}
	key := node{kind: text, line: k.Line, raw: k.Value, text: k.Value}
	below := join(field, key.text)
	if i := slices.IndexFunc(out.keys, func(k node) bool { return k.text == key.text }); i >= 0 {
		r.problem(key.line, below, "is there twice: the first is on line %d", out.keys[i].line)
		return
	}
	out.keys, out.items = append(out.keys, key), append(out.items, r.node(v, below))
}

var scalarKinds = map[string]kind{"!!int": integer, "!!float": decimal, "!!bool": boolean, "!!null": null}

func (r *reader) scalar(in *yaml.Node, field string) node {
	out := node{line: in.Line, raw: in.Value}
	value, ok := r.expand(in.Value, in.Line, field)
	if !ok {
		return out
	}
	out.text, out.kind = value, text
	if k, ok := scalarKinds[in.ShortTag()]; ok {
		out.kind = k
	}
	if out.kind == boolean {
		out.text = strings.ToLower(value) // True and TRUE are true in YAML
	}
	// Variables are strings: a plain ${NAME} may stand for a number or a switch as well.
	out.plain = in.Style == 0 && value != in.Value
	return out
}

// expand replaces ${NAME} in one value by the environment variable; $${ writes a literal ${.
func (r *reader) expand(raw string, line int, field string) (string, bool) {
	var out strings.Builder
	for rest := raw; ; {
		at := strings.Index(rest, "${")
		if at < 0 {
			out.WriteString(rest)
			return out.String(), true
		}
		if at > 0 && rest[at-1] == '$' {
			out.WriteString(rest[:at-1] + "${")
			rest = rest[at+2:]
			continue
		}
		out.WriteString(rest[:at])
		name, after, closed := strings.Cut(rest[at+2:], "}")
		if !closed || !isVariable(name) {
			r.problem(line, field, "${ must be followed by a variable's name and }, as in ${COS_BUCKET}; write $${ for a literal ${")
			return "", false
		}
		value, ok := r.env(name)
		if !ok || value == "" {
			r.problem(line, field, "the environment variable %s is not set: set it in the function's environment, or write the value here", name)
			return "", false
		}
		out.WriteString(value)
		rest = after
	}
}

func isVariable(name string) bool {
	for i, c := range []byte(name) {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

func join(field, key string) string {
	if field == "" {
		return key
	}
	return field + "." + key
}
