package policy

import (
	"slices"

	"cos-credentials/policy/claim"
)

const maxPicks = 1000

// pick finds the element of the grant's {claim[]} that a request wants: one that the verified claim holds, or its only
// one.
func (g *Grant) pick(id Identity, asked string) (string, *Refusal) {
	if g.picked == "" {
		if asked != "" {
			return "", refuse(InvalidRequest,
				"the request picks an element, and grant %s has no claim to pick from", g.Name).
				telling("The grant has nothing to pick from: leave pick out, or name another grant.")
		}
		return "", nil
	}
	value, _ := claim.Lookup(id.Claims, g.picked)
	elements, ok := value.([]any)
	if !ok || len(elements) == 0 || len(elements) > maxPicks {
		return "", refuse(IdentityNotUsable,
			"the claim %s, from which grant %s picks, is not an array of 1 to 1,000 strings", g.picked, g.Name)
	}
	var names []string
	for _, element := range elements {
		name, ok := element.(string)
		if !ok {
			return "", refuse(IdentityNotUsable,
				"the claim %s, from which grant %s picks, holds what is no string", g.picked, g.Name)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	switch names = slices.Compact(names); {
	case asked == "" && len(names) > 1:
		return "", refuse(InvalidRequest,
			"grant %s picks from the claim %s, which holds several, and the request picks none", g.Name, g.picked).
			telling("This login has several folders to pick from: name one in pick.")
	case asked == "":
		return names[0], nil
	case !slices.Contains(names, asked):
		return "", refuse(ScopeNotAllowed,
			"the request picks what the claim %s, from which grant %s picks, doesn't hold", g.picked, g.Name)
	}
	return asked, nil
}
