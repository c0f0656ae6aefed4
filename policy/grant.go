package policy

import (
	"slices"
	"strings"
	"time"

	"cos-credentials/policy/strictyaml"
)

func (r *reader) grant(n strictyaml.Node) Grant {
	out := Grant{place: strictyaml.Node{Line: n.Line, Path: n.Path}}
	seconds, toLogin, keys := int64(1800), true, true
	var only unread // allowPrefixes and allowActions: the form with one rule
	var several []unread
	fields := []strictyaml.Field{
		{Name: "name", Read: r.Once(&out.Name, "name of a grant", r.String(&out.Name))},
		{Name: "issuers", Read: r.Nodes(&out.issuers)},
		{Name: "when", Read: r.when(&out.when)},
		{Name: "bucket", Read: r.Matching(&out.Bucket, isBucket,
			"a bucket's full name, BucketName-APPID, as in examplebucket-1250000000")},
		{Name: "region", Read: r.Matching(&out.Region, IsRegion,
			"a region's name, as in ap-guangzhou (ap-guangzhou-3 is a zone)")},
		{Name: "domain", Read: r.Matching(&out.Domain, isDomain,
			"a host's name in lower case, without scheme, port or path, as in files.example.com")},
		{Name: "allowPrefixes", Read: r.Nodes(&only.prefixes)},
		{Name: "allowActions", Read: r.Nodes(&only.actions)},
		{Name: "allow", Read: r.allow(&several)},
		{Name: "durationSeconds", Read: r.Number(&seconds, int64(MinDuration/time.Second),
			int64(r.maxDuration/time.Second), "seconds")},
		{Name: "limitToLogin", Read: r.Flag(&toLogin)},
	}
	for _, l := range limitTable {
		fields = append(fields, strictyaml.Field{Name: l.field, Read: l.read(r, &out.limits)})
	}
	fields = append(fields,
		strictyaml.Field{Name: "condition", Read: r.condition(&out.condition)},
		strictyaml.Field{Name: "pinClientAddress", Read: r.Flag(&out.pinClientAddress)},
		strictyaml.Field{Name: "sealedOnly", Read: r.Flag(&out.SealedOnly)},
		strictyaml.Field{Name: "keys", Read: r.Flag(&keys)},
	)
	if !r.Object(n, fields) {
		return out
	}
	r.Require(n, "name", "bucket", "region")
	out.Duration, out.PastLogin, out.KeysStay = time.Duration(seconds)*time.Second, !toLogin, !keys
	only.place = n.At("allowActions")
	switch one := n.Has("allowPrefixes") || n.Has("allowActions"); {
	case one && n.Has("allow"):
		r.Problem(n.At("allow"), "takes the place of allowPrefixes and allowActions: move them into a rule of it")
	case one:
		r.Require(n, "allowPrefixes", "allowActions")
		several = []unread{only}
	case !n.Has("allow"):
		r.Problem(n, "allows nothing: name allowPrefixes and allowActions, or several rules in allow")
	}
	for _, one := range several {
		out.rules = append(out.rules, r.rule(one, len(out.when) > 0))
	}
	out.actions = allActions(out.rules)
	r.onePick(&out)
	r.consistent(n, &out)
	return out
}

// consistent looks at what only shows when a grant's fields are seen together.
func (r *reader) consistent(n strictyaml.Node, g *Grant) {
	for _, l := range limitTable {
		if l.set(g.limits) {
			r.bindable(n, l, g.actions)
		}
	}
	if g.pinClientAddress && g.condition.has("ip_equal", "qcs:ip") {
		r.Problem(n.At("condition"), "ip_equal qcs:ip is what pinClientAddress writes: keep one of the two")
	}
	if g.KeysStay && len(g.actions) > 0 && !slices.ContainsFunc(g.actions, isKeyless) {
		r.warn(n.At("keys"), "leaves forms and links only, and this grant has neither formUpload nor download, "+
			"so that nobody gets anything of it: add one of them, or take keys: false out")
	}
}

// isKeyless tells the actions that forms and links are made of.
func isKeyless(name string) bool { return name == postObject || name == getObject }

// bindable holds a limit to a grant's actions: none may get around it, and one at least must carry what it limits,
// unless it is there without a word of the file's.
func (r *reader) bindable(n strictyaml.Node, l limit, actions []string) {
	var around []string
	for _, name := range actions {
		if l.around(name) {
			around = append(around, name)
		}
	}
	switch {
	case len(actions) == 0: // reported already
	case len(around) > 0:
		r.Problem(n.At(l.field), "can't bound %s: %s", strings.Join(around, ", "), l.remedy)
	case !l.byDefault && !slices.ContainsFunc(actions, l.carried):
		r.Problem(n.At(l.field), "binds no action of this grant: it is for %s", l.serves)
	}
}

// allActions is every action that some rule allows, in the order of the action table.
func allActions(rules []rule) []string {
	var all []string
	for _, allowed := range rules {
		all = append(all, allowed.actions...)
	}
	return inOrder(all)
}
