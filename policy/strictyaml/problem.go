package strictyaml

import (
	"strconv"
	"strings"
)

// Problem is one thing that is wrong with a file.
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
