package policy

import (
	"cmp"
	"slices"
	"strings"

	"cos-credentials/policy/prefix"
)

// Item is one thing that a request asks for, in the COS SDKs' scope protocol.
// https://github.com/tencentyun/qcloud-cos-sts-sdk/blob/master/scope.md
type Item struct {
	Action string
	Bucket string
	Region string
	Prefix string // a key; or, with a final *, all keys that begin so
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
		at, keys, refusal := e.inside(item)
		if refusal != nil {
			return nil, refusal
		}
		for _, key := range keys {
			if pair := [2]string{all[at].action, key}; !seen[pair] {
				seen[pair] = true
				all[at].add(prefix.Cover(all[at].prefixes, key), wantedKey{key, place})
			}
		}
	}
	folded, measure := false, newRuler(e, all)
	for measure.length(all) > maxDocument && fold(all) {
		folded = true
	}
	out := e.only(all)
	out.Folded = folded
	return out, nil
}

// inside finds what an item asks for: the opening that it belongs to, and the prefixes, each inside one of the
// opening's.
func (e *Entitlement) inside(item Item) (at int, prefixes []string, _ *Refusal) {
	not := func(why string) *Refusal {
		return refuse(ScopeNotAllowed, "an item of the scope %s; grant %s was asked for it", why, e.Grant)
	}
	name := canonical(item.Action)
	at = slices.IndexFunc(e.opens, func(o opening) bool { return o.action == name })
	switch {
	case item.Action == "":
		return 0, nil, not("names no action: the SDK's request() method sends none, so call it without scopes")
	case at < 0:
		return 0, nil, not("names an action that the grant doesn't have")
	case item.Bucket != e.Bucket || item.Region != e.Region:
		return 0, nil, not("is for another bucket or region")
	}
	key := strings.TrimPrefix(item.Prefix, "/")
	if key == "" && isList(name) {
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
	if why := prefix.NoKey(key); why != "" {
		return 0, nil, not("has a prefix that is no plain key: it " + why).
			telling("The key itself is the reason, not the grant: it " + why + ". Give the object another name.")
	}
	if isList(name) && !strings.HasSuffix(key, "*") {
		key += "*" // a listing shows all keys that begin so
	}
	if prefix.Cover(e.opens[at].prefixes, key) == "" {
		return 0, nil, not("lies outside the grant's prefixes")
	}
	return at, []string{key}, nil
}

// only is the entitlement with nothing but what is wanted.
func (e *Entitlement) only(all []wanted) *Entitlement {
	out := *e
	out.narrowed, out.opens, out.Prefixes = true, nil, nil
	var keys []wantedKey
	for _, w := range all {
		var prefixes []string
		for _, c := range w.clusters {
			for _, k := range c.keys {
				prefixes = append(prefixes, k.key)
			}
			keys = append(keys, c.keys...)
		}
		if prefixes != nil {
			slices.Sort(prefixes) // the same document, in whatever order it was asked for
			out.opens = append(out.opens, opening{w.action, prefixes})
		}
	}
	slices.SortStableFunc(keys, func(a, b wantedKey) int { return cmp.Compare(a.place, b.place) })
	seen := make(map[string]bool, len(keys))
	for _, k := range keys {
		if !seen[k.key] {
			seen[k.key] = true
			out.Prefixes = append(out.Prefixes, k.key)
		}
	}
	return &out
}
