package main

import (
	"encoding/json"
	"io"
	"net/netip"
	"os"
	"strings"

	"cos-credentials/function/deploy/cli"
	"cos-credentials/policy"
	"cos-credentials/policy/prefix"
	"cos-credentials/policy/strictyaml"
)

// expectation is what one login can and cannot do.
type expectation struct {
	at          strictyaml.Node
	who         policy.Identity
	pinned      bool // who.Address is the client's, and not a stand-in
	grant, pick string
	can, cannot []asked
}

// asked is one request that the login makes with its key: an action on an object, or a listing of a prefix.
type asked struct {
	at          strictyaml.Node
	action, key string
}

func (a asked) String() string { return strings.TrimPrefix(a.action, "name/cos:") + "=" + a.key }

// explainFile says what changes for the logins of the file, and holds the access file to what it expects.
func (w *wanted) explainFile(access *policy.Access, out io.Writer) error {
	all, err := w.expectations(w.expect, access)
	if err == nil && w.old != "" {
		err = w.diff(access, all, out)
	}
	if err != nil {
		return err
	}
	return hold(out, w.expect, access, all)
}

// expectations reads a file of them. The error names the lines of those that make no sense.
func (w *wanted) expectations(file string, access *policy.Access) (all []expectation, err error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r := strictyaml.NewReader(os.LookupEnv)
	if root, ok := r.Parse(content, "a list of {login: {sub: alice}, can: […], cannot: […]}"); ok {
		r.List(func(n strictyaml.Node) { all = append(all, w.expectation(r, n, access)) })(root)
	}
	return all, problemsOf(file, r)
}

func problemsOf(file string, r *strictyaml.Reader) error {
	if len(r.Problems) == 0 {
		return nil
	}
	return &strictyaml.Problems{File: file, List: r.Problems}
}

func (w *wanted) expectation(r *strictyaml.Reader, n strictyaml.Node, access *policy.Access) expectation {
	e := w.login("", nil)
	e.at = n
	var issuers, grants []string
	for _, i := range access.Issuers {
		issuers = append(issuers, i.Name)
	}
	for _, g := range access.Grants {
		grants = append(grants, g.Name)
	}
	if !r.Object(n, []strictyaml.Field{
		{Name: "login", Read: func(n strictyaml.Node) { e.who.Claims, _ = claimOf(r, n).(map[string]any) }},
		{Name: "issuer", Read: r.OneOf(&e.who.Issuer, issuers)},
		{Name: "grant", Read: r.OneOf(&e.grant, grants)},
		{Name: "pick", Read: r.String(&e.pick)},
		{Name: "can", Read: askedItems(r, access, &e.can)},
		{Name: "cannot", Read: askedItems(r, access, &e.cannot)},
	}) {
		return e
	}
	if len(e.who.Claims) == 0 {
		r.Problem(n.At("login"), "must be the login's claims, as in {sub: alice}")
	}
	switch {
	case len(issuers) == 1:
		e.who.Issuer = issuers[0]
	case !n.Has("issuer"):
		r.Problem(n, "names no issuer: choose from %s", strings.Join(issuers, ", "))
	}
	e.who.Claims = seenBy(access, e.who.Issuer, e.who.Claims)
	if !n.Has("can") && !n.Has("cannot") {
		r.Problem(n, "expects nothing: write can or cannot")
	}
	for _, a := range e.cannot {
		for _, b := range e.can {
			if a.action == b.action && a.key == b.key {
				r.Problem(a.at, "%s is in can too, on line %d: keep one of the two", a, b.at.Line)
			}
		}
	}
	return e
}

// seenBy is a login's claims as the function sees them.
func seenBy(access *policy.Access, issuer string, claims map[string]any) map[string]any {
	for _, i := range access.Issuers {
		if i.Name == issuer {
			return cli.Claims(claims).Seen(i.Subject.Claim)
		}
	}
	return claims
}

// claimOf is a claim's value as a token's JSON has it.
func claimOf(r *strictyaml.Reader, n strictyaml.Node) any {
	switch n.Kind {
	case strictyaml.Mapping:
		all := map[string]any{}
		for i, k := range n.Keys {
			all[k.Text] = claimOf(r, n.Items[i])
		}
		return all
	case strictyaml.Sequence:
		all := []any{}
		for _, one := range n.Items {
			all = append(all, claimOf(r, one))
		}
		return all
	case strictyaml.Integer:
		if !json.Valid([]byte(n.Text)) {
			r.Problem(n, "%q is not a number that JSON knows: put it in quotes", n.Raw)
		}
		return json.Number(n.Text)
	case strictyaml.Boolean:
		return n.Text == "true"
	}
	r.Is(n, strictyaml.String, strictyaml.Integer, strictyaml.Boolean, strictyaml.Sequence, strictyaml.Mapping)
	return n.Text
}

// askedItems reads ACTION=KEY; a preset stands for each of its actions.
func askedItems(r *strictyaml.Reader, access *policy.Access, into *[]asked) func(strictyaml.Node) {
	var items []strictyaml.Node
	readItems := r.Nodes(&items)
	return func(n strictyaml.Node) {
		readItems(n)
		for _, item := range items {
			name, key, ok := strings.Cut(item.Text, "=")
			actions := policy.Preset(name)
			if actions == nil {
				actions = []string{"name/cos:" + name}
			}
			why := prefix.NoKey(key)
			switch {
			case !ok:
				r.Problem(item, "%q is not ACTION=KEY, as in PutObject=users/alice/a.jpg", item.Raw)
			case !access.Knows(actions[0]):
				r.Problem(item, "%q is neither a preset (%s) nor an action that is known",
					name, strings.Join(policy.Presets(), ", "))
			case why != "":
				r.Problem(item, "no key can be %q: it %s", key, why)
			case strings.HasSuffix(key, "*"):
				r.Problem(item, "%q is more than one key: write one that stands for them", key)
			default:
				for _, action := range actions {
					*into = append(*into, asked{item, action, key})
				}
			}
		}
	}
}

// login is whom the command line names. Grants that pin the address need one: for any, one stands in.
func (w *wanted) login(issuer string, claims map[string]any) expectation {
	id := policy.Identity{Issuer: issuer, Claims: claims, Address: w.address}
	if !w.address.IsValid() {
		id.Address = netip.MustParseAddr("192.0.2.1")
	}
	return expectation{who: id, pinned: w.address.IsValid(), grant: w.grant, pick: w.pick}
}
