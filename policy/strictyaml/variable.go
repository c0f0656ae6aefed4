package strictyaml

import (
	"strings"

	"cos-credentials/policy/text"
)

// expand replaces ${NAME} in one value by the environment variable; $${ writes a literal ${.
func (r *Reader) expand(n Node) (string, bool) {
	var out strings.Builder
	for rest := n.Raw; ; {
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
		if _, is := optional("${" + name + "}"); closed && is {
			const message = "${%s} can be left out only where it is a whole element of a list: write ${%s} here"
			r.Problem(n, message, name, name[:len(name)-1])
			return "", false
		}
		if !closed || !isVariable(name) {
			r.Problem(n, "${ must be followed by a variable's name and }, as in ${COS_BUCKET}; write $${ for a literal ${")
			return "", false
		}
		value, ok := r.env(name)
		if !ok || value == "" {
			r.Problem(n, "the environment variable %s is not set: "+
				"put %[1]s=… into .env, or into the function's environment", name)
			return "", false
		}
		out.WriteString(value)
		rest = after
	}
}

// optional returns NAME of ${NAME?}, which as a whole element of a list leaves that element out when it isn't set.
func optional(raw string) (name string, is bool) {
	name, isVar := strings.CutPrefix(raw, "${")
	name, may := strings.CutSuffix(name, "?}")
	return name, isVar && may && isVariable(name)
}

func isVariable(name string) bool {
	return name != "" && text.Only(name, text.Alnum+"_") && !text.Only(name[:1], text.Digits)
}
