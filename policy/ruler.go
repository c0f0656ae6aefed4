package policy

import (
	"fmt"
	"hash/maphash"
	"strconv"

	sts "github.com/tencentyun/qcloud-cos-sts-sdk/go"
)

// tally is what an action's keys add to a document, whatever their order.
type tally struct {
	keys       int
	characters int    // of the keys, as JSON writes them
	values     int    // characters of the values of a listing's condition, quotes and commas included
	sum        uint64 // the same for the same keys
	everything bool   // one of the keys is *
}

var seed = maphash.MakeSeed()

// count adds a key to the tally, or with -1 takes it away.
func (t *tally) count(key string, sign int) {
	n := characters(key)
	t.keys += sign
	t.characters += sign * n
	t.values += sign * (n + len(`"",`))
	if encoded := encodedPrefix(key); encoded != key {
		t.values += sign * (characters(encoded) + len(`"",`))
	}
	t.sum += uint64(sign) * maphash.String(seed, key)
	t.everything = t.everything || key == "*" // a fold to * is the last of its action, so it is never taken away
}

// ruler measures the document for what is wanted without writing it. A short text stands in for the keys of each
// action, the same one for the same keys, and their own length takes its place.
type ruler struct {
	*Entitlement
	around     int            // characters around the statements that allow: of those that deny, and of the document
	statements map[string]int // characters of one that allows, with its stand-in, by its actions
}

func newRuler(e *Entitlement, all []wanted) *ruler {
	short := *e
	short.opens, _ = standIns(all)
	bare := sts.CredentialPolicy{Version: "2.0", Statement: make([]sts.CredentialPolicyStatement, 1)}
	r := &ruler{&short, size(bare) - len("{}"), map[string]int{}}
	for _, s := range short.document().Statement {
		if s.Effect == "deny" {
			r.around += size(s) + len(",")
		}
	}
	return r
}

// standIns is the openings with the stand-ins for their keys, and what each stands for.
func standIns(all []wanted) (opens []opening, stand map[string]tally) {
	stand = make(map[string]tally, len(all))
	for _, w := range all {
		if w.keys == 0 {
			continue
		}
		name := strconv.FormatUint(w.sum, 36)
		prefixes := []string{name}
		if isList(w.action) {
			name += "*"
			if prefixes = []string{name}; w.everything {
				prefixes = []string{"*", name} // its condition names no prefix
			}
		}
		stand[name] = w.tally
		opens = append(opens, opening{w.action, prefixes})
	}
	return opens, stand
}

// length is how many characters the document has.
func (r *ruler) length(all []wanted) int {
	var stand map[string]tally
	r.opens, stand = standIns(all)
	n := r.around - len(",") // which is not behind the last statement
	for of, groups := range r.groups() {
		for _, g := range groups {
			p := purpose(of)
			name := g.prefixes[len(g.prefixes)-1]
			t := stand[name]
			n += r.statement(p, g, len(name)) + len(",")
			switch {
			case p != list:
				n += t.characters + (t.keys-1)*(characters(r.resource(""))+len(`"",`))
			case !t.everything:
				n += t.values - len(`"",`)
			}
		}
	}
	return n
}

// statement is how many characters a statement has without its keys: named is how many its stand-in has.
func (r *ruler) statement(p purpose, g group, named int) int {
	name := fmt.Sprint(g.bound, len(g.prefixes), g.actions)
	n, known := r.statements[name]
	if !known {
		s, _ := r.Entitlement.statement(p, g)
		n = size(s) - named
		if p == list && len(g.prefixes) > 1 {
			n += named // which is not in it
		}
		r.statements[name] = n
	}
	return n
}
