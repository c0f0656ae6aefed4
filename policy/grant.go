package policy

import (
	"slices"
	"strings"
	"time"

	"cos-credentials/policy/prefix"
	"cos-credentials/policy/strictyaml"
)

func (r *reader) grant(n strictyaml.Node) Grant {
	out := Grant{place: strictyaml.Node{Line: n.Line, Path: n.Path}}
	seconds, toLogin := int64(1800), true
	var prefixes, actions []strictyaml.Node
	fields := []strictyaml.Field{
		{Name: "name", Read: r.Once(&out.Name, "name of a grant", r.String(&out.Name))},
		{Name: "issuers", Read: r.Nodes(&out.issuers)},
		{Name: "when", Read: r.when(&out.when)},
		{Name: "bucket", Read: r.Matching(&out.Bucket, isBucket, "a bucket's full name, BucketName-APPID, as in examplebucket-1250000000")},
		{Name: "region", Read: r.Matching(&out.Region, isRegion, "a region's name, as in ap-guangzhou (ap-guangzhou-3 is a zone)")},
		{Name: "allowPrefixes", Read: r.Nodes(&prefixes)},
		{Name: "allowActions", Read: r.Nodes(&actions)},
		{Name: "durationSeconds", Read: r.Number(&seconds, int64(MinDuration/time.Second), int64(r.maxDuration/time.Second), "seconds")},
		{Name: "limitToLogin", Read: r.Flag(&toLogin)},
	}
	for _, l := range limitTable {
		fields = append(fields, strictyaml.Field{Name: l.field, Read: l.read(r, &out.limits)})
	}
	fields = append(fields,
		strictyaml.Field{Name: "condition", Read: r.condition(&out.condition)},
		strictyaml.Field{Name: "pinClientAddress", Read: r.Flag(&out.pinClientAddress)},
	)
	if !r.Object(n, fields) {
		return out
	}
	r.Require(n, "name", "bucket", "region", "allowPrefixes", "allowActions")
	out.Duration, out.PastLogin = time.Duration(seconds)*time.Second, !toLogin
	out.rules = []rule{{r.templates(prefixes, len(out.when) > 0), r.actions(actions)}}
	r.consistent(n, &out)
	return out
}

// templates compiles a rule's prefixes. Without `when`, none may open the same objects to everybody.
func (r *reader) templates(prefixes []strictyaml.Node, when bool) (out []placed) {
	for _, n := range prefixes {
		t, why := prefix.Compile(n.Text)
		switch {
		case why != "":
			r.Problem(n, "%q %s", n.Raw, why)
		case t.Wildcard && !t.Named() && !when:
			r.Problem(n, "%q opens the same objects to every login: name a claim in it, or say with `when` whose it is", n.Raw)
		default:
			t.Source = n.Raw // variables stay out of messages
			out = append(out, placed{t, n})
		}
	}
	return out
}

// consistent looks at what only shows when a grant's fields are seen together.
func (r *reader) consistent(n strictyaml.Node, g *Grant) {
	for _, l := range limitTable {
		if l.set(g.limits) {
			r.bindable(n.At(l.field), l, g.actions())
		}
	}
	for _, allowed := range g.rules {
		wildcard := slices.ContainsFunc(allowed.templates, func(t placed) bool { return t.Wildcard })
		if slices.ContainsFunc(allowed.actions, isList) && len(allowed.templates) > 0 && !wildcard {
			r.Problem(n.At("allowActions"), "list needs a prefix that ends in *: a listing of one object's name would show every name that begins with it")
		}
	}
	if g.pinClientAddress && g.condition.has("ip_equal", "qcs:ip") {
		r.Problem(n.At("condition"), "ip_equal qcs:ip is what pinClientAddress writes: keep one of the two")
	}
}

// bindable holds a limit to a grant's actions: one at least must carry what it limits, and none may get around it.
func (r *reader) bindable(at strictyaml.Node, l limit, actions []string) {
	var around []string
	for _, name := range actions {
		if l.around(name) {
			around = append(around, name)
		}
	}
	switch {
	case len(actions) == 0: // reported already
	case len(around) > 0:
		r.Problem(at, "can't bound %s: %s", strings.Join(around, ", "), l.remedy)
	case !slices.ContainsFunc(actions, l.carried):
		r.Problem(at, "binds no action of this grant: it is for %s", l.serves)
	}
}

// actions is every action that some rule allows, in the order of the action table.
func (g *Grant) actions() []string {
	var all []string
	for _, allowed := range g.rules {
		all = append(all, allowed.actions...)
	}
	return inOrder(all)
}
