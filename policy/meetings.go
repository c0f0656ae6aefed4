package policy

import "cos-credentials/policy/prefix"

// reached is a grant's template as the logins of one issuer reach it.
type reached struct {
	prefix.Reached
	placed placed
	issuer string
	grant  string
}

func (r reached) String() string {
	return `"` + r.placed.Source + `" of grant ` + r.grant + " (issuer " + r.issuer + ")"
}

// again reports whether two are one template, in two rules of a grant: one login fills both alike.
func (r reached) again(before reached) bool {
	return r.grant == before.grant && r.issuer == before.issuer && r.placed.Source == before.placed.Source
}

// meetings refuses templates of one bucket that two different users could fill into prefixes that overlap.
func (r *reader) meetings(a *Access) {
	buckets := map[string][]reached{}
	told := map[[2]string]bool{}
	for _, g := range a.Grants {
		if g.Bucket == "" {
			continue // reported already, and who knows which it is
		}
		for _, one := range g.reached() {
			for _, before := range buckets[g.Bucket] {
				pair := [2]string{one.placed.place.Path, before.placed.place.Path}
				if told[pair] || one.again(before) || !prefix.Meet(one.Reached, before.Reached) {
					continue
				}
				told[pair] = true
				r.Problem(one.placed.place, "%v can meet %v (line %d): two users could get into each other's objects; "+
					"begin one of them with a literal segment that the other can't have, or with {issuer}",
					one, before, before.placed.place.Line)
			}
			buckets[g.Bucket] = append(buckets[g.Bucket], one)
		}
	}
}

func (g Grant) reached() (all []reached) {
	for _, issuer := range g.issuers {
		for _, allowed := range g.rules {
			for _, t := range allowed.templates {
				all = append(all, reached{t.ReachedBy(issuer.Text), t, issuer.Text, g.Name})
			}
		}
	}
	return all
}
