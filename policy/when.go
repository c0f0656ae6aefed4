package policy

import (
	"encoding/json"
	"slices"
	"strings"

	"cos-credentials/policy/claim"
	"cos-credentials/policy/strictyaml"
	"cos-credentials/policy/text"
)

// when reads claims and the values that they are held to: those that a login must have, or must not.
func (r *reader) when(into *[]claim.Requirement) func(strictyaml.Node) {
	return func(n strictyaml.Node) {
		if !r.Is(n, strictyaml.Mapping) {
			return
		}
		if len(n.Keys) == 0 {
			r.Problem(n, "must not be empty: leave it out instead")
		}
		for i, key := range n.Keys {
			q := claim.Requirement{Claim: key.Text}
			r.List(func(n strictyaml.Node) {
				q.Values = append(q.Values, r.claimValue(n))
				if q.Claim == claim.Scope && n.Kind == strictyaml.String && strings.Contains(n.Text, " ") {
					r.Problem(n, "%q holds a space, and scope is read word by word: write each word as a value of its own", n.Raw)
				}
			})(n.Items[i])
			*into = append(*into, q)
		}
	}
}

// claimValue reads a value that a claim can equal.
func (r *reader) claimValue(n strictyaml.Node) any {
	switch {
	case n.Kind == strictyaml.Integer && text.Only(n.Text, text.Digits) && (n.Text == "0" || n.Text[0] != '0'):
		return json.Number(n.Text)
	case n.Kind == strictyaml.Boolean:
		return n.Text == "true"
	case r.Is(n, strictyaml.String, strictyaml.Integer, strictyaml.Boolean):
		if n.Text == "" || n.Kind == strictyaml.Integer {
			r.Problem(n, "%q is not a value that a claim can be held to: "+
				"write a string, a whole number from 0, true or false", n.Raw)
		}
	}
	return n.Text
}

// Unmet is what a grant's when wants and a login doesn't have. It is false for logins of issuers that the grant isn't
// for.
func (g *Grant) Unmet(id Identity) (unmet []claim.Requirement, ours bool) {
	ours = slices.ContainsFunc(g.issuers, func(name strictyaml.Node) bool { return name.Text == id.Issuer })
	for _, q := range g.when {
		if !q.Met(id.Claims) {
			unmet = append(unmet, q)
		}
	}
	return unmet, ours
}
