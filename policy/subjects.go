package policy

import (
	"fmt"
	"slices"

	"cos-credentials/policy/trust"
)

// subjects refuses templates that no login of an issuer could fill, because the claim that names its users is a number
// where the template wants a string, or the other way round: every request would be refused, and nobody would know why.
func (r *reader) subjects(a *Access) {
	for _, g := range a.Grants {
		for _, name := range g.issuers {
			at := slices.IndexFunc(a.Issuers, func(i trust.Issuer) bool { return i.Name == name.Text })
			if at < 0 || r.Reported(fmt.Sprintf("issuers[%d]", at)) {
				continue // reported already
			}
			for _, allowed := range g.rules {
				for _, t := range allowed.templates {
					r.subjectOf(a.Issuers[at], t)
				}
			}
		}
	}
}

// subjectOf holds one template to the subject of one issuer. Templates know it as sub, and by its own name.
func (r *reader) subjectOf(issuer trust.Issuer, t placed) {
	for _, name := range slices.Compact([]string{trust.DefaultSubject, issuer.Subject.Name()}) {
		written, instead := t.Mistakes(name, issuer.Subject.Integer)
		switch {
		case written == "" || r.Reported(t.place.Path):
		case issuer.Subject.Integer:
			r.Problem(t.place, "%q can't be filled: %s takes a string, and the subject of issuer %s is a whole number; "+
				"write %s", t.Source, written, issuer.Name, instead)
		default:
			r.Problem(t.place, "%q can't be filled: %s takes a whole number, and the subject of issuer %s is a string; "+
				"write %s, or say subject: {integer: true} in the issuer", t.Source, written, issuer.Name, instead)
		}
	}
}
