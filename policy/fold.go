package policy

import "strings"

// wanted is an opening of an entitlement as a request narrows it: the keys that it asks for, by the grant's prefix in
// which they lie.
type wanted struct {
	opening
	clusters []cluster
	tally
}

type cluster struct {
	under string // the grant's prefix
	keys  []wantedKey
}

type wantedKey struct {
	key   string // or, with a final *, a prefix
	place int    // in the scope
}

func (w *wanted) add(under string, k wantedKey) {
	w.count(k.key, 1)
	for i := range w.clusters {
		if w.clusters[i].under == under {
			w.clusters[i].keys = append(w.clusters[i].keys, k)
			return
		}
	}
	w.clusters = append(w.clusters, cluster{under, []wantedKey{k}})
}

// fold replaces the largest cluster of keys, of one action under one prefix of the grant, by their longest common
// folder. It reports whether there was a cluster to fold.
func fold(all []wanted) bool {
	var largest *cluster
	var of *wanted
	for i := range all {
		for j := range all[i].clusters {
			if c := &all[i].clusters[j]; len(c.keys) > 1 && (largest == nil || len(c.keys) > len(largest.keys)) {
				largest, of = c, &all[i]
			}
		}
	}
	if largest == nil {
		return false
	}
	stem := strings.TrimSuffix(largest.keys[0].key, "*")
	for _, k := range largest.keys {
		of.count(k.key, -1)
		stem = stem[:common(stem, strings.TrimSuffix(k.key, "*"))]
	}
	stem = stem[:strings.LastIndexByte(stem, '/')+1]
	if shortest := strings.TrimSuffix(largest.under, "*"); len(stem) < len(shortest) {
		stem = shortest // the grant's own prefix may end within a segment
	}
	folder := wantedKey{stem + "*", largest.keys[0].place}
	largest.keys = []wantedKey{folder}
	of.count(folder.key, 1)
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
