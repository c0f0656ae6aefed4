package policy

import "strings"

// reached is a template as the logins of one issuer reach it: {issuer} is filled in, and its claims are that issuer's.
type reached struct {
	template
	issuer string
	grant  string
}

// meetings refuses templates of one bucket that two different users could fill into prefixes that overlap.
func (r *reader) meetings(a *Access) {
	buckets := map[string][]reached{}
	for _, g := range a.Grants {
		if g.Bucket == "" {
			continue // reported already, and who knows which it is
		}
		for _, issuer := range g.issuers {
			for _, t := range g.templates {
				buckets[g.Bucket] = append(buckets[g.Bucket], reached{t.forIssuer(issuer.text), issuer.text, g.Name})
			}
		}
	}
	told := map[[2]string]bool{}
	for _, g := range a.Grants { // in the file's order, not the map's
		list := buckets[g.Bucket]
		delete(buckets, g.Bucket)
		for i, one := range list {
			for _, other := range list[:i] {
				if pair := [2]string{one.path, other.path}; !told[pair] && meet(one, other) {
					told[pair] = true
					r.problem(one.line, one.path, "%q of grant %s%s can meet %q of grant %s%s (line %d): two users could get into each other's objects; begin one of them with a literal segment that the other can't have, or with {issuer}",
						one.source, one.grant, by(one), other.source, other.grant, by(other), other.line)
				}
			}
		}
	}
}

func by(r reached) string { return " (issuer " + r.issuer + ")" }

// forIssuer fills in {issuer}.
func (t template) forIssuer(name string) template {
	segments := make([]segment, len(t.segments))
	for i, s := range t.segments {
		if s.claim == issuerClaim {
			if text, why := s.value(Identity{Issuer: name}); why == "" {
				s = segment{before: s.before + text + s.after}
			}
		}
		segments[i] = s
	}
	t.segments = segments
	return t
}

// meet walks two templates segment by segment and reports whether two different users could stand in one place.
func meet(a, b reached) bool {
	same := true // every segment so far is the same text in both, for every login
	for i := 0; ; i++ {
		switch aEnds, bEnds := i == len(a.segments), i == len(b.segments); {
		case aEnds && bEnds:
			switch {
			case a.wildcard && b.wildcard:
				// One covers the other on purpose, or they begin differently.
				return !same && startsMayMatch(a.stem, b.stem)
			case a.wildcard != b.wildcard:
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
		case x == y && x.claim == "sub" && a.issuer == b.issuer:
			return false // the same user
		case x != y || x.claim != "" && a.issuer != b.issuer:
			same = false
		}
	}
}

// meetEnd looks at a template that has ended while the other goes on with a segment.
func meetEnd(ended reached, next segment, same bool) bool {
	if !ended.wildcard {
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

// language is a set of strings: before, then from least to most bytes of a value, then after. It holds at least every
// text that a segment can become, so two languages that don't meet prove that the segments can't.
type language struct {
	before, after string
	rest          class
}

// class bounds the value of a placeholder.
type class struct {
	least, most int
	first, any  func(byte) bool
}

func everyByte(byte) bool { return true }

var (
	nothing  = class{}
	anything = class{0, maxKey, everyByte, everyByte}
	classes  = [...]class{
		plain:     {1, maxPlain, alnum, plainByte},
		integers:  {1, maxInteger, digit, digit},
		base64url: {2, (maxEncoded*4 + 2) / 3, base64urlByte, base64urlByte},
		hexadec:   {2, 2 * maxEncoded, hexByte, hexByte},
		digest:    {64, 64, hexByte, hexByte},
	}
)

func base64urlByte(c byte) bool { return alnum(c) || c == '-' || c == '_' }
func hexByte(c byte) bool       { return digit(c) || c >= 'a' && c <= 'f' }

func (s segment) language() language {
	if s.claim == "" {
		return language{before: s.before, rest: nothing}
	}
	return language{s.before, s.after, classes[s.filter]}
}

// meets reports whether some string of at most maxKey bytes may be in both languages, by trying each length: for one
// length, what may stand at each place is known.
func (l language) meets(m language) bool {
	fixed := len(l.before) + len(l.after) + len(m.before) + len(m.after)
	least := max(l.least(), m.least())
	// Beyond all fixed text and both minimums a longer string differs only in repeating what may stand in its middle.
	most := min(l.most(), m.most(), least+fixed+2)
	for n := least; n <= most; n++ {
		if l.meetsAt(m, n) {
			return true
		}
	}
	return false
}

func (l language) least() int { return len(l.before) + l.rest.least + len(l.after) }
func (l language) most() int  { return len(l.before) + l.rest.most + len(l.after) }

func (l language) meetsAt(m language, n int) bool {
	for i := range n {
		if !meetByte(l.at(i, n), m.at(i, n)) {
			return false
		}
	}
	return true
}

// place is what may stand at one byte: exactly one, or a class of them.
type place struct {
	exact byte
	class func(byte) bool // nil: exact
}

func (l language) at(i, n int) place {
	switch {
	case i < len(l.before):
		return place{exact: l.before[i]}
	case i >= n-len(l.after):
		return place{exact: l.after[i-(n-len(l.after))]}
	case i == len(l.before):
		return place{class: l.rest.first}
	}
	return place{class: l.rest.any}
}

func meetByte(a, b place) bool {
	switch {
	case a.class == nil && b.class == nil:
		return a.exact == b.exact
	case a.class == nil:
		return b.class(a.exact)
	case b.class == nil:
		return a.class(b.exact)
	}
	for c := range 256 {
		if a.class(byte(c)) && b.class(byte(c)) {
			return true
		}
	}
	return false
}
