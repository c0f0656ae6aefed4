package prefix

import "strings"

// Reached is a template as the logins of one issuer reach it: {issuer} is filled in, and its claims are that issuer's.
type Reached struct {
	Template
	issuer string
}

// ReachedBy is the template for the logins of the issuer with this name.
func (t Template) ReachedBy(issuer string) Reached {
	segments := make([]segment, len(t.segments))
	for i, s := range t.segments {
		if s.claim == issuerClaim {
			if value, why := s.value(issuer, nil, ""); why == "" {
				s = segment{before: s.before + value + s.after}
			}
		}
		segments[i] = s
	}
	t.segments = segments
	return Reached{t, issuer}
}

// Meet walks two templates of one bucket segment by segment and reports whether two different users could stand in
// one place.
func Meet(a, b Reached) bool {
	same := true // every segment so far is the same text in both, for every login
	for i := 0; ; i++ {
		switch aEnds, bEnds := i == len(a.segments), i == len(b.segments); {
		case aEnds && bEnds:
			switch {
			case a.Wildcard && b.Wildcard:
				// One covers the other on purpose, or they begin differently.
				return !same && startsMayMatch(a.stem, b.stem)
			case a.Wildcard != b.Wildcard:
				return false // an object beside a folder: x and x/*
			}
			return true // one object in two templates
		case aEnds:
			return meetEnd(a, b.segments[i], same)
		case bEnds:
			return meetEnd(b, a.segments[i], same)
		}
		x, y := a.segments[i], b.segments[i]
		switch {
		case !x.mayEqual(y):
			return false // no value can make them equal
		case x == y && x.claim == "sub" && !x.picks && a.issuer == b.issuer:
			return false // the same user
		case x != y || x.claim != "" && a.issuer != b.issuer:
			same = false
		}
	}
}

// meetEnd looks at a template that has ended while the other goes on with a segment.
func meetEnd(ended Reached, next segment, same bool) bool {
	if !ended.Wildcard {
		return false // a single object, and the other is deeper
	}
	if !(language{before: ended.stem, rest: anything}).meets(next.language()) {
		return false
	}
	return !(same && len(next.before) >= len(ended.stem)) // else it covers the other on purpose
}

// mayEqual reports whether some values make two segments the same text. Of two placeholders it may say so needlessly,
// never the other way round.
func (s segment) mayEqual(t segment) bool {
	switch {
	case s.claim == "" && t.claim == "":
		return s.before == t.before
	case s.claim == "":
		return t.mayBe(s.before)
	case t.claim == "":
		return s.mayBe(t.before)
	}
	return s.language().meets(t.language())
}

func (s segment) mayBe(literal string) bool {
	value, before := strings.CutPrefix(literal, s.before)
	value, after := strings.CutSuffix(value, s.after)
	return before && after && s.filter.writes(value)
}

func startsMayMatch(a, b string) bool {
	n := min(len(a), len(b))
	return a[:n] == b[:n]
}
