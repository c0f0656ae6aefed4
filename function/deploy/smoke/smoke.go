// Package smoke uses a deployed function as two users would, and says in words what holds and what doesn't. It trusts
// nothing of the function but its URL: what a login should get is derived from the access file, as it was reviewed.
//
//	door   → who is answered at all: preflight, origins, no token, forged tokens
//	keys   → what two users get, and that neither gets more by asking for it
//	own    → what each key does in its own folder, verb by verb
//	next   → that it does none of it next door
//
// Where no key leaves the function, the last three are one: what a form uploads and a link opens, and what neither does.
package smoke

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"

	"cos-credentials/function/deploy/cli"
	"cos-credentials/policy"
)

// Options say what to use.
type Options struct {
	URL         string         // the function's, without a resource
	Access      *policy.Access // what it should go by
	Grant       string         // which grant to ask for; "" for the login's default
	Pick        string         // which element of a {claim[]}; "" for the only one
	Origins     string         // ALLOW_ORIGINS
	Role        bool           // keys come by a role and not by a permanent key
	Users       [2]*User       // the second may be nil: then nobody lives next door, and nothing can be lost there
	Forge       []Forged       // tokens that must be refused
	COSEndpoint string         // http://127.0.0.1:8082 instead of the bucket's own host; for tests
}

// User is one login.
type User struct {
	Token  string
	Issuer string // its name in the access file
	Claims map[string]any
}

// Forged is a token that is wrong in one way.
type Forged struct{ What, Token string }

// Finding is one sentence of the result.
type Finding struct {
	State State  `json:"state"`
	What  string `json:"what"`
	Saw   string `json:"saw,omitempty"` // what was seen instead, or beside it
}

// State is what became of a promise.
type State string

// Broken is the only state that fails.
const (
	Holds  State = "holds"
	Broken State = "broken"
	Seen   State = "seen"    // documentation is silent, and this is how it is
	Left   State = "skipped" // it could not be tried
)

// run is one use of the function.
type run struct {
	Options
	tell    func(Finding)
	http    *http.Client
	broken  bool
	opened  [2]*opened // what the users got
	own     [2]*policy.Entitlement
	listing string // what became of a listing of the own folder
	denial  string // what became of a public-read upload
}

// Run tells every finding as it comes, and reports whether all that is promised holds. An error is that there was
// nothing to go on with.
func Run(ctx context.Context, o Options, tell func(Finding)) (bool, error) {
	r := &run{Options: o, tell: tell, http: &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	r.URL = strings.TrimSuffix(strings.TrimSuffix(r.URL, "/"), "/credentials")
	if err := r.entitle(); err != nil {
		return false, fmt.Errorf("the access file gives this login nothing, so there is nothing to try: %w", err)
	}
	if first := r.own[0].Prefixes[0]; !strings.HasSuffix(first, "*") && !r.alone(first) {
		return false, fmt.Errorf("%s is one file, which smoke would write over and delete, and it is not smoke's own: "+
			"try a grant whose first prefix is a folder, or one where the user's name is in the file's, "+
			"of an issuer that has a secret to sign with", first)
	}
	steps := []func(*run, context.Context) error{
		(*run).door, (*run).keys, (*run).ownFolder, (*run).nextDoor, (*run).seen,
	}
	if r.own[0].KeysStay {
		steps = []func(*run, context.Context) error{(*run).door, (*run).keyless, (*run).seen}
	}
	for _, step := range steps {
		if err := step(r, ctx); err != nil {
			return false, err
		}
	}
	return !r.broken, nil
}

// entitle says what each user should get. Who would share the first one's folder does not live next door.
func (r *run) entitle() (err error) {
	if r.own[0], err = r.entitled(r.Users[0], r.Pick); err != nil || r.Users[1] == nil {
		return err
	}
	for _, pick := range append(r.otherPicks(), r.Pick) {
		r.own[1], err = r.entitled(r.Users[1], pick)
		if err == nil && r.own[1].Prefixes[0] != r.own[0].Prefixes[0] {
			return nil
		}
	}
	r.Users[1], r.own[1] = nil, nil
	r.tell(Finding{Left, "Next door", "both users have the same folder, so the one next door is one where nobody lives"})
	return nil
}

// alone reports whether a file is the first user's and nobody else's, a real user's neither: who differs from the first
// in nothing but the name gets another one.
func (r *run) alone(file string) bool {
	if r.Users[1] == nil {
		return false
	}
	other, err := r.entitled(r.Users[1], r.own[0].Pick)
	return err == nil && other.Prefixes[0] != file
}

func (r *run) entitled(user *User, pick string) (*policy.Entitlement, error) {
	anywhere := netip.IPv6Loopback() // an address is in no prefix
	id := policy.Identity{Issuer: user.Issuer, Claims: user.Claims, Address: anywhere}
	for _, i := range r.Access.Issuers {
		if i.Name == user.Issuer {
			id.Claims = cli.Claims(user.Claims).Seen(i.Subject.Claim)
		}
	}
	return r.Access.Entitle(id, r.Grant, pick)
}

// otherPicks are what the second user could pick besides, if the grant picks from a claim. Which claim that is, the
// access file knows: it refuses what isn't in it.
func (r *run) otherPicks() (all []string) {
	if r.own[0].Pick == "" {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(r.Users[1].Claims)) {
		elements, _ := r.Users[1].Claims[name].([]any)
		for _, element := range elements {
			if text, ok := element.(string); ok && text != r.own[0].Pick {
				all = append(all, text)
			}
		}
	}
	return all
}

// holds tells a promise, and what was seen if it does not hold.
func (r *run) holds(ok bool, what, format string, args ...any) {
	if ok {
		r.tell(Finding{Holds, what, ""})
		return
	}
	r.broken = true
	r.tell(Finding{Broken, what, r.shown(format, args)})
}

func (r *run) saw(what, format string, args ...any) {
	r.tell(Finding{Seen, what, r.shown(format, args)})
}

// shown is what was seen, which others may have written: no token of a user that they send back is in it, and nothing
// that a terminal obeys.
func (r *run) shown(format string, args []any) string {
	text := fmt.Sprintf(format, args...)
	for _, user := range r.Users {
		if user != nil {
			text = strings.ReplaceAll(text, user.Token, "[token]")
		}
	}
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return unicode.ReplacementChar
	}, text)
}
