package policy

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Item is one thing that a request asks for, in the COS SDKs' scope protocol.
// https://github.com/tencentyun/qcloud-cos-sts-sdk/blob/master/scope.md
type Item struct {
	Action string
	Bucket string
	Region string
	Prefix string // a key; or, with a final *, all keys that begin so
}

// wanted is an entitlement's opening as a request narrows it.
type wanted struct {
	opening
	keys []wantedKey
}

type wantedKey struct {
	prefix string
	under  string // the grant's prefix that it lies in
	place  int    // in the scope
}

// Narrow cuts the entitlement down to what a request asks for, which must all lie inside it: to exactly that, unless it
// is too long for a policy. Then the keys of one action under one grant prefix are folded into their longest common
// folder, the most numerous first, until it fits; what is folded stays inside the grant. The error is a [*Refusal].
func (e *Entitlement) Narrow(scope []Item) (*Entitlement, error) {
	all := make([]wanted, len(e.opens))
	for i, o := range e.opens {
		all[i].opening = o
	}
	seen := map[[2]string]bool{}
	for place, item := range scope {
		at, prefixes, refusal := e.inside(item)
		if refusal != nil {
			return nil, refusal
		}
		for _, p := range prefixes {
			if key := [2]string{all[at].action, p}; !seen[key] {
				seen[key] = true
				all[at].keys = append(all[at].keys, wantedKey{p, cover(all[at].prefixes, p), place})
			}
		}
	}
	out := e.only(all)
	for (least(all) > maxDocument || size(out.document()) > maxDocument) && fold(all) {
		out = e.only(all)
		out.Folded = true
	}
	return out, nil
}

// least is a size that the document has at least, found without writing it: each key of an action is in it.
func least(all []wanted) (most int) {
	for _, w := range all {
		n := 0
		for _, k := range w.keys {
			n += utf8.RuneCountInString(k.prefix)
		}
		most = max(most, n)
	}
	return most
}

// inside finds what an item asks for: the opening that it belongs to, and the prefixes, each inside one of the opening's.
func (e *Entitlement) inside(item Item) (at int, prefixes []string, _ *Refusal) {
	not := func(why string) *Refusal {
		return refuse(ScopeNotAllowed, "an item of the scope %s; grant %s was asked for it", why, e.Grant)
	}
	action := canonical(item.Action)
	at = slices.IndexFunc(e.opens, func(o opening) bool { return o.action == action })
	switch {
	case item.Action == "":
		return 0, nil, not("names no action: the SDK's request() method sends none, so call it without scopes")
	case at < 0:
		return 0, nil, not("names an action that the grant doesn't have")
	case item.Bucket != e.Bucket || item.Region != e.Region:
		return 0, nil, not("is for another bucket or region")
	}
	prefix := strings.TrimPrefix(item.Prefix, "/")
	if prefix == "" && isList(action) {
		for _, p := range e.opens[at].prefixes {
			if strings.HasSuffix(p, "*") {
				prefixes = append(prefixes, p)
			}
		}
		if prefixes == nil {
			return 0, nil, not("asks for a listing, and the grant opens single objects only")
		}
		return at, prefixes, nil
	}
	if !isKey(prefix) {
		return 0, nil, not("has a prefix that is no plain key")
	}
	if isList(action) && !strings.HasSuffix(prefix, "*") {
		prefix += "*" // a listing shows all keys that begin so
	}
	if cover(e.opens[at].prefixes, prefix) == "" {
		return 0, nil, not("lies outside the grant's prefixes")
	}
	return at, []string{prefix}, nil
}

// isKey accepts a key, or with a final * a prefix, that COS, CAM and every client read in the same way.
func isKey(s string) bool {
	stem := strings.TrimSuffix(s, "*")
	if s == "" || len(stem) > maxKey || strings.HasPrefix(s, "/") || strings.Contains(s, "//") {
		return false
	}
	for _, c := range stem {
		if strings.ContainsRune(`*?$%\`, c) || unicode.IsControl(c) || c == unicode.ReplacementChar {
			return false
		}
	}
	return !slices.ContainsFunc(strings.Split(stem, "/"), func(s string) bool { return s == "." || s == ".." })
}

// cover finds the prefix that a key or prefix lies in, or nothing.
func cover(prefixes []string, key string) string {
	for _, p := range prefixes {
		if stem, wildcard := strings.CutSuffix(p, "*"); p == key || wildcard && strings.HasPrefix(key, stem) {
			return p
		}
	}
	return ""
}

// only is the entitlement with nothing but what is wanted.
func (e *Entitlement) only(all []wanted) *Entitlement {
	out := *e
	out.narrowed, out.opens, out.Prefixes = true, nil, nil
	var keys []wantedKey
	for _, w := range all {
		if len(w.keys) == 0 {
			continue
		}
		keys = append(keys, w.keys...)
		prefixes := make([]string, len(w.keys))
		for i, k := range w.keys {
			prefixes[i] = k.prefix
		}
		slices.Sort(prefixes) // the same document, in whatever order it was asked for
		out.opens = append(out.opens, opening{w.action, prefixes})
	}
	slices.SortStableFunc(keys, func(a, b wantedKey) int { return cmp.Compare(a.place, b.place) })
	seen := make(map[string]bool, len(keys))
	for _, k := range keys {
		if !seen[k.prefix] {
			seen[k.prefix] = true
			out.Prefixes = append(out.Prefixes, k.prefix)
		}
	}
	return &out
}

// fold replaces the largest group of keys, of one action under one prefix of the grant, by their longest common folder.
// It reports whether there was a group to fold.
func fold(all []wanted) bool {
	var largest *wanted
	under, most := "", 1
	for i := range all {
		count := map[string]int{}
		for _, k := range all[i].keys {
			if count[k.under]++; count[k.under] > most {
				largest, under, most = &all[i], k.under, count[k.under]
			}
		}
	}
	if largest == nil {
		return false
	}
	stem, first, place := "", true, 0
	largest.keys = slices.DeleteFunc(largest.keys, func(k wantedKey) bool {
		if k.under != under {
			return false
		}
		key := strings.TrimSuffix(k.prefix, "*")
		if first {
			stem, first, place = key, false, k.place
		}
		stem = stem[:common(stem, key)]
		return true
	})
	stem = stem[:strings.LastIndexByte(stem, '/')+1]
	if least := strings.TrimSuffix(under, "*"); len(stem) < len(least) {
		stem = least // the grant's own prefix may end within a segment
	}
	largest.keys = append(largest.keys, wantedKey{stem + "*", under, place})
	return true
}

// common is the length of two strings' common beginning.
func common(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
