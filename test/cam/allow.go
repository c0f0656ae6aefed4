package cam

import (
	"path"
	"slices"
	"strings"
)

// Request is one call to COS as a policy sees it.
type Request struct {
	Action   string              // name/cos:PutObject or cos:PutObject
	Resource string              // qcs::cos:<region>:uid/<appid>:<bucket>/<key>
	Context  map[string][]string // cos:prefix, qcs:ip, …; a key that the request doesn't carry is absent
}

// Allows reports whether the policy lets the request through: some statement allows it, and none denies it.
func (p Policy) Allows(r Request) bool {
	allowed := false
	for _, s := range p.Statements {
		if !s.applies(r) {
			continue
		}
		holds, err := s.holds(r, p.Prefix)
		switch {
		case s.Deny && (holds || err != nil):
			return false
		case !s.Deny && holds && err == nil:
			allowed = true
		}
	}
	return allowed
}

func (s Statement) applies(r Request) bool {
	return slices.ContainsFunc(s.Actions, func(a string) bool { return matchAction(a, r.Action) }) &&
		slices.ContainsFunc(s.Resources, func(p string) bool { return matchResource(p, r.Resource) })
}

// holds looks at every condition even when one has failed: a statement that can't be decided must say so.
func (s Statement) holds(r Request, form PrefixForm) (bool, error) {
	all := true
	for _, c := range s.Conditions {
		ok, err := c.holds(r.Context, form)
		if err != nil {
			return false, err
		}
		all = all && ok
	}
	return all, nil
}

// matchAction compares case-sensitively; * stands for any part of a name, and name/ in front means nothing.
func matchAction(pattern, action string) bool {
	pattern, action = strings.TrimPrefix(pattern, "name/"), strings.TrimPrefix(action, "name/")
	if !strings.Contains(pattern, "*") {
		return pattern == action
	}
	ok, err := path.Match(pattern, action)
	return ok && err == nil
}

// matchResource compares segment by segment: an empty region or account stands for every one, and a final * for
// everything that begins so, folders included.
func matchResource(pattern, resource string) bool {
	if pattern == "*" {
		return true
	}
	want, got := strings.SplitN(pattern, ":", 6), strings.SplitN(resource, ":", 6)
	if len(want) < 6 || len(got) < 6 {
		return false
	}
	for i, segment := range want[:5] {
		if segment != got[i] && (segment != "" || i < 3) {
			return false
		}
	}
	if begin, wild := strings.CutSuffix(want[5], "*"); wild {
		return strings.HasPrefix(got[5], begin)
	}
	return want[5] == got[5]
}
