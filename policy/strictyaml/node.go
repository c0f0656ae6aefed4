package strictyaml

import "slices"

// Kind is what a node holds, in the words of messages.
type Kind string

// The kinds of YAML that a strict file is made of.
const (
	Mapping  Kind = "a mapping"
	Sequence Kind = "a list"
	String   Kind = "a string"
	Integer  Kind = "a whole number"
	Decimal  Kind = "a decimal number"
	Boolean  Kind = "true or false"
	Null     Kind = "empty"
	Broken   Kind = "" // already reported
)

// Node is the small part of YAML that a strict file is made of. Whatever else YAML offers (anchors, aliases, tags,
// merge keys) is refused: a reviewer should see each permission where it is written.
type Node struct {
	Kind  Kind
	Line  int
	Path  string // for example grants[0].bucket
	Raw   string // a scalar as it stands in the file, before ${NAME}
	Text  string // a scalar with ${NAME} replaced
	Plain bool   // a scalar without quotes that a variable has filled: it may stand for a number or a switch
	Keys  []Node // of a mapping, beside Items
	Items []Node // of a list, or a mapping's values
}

// At is the place of a mapping's key, or the mapping's own line if it has no such key.
func (n Node) At(key string) Node {
	for _, k := range n.Keys {
		if k.Text == key {
			return k
		}
	}
	return Node{Line: n.Line, Path: join(n.Path, key)}
}

// Value is what stands behind a mapping's key; a Broken node if it has no such key.
func (n Node) Value(key string) Node {
	for i, k := range n.Keys {
		if k.Text == key {
			return n.Items[i]
		}
	}
	return Node{Line: n.Line, Path: join(n.Path, key)}
}

// Has reports whether a mapping holds a key.
func (n Node) Has(key string) bool {
	return slices.ContainsFunc(n.Keys, func(k Node) bool { return k.Text == key })
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
