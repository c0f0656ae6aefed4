// Package strictyaml reads one YAML document strictly: every key is known, every value has its type, nothing is there
// twice, and all problems are found in one go, each with its line and its field.
//
// ${NAME} in a value is replaced by an environment variable after parsing, so that a value can't write YAML.
package strictyaml

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Reader walks a document and gathers every problem instead of stopping at the first.
type Reader struct {
	Problems []Problem

	env   func(string) (string, bool)
	taken map[string]int // names that are given only once, and their lines
}

// NewReader returns a reader that looks up ${NAME} with env.
func NewReader(env func(string) (string, bool)) *Reader {
	return &Reader{env: env, taken: map[string]int{}}
}

// Problem notes what is wrong with a node.
func (r *Reader) Problem(n Node, format string, args ...any) {
	r.Problems = append(r.Problems, Problem{n.Line, n.Path, fmt.Sprintf(format, args...)})
}

// Reported reports whether something is wrong with a field, or below it.
func (r *Reader) Reported(path string) bool {
	return slices.ContainsFunc(r.Problems, func(p Problem) bool {
		rest, below := strings.CutPrefix(p.Field, path)
		return below && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// Parse turns YAML text into its one document's root, or notes why it can't. An empty file is told what it needs.
func (r *Reader) Parse(file []byte, needs string) (Node, bool) {
	docs, err := documents(file)
	switch {
	case err != nil:
		r.syntax(file, err)
	case len(docs) == 0:
		r.Problem(Node{}, "is empty: it needs %s", needs)
	case len(docs) > 1:
		r.Problem(Node{Line: docs[1].Line}, "holds a second document: keep one")
	default:
		return r.node(docs[0].Content[0], ""), true
	}
	return Node{}, false
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

const noAnchors = "anchors and aliases (&, *, <<) are not used here: write the value out; " +
	"quote it if it begins with one of these signs"

// syntax reports the YAML library's "yaml: line 3: what is wrong". Its line is where the list or mapping around the
// mistake begins, or missing; ours is the first that no longer reads as YAML.
func (r *Reader) syntax(file []byte, err error) {
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
	r.Problem(Node{Line: bad}, "is not YAML: %s", message)
}

func (r *Reader) node(in *yaml.Node, path string) Node {
	out := Node{Line: in.Line, Path: path}
	switch {
	case in.Kind == yaml.AliasNode || in.Anchor != "" || in.ShortTag() == "!!merge":
		r.Problem(out, noAnchors)
	case in.Style&yaml.TaggedStyle != 0:
		r.Problem(out, "tags (!) are not used here: quote the value if it begins with this sign")
	case in.Kind == yaml.MappingNode:
		out.Kind = Mapping
		for i := 0; i+1 < len(in.Content); i += 2 {
			r.pair(in.Content[i], in.Content[i+1], &out)
		}
	case in.Kind == yaml.SequenceNode:
		out.Kind = Sequence
		for i, item := range in.Content {
			if element, there := r.element(item, fmt.Sprintf("%s[%d]", path, i)); there {
				out.Items = append(out.Items, element)
			}
		}
	default:
		r.scalar(in, &out)
	}
	return out
}

// element reads an item of a list. ${NAME?} is ${NAME}, and no item at all while that variable isn't set.
func (r *Reader) element(in *yaml.Node, path string) (out Node, there bool) {
	name, is := optional(in.Value)
	if !is || in.Anchor != "" || in.Style&yaml.TaggedStyle != 0 {
		return r.node(in, path), true
	}
	if value, _ := r.env(name); value == "" {
		return Node{}, false
	}
	required := *in
	required.Value = "${" + name + "}"
	out = r.node(&required, path)
	out.Raw = in.Value
	return out, true
}

func (r *Reader) pair(k, v *yaml.Node, out *Node) {
	key := Node{Kind: String, Line: k.Line, Path: join(out.Path, k.Value), Raw: k.Value, Text: k.Value}
	if k.Kind != yaml.ScalarNode || k.Anchor != "" || k.ShortTag() == "!!merge" || k.Style&yaml.TaggedStyle != 0 {
		r.Problem(Node{Line: k.Line, Path: out.Path},
			"a key must be a plain word: anchors, aliases, tags and << are not used here")
		return
	}
	if i := slices.IndexFunc(out.Keys, func(k Node) bool { return k.Text == key.Text }); i >= 0 {
		r.Problem(key, "is there twice: the first is on line %d", out.Keys[i].Line)
		return
	}
	out.Keys, out.Items = append(out.Keys, key), append(out.Items, r.node(v, key.Path))
}

var scalarKinds = map[string]Kind{"!!int": Integer, "!!float": Decimal, "!!bool": Boolean, "!!null": Null}

func (r *Reader) scalar(in *yaml.Node, out *Node) {
	out.Raw = in.Value
	value, ok := r.expand(*out)
	if !ok {
		return
	}
	out.Text, out.Kind = value, String
	if k, ok := scalarKinds[in.ShortTag()]; ok {
		out.Kind = k
	}
	if out.Kind == Boolean {
		out.Text = strings.ToLower(value) // True and TRUE are true in YAML
	}
	out.Plain = in.Style == 0 && value != in.Value
}
