package policy

import (
	"slices"
	"strings"

	"cos-credentials/policy/prefix"
)

const getObject = cam + "GetObject"

// ForDownloads narrows the entitlement to reading objects, of all that the grant lets this login download, so that
// every request for links finds the same key. The keys must lie in that; they come back without the slash that some
// clients begin them with. The error is a [*Refusal].
func (e *Entitlement) ForDownloads(keys []string) (*Entitlement, []string, error) {
	at := slices.IndexFunc(e.opens, func(o opening) bool { return o.action == getObject })
	if at < 0 {
		return nil, nil, refuse(NotEntitled, "links were asked for, and grant %s has no download", e.Grant)
	}
	not := func(what string) *Refusal {
		return refuse(ScopeNotAllowed, "a link was asked for to %s; grant %s was asked for it", what, e.Grant)
	}
	var plain []string
	for _, key := range keys {
		key = strings.TrimPrefix(key, "/")
		why := prefix.NoKey(key)
		switch {
		case why != "":
			return nil, nil, not("what is no plain key").
				telling("The key itself is the reason, not the grant: it " + why + ".")
		case strings.HasSuffix(key, "*"):
			return nil, nil, not("more than one object")
		case prefix.Cover(e.opens[at].prefixes, key) == "":
			return nil, nil, not("an object outside what may be downloaded")
		}
		plain = append(plain, key)
	}
	out := *e
	out.narrowed, out.opens, out.Prefixes = true, []opening{e.opens[at]}, e.opens[at].prefixes
	return &out, plain, nil
}
