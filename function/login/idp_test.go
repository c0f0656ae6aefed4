package login

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// clock is a wall clock that tests move.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time           { return epoch.Add(time.Duration(c.offset.Load())) }
func (c *clock) advance(by time.Duration) { c.offset.Add(int64(by)) }

// idp is an issuer on this machine.
type idp struct {
	*httptest.Server
	clock
	fetches atomic.Int64 // of the key set

	mu     sync.Mutex
	answer http.HandlerFunc
}

func newIDP(t *testing.T) *idp {
	p := &idp{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.fetches.Add(1)
		p.mu.Lock()
		answer := p.answer
		p.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(p.Server.Close)
	p.publish(rsaSet("rsa"))
	return p
}

func (p *idp) serve(answer http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

func (p *idp) publish(body string) {
	p.serve(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
}

func (p *idp) fail() {
	p.serve(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "down", http.StatusServiceUnavailable) })
}

// verifier trusts the issuer, and no time passes but what the test says.
func (p *idp) verifier(t *testing.T) *Verifier {
	i := shop()
	i.JWKS, i.JWKSURI = "", p.URL+"/jwks"
	i.MaxLifetime = 30 * 24 * time.Hour
	v := newVerifier(t, i)
	v.now = p.now
	return v
}

func rsaSet(kids ...string) string {
	var keys []map[string]any
	for _, kid := range kids {
		keys = append(keys, jwk(keyring().rsa.Public(), "kid", kid))
	}
	return jwks(keys...)
}

// token is a good one for days to come.
func token(kid string) string {
	return sign("RS256", keyring().rsa, `{"alg":"RS256","kid":"`+kid+`"}`, claimsWith("exp", "1801000000"))
}

// expect verifies a token, and compares its kind and how often the issuer has been asked in all.
func (p *idp) expect(t *testing.T, v *Verifier, token string, want Kind, fetches int64) *Error {
	t.Helper()
	_, err := v.Verify(t.Context(), token)
	if got := outcome(t, err); got != want {
		t.Errorf("%v (%v), want %v", got, err, want)
	}
	if got := p.fetches.Load(); got != fetches {
		t.Errorf("%d fetches, want %d", got, fetches)
	}
	e, _ := err.(*Error)
	return e
}
