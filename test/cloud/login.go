package cloud

import (
	"crypto"
	"errors"
	"maps"
	"net/url"
	"slices"
	"sync"
	"time"

	"cos-credentials/policy"
	"cos-credentials/policy/trust"
	"cos-credentials/test/issuer"
)

// login is the local issuer: it vouches for whoever asks. It signs with a key of its own that is made at start and
// published at /jwks.json, or, for an access file that doesn't trust that, with an issuer's shared secret, if it has
// one.
type login struct {
	address string // iss, and where /jwks.json is
	key     crypto.Signer
	keySet  string // the public half of key

	mu  sync.Mutex
	may []trust.Issuer // those of the access file that can be signed for
}

// tokenLife is how long a login lasts: short, because front ends should see what happens when it ends.
const tokenLife = time.Hour

func newLogin(base string) (*login, error) {
	key, err := issuer.NewKey("ES256")
	if err != nil {
		return nil, err
	}
	set, err := issuer.KeySet(key)
	return &login{address: base, key: key, keySet: set}, err
}

// trust looks in the access file for issuers whose tokens can be made here.
func (l *login) trust(a *policy.Access) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.may = nil
	for _, i := range a.Issuers {
		if l.isLocal(i) || len(i.Secrets) > 0 {
			l.may = append(l.may, i)
		}
	}
}

func (l *login) isLocal(i trust.Issuer) bool { return i.JWKSURI == l.address+"/jwks.json" }

// errNoLogin is an access file that trusts only issuers whose keys are elsewhere.
var errNoLogin = errors.New(
	"the access file trusts no issuer whose tokens can be made here: use a token of your own issuer")

// first is the issuer that logins are of.
func (l *login) first() (trust.Issuer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.may) == 0 {
		return trust.Issuer{}, errNoLogin
	}
	return l.may[0], nil
}

// Token mints a token of the first issuer that can be signed for here: sub is the user, and claims replace the usual
// ones (nil removes one).
func (s *Local) Token(sub string, claims map[string]any) (string, error) {
	i, err := s.login.first()
	if err != nil {
		return "", err
	}
	now := time.Now()
	all := issuer.Claims{
		"iss": i.Spellings[0], "aud": i.Audiences[0], "sub": sub,
		"iat": now.Unix(), "exp": now.Add(min(tokenLife, i.MaxLifetime)).Unix(),
	}
	maps.Copy(all, claims)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	if s.login.isLocal(i) {
		return issuer.Sign("ES256", s.login.key, all)
	}
	return issuer.Sign(trust.Served(trust.Shared, i.Algorithms)[0], []byte(i.Secrets[0]), all)
}

// ofThisMachine reports whether an address is this machine's. A page of the web can have a name that resolves to
// 127.0.0.1, and must not get a token.
func ofThisMachine(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") &&
		slices.Contains([]string{"127.0.0.1", "localhost", "::1"}, u.Hostname())
}
