package policy

import (
	"slices"
	"strings"
)

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
	if shortest := strings.TrimSuffix(under, "*"); len(stem) < len(shortest) {
		stem = shortest // the grant's own prefix may end within a segment
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
