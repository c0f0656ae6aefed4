package policy

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"cos-credentials/policy/strictyaml"
)

// Entitlement is a grant with one identity's prefixes filled in: the most that this login may have. The zero value
// opens nothing.
type Entitlement struct {
	Grant    string // its name
	Bucket   string
	Region   string
	Domain   string // the bucket's own host name; "" for COS's
	Duration time.Duration
	Pick     string   // the element of {claim[]} that fills the prefixes; "" where there is none
	Prefixes []string // what it opens: keys, or prefixes that end in *

	SealedOnly bool // answers only sealed to the client's own key
	KeysStay   bool // no key leaves the function: only forms and links do

	// Folded says that a request's scope was too long for a policy, and that keys of it were folded into their folder.
	Folded bool

	pastLogin bool
	narrowed  bool
	form      bool // an upload form's, whose own policy keeps the limits
	opens     []opening
	limits    limits
	every     condition // of every statement
}

// opening is one action and the prefixes on which it is allowed.
type opening struct {
	action   string
	prefixes []string
}

// Entitle picks the grant with the given name, or the first that the identity matches if the name is empty, and fills
// it. Pick is the element that the request wants of a {claim[]}, "" for the only one. The error is a [*Refusal].
func (a *Access) Entitle(id Identity, name, pick string) (*Entitlement, error) {
	for i := range a.Grants {
		g := &a.Grants[i]
		if name != "" && g.Name != name {
			continue
		}
		if why := g.mismatch(id); why == "" {
			return g.entitle(id, pick)
		} else if name != "" {
			return nil, refuse(NotEntitled, "grant %s was asked for, and %s", g.Name, why)
		}
	}
	if name != "" {
		return nil, refuse(NotEntitled, "a grant was asked for that the access file doesn't have")
	}
	return nil, refuse(NotEntitled,
		"none of the %d grants is for this login of issuer %s: no issuers and when of a grant match it",
		len(a.Grants), id.Issuer)
}

// mismatch says why a grant is not for an identity, or nothing.
func (g *Grant) mismatch(id Identity) string {
	if !slices.ContainsFunc(g.issuers, func(name strictyaml.Node) bool { return name.Text == id.Issuer }) {
		return "it is not for logins of issuer " + id.Issuer
	}
	for _, q := range g.when {
		if !q.Met(id.Claims) {
			return "the login's claim " + q.Claim + " has none of the values that it wants"
		}
	}
	return ""
}

func (g *Grant) entitle(id Identity, pick string) (*Entitlement, error) {
	pick, refusal := g.pick(id, pick)
	if refusal != nil {
		return nil, refusal
	}
	e := &Entitlement{
		Grant:      g.Name,
		Bucket:     g.Bucket,
		Region:     g.Region,
		Domain:     g.Domain,
		Duration:   g.Duration,
		Pick:       pick,
		SealedOnly: g.SealedOnly,
		KeysStay:   g.KeysStay,
		pastLogin:  g.PastLogin,
		limits:     g.limits,
		every:      g.condition,
	}
	if refusal := e.open(g, id); refusal != nil {
		return nil, refusal
	}
	if g.pinClientAddress {
		if !id.Address.IsValid() {
			return nil, refuse(IdentityNotUsable,
				"grant %s pins the client's address, and the event has none that can be read", g.Name).
				telling("This grant's keys work from the client's address only, and that is unknown here: " +
					"ask the operator, whose gateway should name it.")
		}
		e.every = g.condition.with("ip_equal", "qcs:ip", []string{id.Address.Unmap().WithZone("").String()})
	}
	return e, nil
}

// open fills the grant's rules. An action is allowed on the prefixes of the rules that name it.
func (e *Entitlement) open(g *Grant, id Identity) *Refusal {
	on := map[string][]string{}
	for _, allowed := range g.rules {
		for _, t := range allowed.templates {
			p, why := t.Fill(id.Issuer, id.Claims, e.Pick)
			if why != "" {
				return refuse(IdentityNotUsable, "%s", why)
			}
			e.Prefixes = addNew(e.Prefixes, p)
			for _, name := range allowed.actions {
				on[name] = addNew(on[name], p)
			}
		}
	}
	for _, name := range g.actions {
		e.opens = append(e.opens, opening{name, on[name]})
	}
	return nil
}

func addNew(all []string, one string) []string {
	if slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}

// OutlivesLogin reports whether a key may live on when the login has ended.
func (e *Entitlement) OutlivesLogin() bool { return e.pastLogin }

// Host is where the bucket is: its own host name, or COS's for it.
func (e *Entitlement) Host() string {
	return cmp.Or(e.Domain, e.Bucket+".cos."+e.Region+".myqcloud.com")
}

// Prefix is the first of Prefixes without its *.
func (e *Entitlement) Prefix() string { return strings.TrimSuffix(e.Prefixes[0], "*") }

// Life is how long a key may live: what the request asks for, or the grant's duration if that is 0, and no longer
// than the login has left, but at least [MinDuration]. A shorter life than the grant's is cut to whole eighths of
// that, so that like requests get like keys, and can share one. Asking for more than the grant gives is a [*Refusal].
func (e *Entitlement) Life(asked, loginLeft time.Duration) (time.Duration, error) {
	life := e.Duration
	if asked > e.Duration {
		return 0, refuse(ScopeNotAllowed, "a life was asked for that is longer than the durationSeconds of grant %s", e.Grant)
	}
	if asked > 0 {
		life = asked
	}
	if !e.pastLogin {
		life = min(life, loginLeft)
	}
	if life < e.Duration {
		life = life.Truncate(e.Duration / 8)
	}
	return max(life, MinDuration).Truncate(time.Second), nil
}
