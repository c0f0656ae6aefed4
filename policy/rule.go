package policy

import (
	"slices"

	"cos-credentials/policy/prefix"
	"cos-credentials/policy/strictyaml"
)

const maxRules = 8

// unread is a rule as the file has it.
type unread struct {
	prefixes, actions []strictyaml.Node
	place             strictyaml.Node // of the actions, for messages
}

// allow reads a grant's rules.
func (r *reader) allow(into *[]unread) func(strictyaml.Node) {
	read := r.List(func(n strictyaml.Node) {
		one := unread{place: n.At("actions")}
		if r.Object(n, []strictyaml.Field{
			{Name: "prefixes", Read: r.Nodes(&one.prefixes)},
			{Name: "actions", Read: r.Nodes(&one.actions)},
		}) {
			r.Require(n, "prefixes", "actions")
		}
		*into = append(*into, one)
	})
	return func(n strictyaml.Node) {
		if read(n); len(n.Items) > maxRules {
			r.Problem(n, "has %d rules, and a grant may have %d: make two grants of it", len(n.Items), maxRules)
		}
	}
}

// rule compiles a rule. Without `when`, it may not let everybody into the same objects, unless it only reads.
func (r *reader) rule(from unread, when bool) rule {
	out := rule{actions: r.actions(from.actions)}
	shared := when || onlyRead(out.actions)
	for _, n := range from.prefixes {
		t, why := prefix.Compile(n.Text)
		switch {
		case why != "":
			r.Problem(n, "%q %s", n.Raw, why)
		case n.Text == "*" && !when:
			r.Problem(n, "%q opens the whole bucket to every login: name a folder, "+
				"or say with `when` whose it is", n.Raw)
		case t.Wildcard && !t.Named() && !shared:
			r.Problem(n, "%q opens the same objects to every login: name a claim in it, say with `when` whose it is, "+
				"or only read there, by a rule with download and list alone", n.Raw)
		default:
			t.Source = n.Raw // variables stay out of messages
			out.templates = append(out.templates, placed{t, n})
		}
	}
	wildcard := slices.ContainsFunc(out.templates, func(t placed) bool { return t.Wildcard })
	if slices.ContainsFunc(out.actions, isList) && len(out.templates) > 0 && !wildcard {
		r.Problem(from.place, "list needs a prefix that ends in *: "+
			"a listing of one object's name would show every name that begins with it")
	}
	return out
}

// onlyRead reports whether there are no actions but those of download and list.
func onlyRead(actions []string) bool {
	reading := append(Preset("download"), Preset("list")...)
	return !slices.ContainsFunc(actions, func(name string) bool { return !slices.Contains(reading, name) })
}

// onePick holds a grant to one claim whose elements a request picks from.
func (r *reader) onePick(g *Grant) {
	for _, allowed := range g.rules {
		for _, t := range allowed.templates {
			switch picked := t.Picked(); {
			case picked == "" || picked == g.picked:
			case g.picked != "":
				r.Problem(t.place, "%q picks from another claim than {%s[]}, and a request picks one element: "+
					"keep one claim, or make two grants", t.Source, g.picked)
			default:
				g.picked = picked
			}
		}
	}
}
