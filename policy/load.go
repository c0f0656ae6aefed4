package policy

import (
	"cmp"
	"slices"
	"time"

	"cos-credentials/policy/strictyaml"
	"cos-credentials/policy/trust"
)

// Source is an access file and what is needed to read it.
type Source struct {
	Name        string                      // what messages call the file
	YAML        []byte                      // its content
	Env         func(string) (string, bool) // looks up ${NAME}; os.LookupEnv in the function
	MaxDuration time.Duration               // the longest life that STS gives; 0 means GetFederationToken's 36 hours
}

// Longest lives of a temporary key by the calls that make it.
// https://cloud.tencent.com/document/api/598/33416 (for a sub-account) and /33164.
const (
	MaxFederationDuration = 129600 * time.Second
	MaxRoleDuration       = 43200 * time.Second
)

// MinDuration is the shortest life that a grant or a request may name.
const MinDuration = time.Minute

// reader reads the parts of an access file.
type reader struct {
	*strictyaml.Reader
	maxDuration time.Duration
	warnings    []strictyaml.Problem
}

// warn notes what can be meant, and is worth a second look.
func (r *reader) warn(n strictyaml.Node, message string) {
	r.warnings = append(r.warnings, strictyaml.Problem{Line: n.Line, Field: n.Path, Message: message})
}

// Load reads and checks an access file. The error is a [*strictyaml.Problems] with everything that is wrong, each
// with its line; the Access then holds no grant, and the issuers that nothing is wrong with, so that their keys can
// be checked too.
func Load(src Source) (*Access, error) {
	r := &reader{Reader: strictyaml.NewReader(src.Env), maxDuration: cmp.Or(src.MaxDuration, MaxFederationDuration)}
	access, sound := r.access(src.YAML)
	access.Warnings = r.warnings
	if len(r.Problems) == 0 {
		return access, nil
	}
	slices.SortStableFunc(r.Problems, func(a, b strictyaml.Problem) int { return cmp.Compare(a.Line, b.Line) })
	return &Access{Issuers: sound, Warnings: r.warnings}, &strictyaml.Problems{File: src.Name, List: r.Problems}
}

// access reads the whole file. Of its issuers, sound are those that nothing is wrong with.
func (r *reader) access(file []byte) (access *Access, sound []trust.Issuer) {
	access = &Access{}
	root, ok := r.Parse(file, "issuers and grants")
	if !ok {
		return access, nil
	}
	ok = r.Object(root, []strictyaml.Field{
		{Name: "issuers", Read: r.List(func(n strictyaml.Node) {
			access.Issuers = append(access.Issuers, r.issuer(n))
			if !r.Reported(n.Path) {
				sound = append(sound, access.Issuers[len(access.Issuers)-1])
			}
		})},
		{Name: "grants", Read: r.List(func(n strictyaml.Node) { access.Grants = append(access.Grants, r.grant(n)) })},
	})
	if ok {
		r.Require(root, "issuers", "grants")
	}
	r.assign(access)
	r.subjects(access)
	r.meetings(access)
	return access, sound
}

// assign holds each grant to issuers that exist, and names the only one where a grant names none.
func (r *reader) assign(a *Access) {
	for i := range a.Grants {
		g := &a.Grants[i]
		var known []strictyaml.Node
		for _, name := range g.issuers {
			if slices.ContainsFunc(a.Issuers, func(s trust.Issuer) bool { return s.Name == name.Text }) {
				known = append(known, name)
			} else {
				r.Problem(name, "%q is not the name of an issuer of this file", name.Raw)
			}
		}
		switch {
		case len(g.issuers) > 0:
			g.issuers = known
		case len(a.Issuers) == 1:
			g.issuers = []strictyaml.Node{{Text: a.Issuers[0].Name}}
		case len(a.Issuers) > 1:
			r.Problem(g.place.At("issuers"), "is missing: with %d issuers, each grant says whose logins it is for",
				len(a.Issuers))
		}
	}
}
