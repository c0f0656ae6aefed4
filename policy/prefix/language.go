package prefix

import (
	"strings"

	"cos-credentials/policy/claim"
	"cos-credentials/policy/text"
)

// language is a set of strings: before, then from least to most bytes of a value, then after. It holds at least every
// text that a segment can become, so two languages that don't meet prove that the segments can't.
type language struct {
	before, after string
	rest          class
}

// class bounds the value of a placeholder.
type class struct {
	least, most int
	first, any  string // sets of bytes; "" is every byte
}

var (
	nothing  = class{}
	anything = class{0, MaxKey, "", ""}
	classes  = [...]class{
		plain:     {1, maxPlain, text.Alnum, plainSet},
		integers:  {1, claim.MaxInteger, text.Digits, text.Digits},
		base64url: {2, (maxEncoded*4 + 2) / 3, base64urlSet, base64urlSet},
		hexadec:   {2, 2 * maxEncoded, text.Hex, text.Hex},
		digest:    {64, 64, text.Hex, text.Hex},
	}
)

func (s segment) language() language {
	if s.claim == "" {
		return language{before: s.before, rest: nothing}
	}
	return language{s.before, s.after, classes[s.filter]}
}

// meets reports whether some string of at most MaxKey bytes may be in both languages, by trying each length: for one
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

// place is what may stand at one byte: exactly one, or one of a set.
type place struct {
	exact bool
	byte  byte
	set   string // "" is every byte
}

func (l language) at(i, n int) place {
	switch {
	case i < len(l.before):
		return place{exact: true, byte: l.before[i]}
	case i >= n-len(l.after):
		return place{exact: true, byte: l.after[i-(n-len(l.after))]}
	case i == len(l.before):
		return place{set: l.rest.first}
	}
	return place{set: l.rest.any}
}

func (p place) holds(b byte) bool {
	if p.exact {
		return p.byte == b
	}
	return p.set == "" || strings.IndexByte(p.set, b) >= 0
}

func meetByte(a, b place) bool {
	if a.exact {
		return b.holds(a.byte)
	}
	if b.exact {
		return a.holds(b.byte)
	}
	return a.set == "" || b.set == "" || strings.ContainsAny(a.set, b.set)
}
