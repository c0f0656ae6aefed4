package login

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
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

func TestKeysAreFetchedWhenNeeded(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	if p.fetches.Load() != 0 {
		t.Error("New asked the issuer")
	}
	for range 5 {
		p.expect(t, v, token("rsa"), accepted, 1)
	}
	p.advance(softAge - 1)
	p.expect(t, v, token("rsa"), accepted, 1)
	p.advance(1)
	p.expect(t, v, token("rsa"), accepted, 2)
	p.expect(t, v, token("rsa"), accepted, 2)
}

// Whatever shows without a key costs no fetch, not even of the first set.
func TestGarbageCostsNoFetch(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	issuer := v.issuers[shop().Issuer]
	issuer.algorithms, issuer.maxLifetime = victims()[0].Algorithms, victims()[0].MaxLifetime
	for _, a := range attacks() {
		needsKey := strings.Contains(a.name, "other key") || strings.Contains(a.name, "unknown kid") || strings.Contains(a.name, "x5c")
		switch a.class {
		case "alg_none", "header_keys", "crit", "typ", "form", "json", "time", "iss", "aud", "sub", "cnf":
			if a.want == Invalid && !needsKey {
				p.expect(t, v, a.token, Invalid, 0)
			}
		}
		if t.Failed() {
			t.Fatal(a.class, a.name)
		}
	}
}

func TestUnknownKidsCostOneFetchIn30Seconds(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	p.expect(t, v, token("rsa"), accepted, 1)
	for n := range 20 {
		p.expect(t, v, token(fmt.Sprint("random", n)), Invalid, 1)
	}
	p.advance(retryWithKey - 1)
	p.expect(t, v, token("random"), Invalid, 1)
	p.advance(1)
	for n := range 20 {
		p.expect(t, v, token(fmt.Sprint("random", n)), Invalid, 2)
	}
	// Neither a bad signature nor a known kid with another alg is a reason to ask.
	p.advance(retryWithKey)
	p.expect(t, v, sign("RS256", keyring().rsa2, `{"alg":"RS256","kid":"rsa"}`, shopClaims), Invalid, 2)
	p.expect(t, v, token("rsa"), accepted, 2)
}

func TestRotation(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	p.expect(t, v, token("rsa"), accepted, 1)
	p.publish(rsaSet("rsa", "next"))
	p.advance(retryWithKey)
	p.expect(t, v, token("next"), accepted, 2)
	p.expect(t, v, token("rsa"), accepted, 2)
	p.publish(rsaSet("next")) // the old key is withdrawn
	p.advance(softAge)
	p.expect(t, v, token("next"), accepted, 3)
	p.expect(t, v, token("rsa"), Invalid, 3)
}

func TestOutageAtTheStart(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	p.fail()
	e := p.expect(t, v, token("rsa"), KeysUnavailable, 1)
	if e.RetryAfter != retryWithout {
		t.Error(e.RetryAfter)
	}
	p.advance(500 * time.Millisecond)
	if e := p.expect(t, v, token("rsa"), KeysUnavailable, 1); e.RetryAfter != 2*time.Second { // 1.5 s, rounded up
		t.Error(e.RetryAfter)
	}
	p.advance(time.Second)
	if e := p.expect(t, v, token("rsa"), KeysUnavailable, 1); e.RetryAfter != time.Second {
		t.Error(e.RetryAfter)
	}
	p.advance(500 * time.Millisecond)
	p.expect(t, v, token("rsa"), KeysUnavailable, 2)
	p.publish(rsaSet("rsa"))
	p.advance(retryWithout)
	p.expect(t, v, token("rsa"), accepted, 3)
}

func TestOutageLater(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	p.expect(t, v, token("rsa"), accepted, 1)
	p.fail()
	p.advance(softAge)
	p.expect(t, v, token("rsa"), accepted, 2) // with the keys at hand
	p.expect(t, v, token("rsa"), accepted, 2)
	if e := p.expect(t, v, token("next"), KeysUnavailable, 2); e.RetryAfter != retryWithKey {
		t.Error(e.RetryAfter)
	}
	if p.expect(t, v, sign("RS256", keyring().rsa2, `{"alg":"RS256","kid":"rsa"}`, shopClaims), Invalid, 2); t.Failed() {
		t.Error("a known key's bad signature is no matter of the outage")
	}
	p.advance(retryWithKey)
	p.expect(t, v, token("rsa"), accepted, 3)
	p.advance(hardAge - softAge - retryWithKey - 1)
	p.expect(t, v, token("rsa"), accepted, 4)
	p.advance(retryWithKey)
	p.expect(t, v, token("rsa"), KeysUnavailable, 5) // 24 h after the last good answer
	p.expect(t, v, token("next"), KeysUnavailable, 5)
	p.advance(retryWithout) // there is no key left, so it is asked for soon
	p.publish(rsaSet("rsa"))
	p.expect(t, v, token("rsa"), accepted, 6)
	p.expect(t, v, token("next"), Invalid, 6)
}

// A kid that a failing issuer may have made is not the client's fault; one that is known is.
func TestKnownKidInAnOutage(t *testing.T) {
	p := newIDP(t)
	p.publish(jwks(jwk(keyring().rsa.Public(), "kid", "rsa"), jwk(keyring().p256.Public(), "kid", "p256")))
	v := p.verifier(t)
	v.issuers["https://login.example.com/"].algorithms = []string{"RS256", "ES256"}
	v.issuers["https://login.example.com/"].keys.(*remoteKeys).fetch = (&endpoint{
		client: newClient(), jwksURI: p.URL, algorithms: []string{"RS256", "ES256"},
	}).fetch
	p.expect(t, v, token("rsa"), accepted, 1)
	p.fail()
	p.advance(softAge)
	p.expect(t, v, token("p256"), Invalid, 2)
}

func TestExpiredTokens(t *testing.T) {
	expired := func(kid string) string {
		return sign("RS256", keyring().rsa, `{"alg":"RS256","kid":"`+kid+`"}`, claimsWith("exp", "1700000000"))
	}
	forged := sign("RS256", keyring().rsa2, `{"alg":"RS256","kid":"rsa"}`, claimsWith("exp", "1700000000"))
	p := newIDP(t)
	v := p.verifier(t)
	p.expect(t, v, expired("rsa"), Expired, 1) // the first on this instance
	p.expect(t, v, forged, Invalid, 1)
	p.advance(softAge + retryWithKey) // keys at hand are good enough, and an unknown kid is no reason to ask
	p.expect(t, v, expired("rsa"), Expired, 1)
	p.expect(t, v, expired("next"), Invalid, 1)
	p.expect(t, v, forged, Invalid, 1)
	p.fail()
	p.advance(hardAge)
	p.expect(t, v, expired("rsa"), KeysUnavailable, 2)
	for range 9 {
		p.expect(t, v, forged, KeysUnavailable, 2)
	}
	p.publish(rsaSet("rsa"))
	p.advance(retryWithout)
	p.expect(t, v, expired("next"), Invalid, 3)
	p.expect(t, v, expired("rsa"), Expired, 3)
}

// Within the leeway a token has not expired, and may ask for its key like any other.
func TestLeewayBeforeFetch(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	p.expect(t, v, token("rsa"), accepted, 1)
	p.publish(rsaSet("next"))
	p.advance(retryWithKey)
	p.expect(t, v, sign("RS256", keyring().rsa, `{"alg":"RS256","kid":"next"}`, claimsWith("exp", "1800000010")), accepted, 2)
}

// Ages are those of the wall clock; when it goes back they can't be told, and the keys are asked for again.
func TestClockGoesBack(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	p.expect(t, v, token("rsa"), accepted, 1)
	p.advance(-time.Hour)
	p.expect(t, v, token("rsa"), accepted, 2)
	p.expect(t, v, token("rsa"), accepted, 2)
	p.fail()
	p.advance(-time.Hour)
	p.expect(t, v, token("rsa"), accepted, 3)
	p.expect(t, v, token("rsa"), accepted, 3)
	p.advance(hardAge) // counted from when it went back
	p.expect(t, v, token("rsa"), KeysUnavailable, 4)
}

func TestBadAnswersNeverReplaceGoodKeys(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		reason string
	}{
		"error in a 200": {body(`{"error":"temporarily unavailable"}`), "it has no array of keys"},
		"empty set":      {body(`{"keys":[]}`), "it is empty"},
		"no usable key":  {body(jwks(jwk(keyring().rsaSmall.Public(), "kid", "rsa"))), "less than 2048 bits"},
		"no JSON":        {body(`<html>`), "it is not strict JSON"},
		"nothing":        {body(``), "it is not strict JSON"},
		"404":            {http.NotFound, "status other than 200"},
		"201":            {status(201), "status other than 200"},
		"204":            {status(204), "status other than 200"},
		"206":            {status(206), "status other than 200"},
		"redirect":       {http.RedirectHandler("/elsewhere", http.StatusFound).ServeHTTP, "status other than 200"},
		"permanent":      {http.RedirectHandler("/elsewhere", http.StatusPermanentRedirect).ServeHTTP, "status other than 200"},
		"too large":      {body(rsaSet("rsa") + strings.Repeat(" ", maxDocument)), "larger than 512 KiB"},
		"large headers": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("a", 40<<10))
			fmt.Fprint(w, rsaSet("rsa"))
		}, "can't be reached, or broke off"},
		"broken off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9999")
			fmt.Fprint(w, rsaSet("rsa"))
		}, "can't be reached, or broke off"},
		"connection reset": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "can't be reached, or broke off"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newIDP(t)
			cold, warm := p.verifier(t), p.verifier(t)
			p.expect(t, warm, token("rsa"), accepted, 1)
			p.serve(c.answer)
			p.advance(softAge)
			e := p.expect(t, cold, token("rsa"), KeysUnavailable, 2)
			if e == nil || !strings.Contains(e.Reason, c.reason) {
				t.Errorf("%v, want %q", e, c.reason)
			}
			p.expect(t, warm, token("rsa"), accepted, 3)
		})
	}
}

func body(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func TestLargestAnswer(t *testing.T) {
	p := newIDP(t)
	set := rsaSet("rsa")
	p.publish(set + strings.Repeat(" ", maxDocument-len(set)))
	p.expect(t, p.verifier(t), token("rsa"), accepted, 1)
}

func TestOneBadKeyNeverSpoilsTheSet(t *testing.T) {
	p := newIDP(t)
	p.publish(jwks(map[string]any{"kty": 5}, jwk(keyring().rsaSmall.Public(), "kid", "small"), jwk(keyring().rsa.Public(), "kid", "rsa")))
	v := p.verifier(t)
	p.expect(t, v, token("rsa"), accepted, 1)
	p.expect(t, v, sign("RS256", keyring().rsaSmall, `{"alg":"RS256","kid":"small"}`, shopClaims), Invalid, 1)
}

func TestCacheControl(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"":                                softAge,
		"no-store":                        softAge,
		"max-age=600":                     10 * time.Minute,
		"public, MAX-AGE=600":             10 * time.Minute,
		`max-age="600"`:                   10 * time.Minute,
		"s-maxage=9,max-age=3600,x":       time.Hour,
		"max-age=0":                       leastSoftAge,
		"max-age=-1":                      leastSoftAge,
		"max-age=299":                     leastSoftAge,
		"max-age=31536000":                hardAge,
		"max-age=a":                       softAge,
		"max-age":                         softAge,
		"max-age=99999999999999999999999": softAge,
	} {
		p := newIDP(t)
		p.serve(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cache-Control", value)
			fmt.Fprint(w, rsaSet("rsa"))
		})
		v := p.verifier(t)
		p.expect(t, v, token("rsa"), accepted, 1)
		p.advance(want - 1)
		p.expect(t, v, token("rsa"), accepted, 1)
		p.advance(1)
		p.expect(t, v, token("rsa"), accepted, 2)
		if t.Failed() {
			t.Fatal(value)
		}
	}
}

func TestHungIssuer(t *testing.T) {
	p := newIDP(t)
	hang := func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	p.serve(hang)
	v := p.verifier(t)
	for _, deadline := range []time.Duration{50 * time.Millisecond, 10 * time.Second} {
		ctx, cancel := context.WithTimeout(t.Context(), deadline)
		start := time.Now()
		_, err := v.Verify(ctx, token("rsa"))
		cancel()
		if kind := outcome(t, err); kind != KeysUnavailable || !strings.Contains(err.Error(), "in time") {
			t.Error(err)
		}
		if took, limit := time.Since(start), min(deadline, fetchTimeout); took < limit || took > limit+time.Second {
			t.Errorf("took %v, limit %v", took, limit)
		}
		p.advance(retryWithout)
	}
	// A request that is over can't fetch, and doesn't use up the next one's turn.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p.publish(rsaSet("rsa"))
	if _, err := v.Verify(ctx, token("rsa")); outcome(t, err) != KeysUnavailable {
		t.Error(err)
	}
	p.expect(t, v, token("rsa"), accepted, 3)
}

// The client that hangs up doesn't take the fetch along, for which others wait.
func TestFetchOutlivesItsClient(t *testing.T) {
	p := newIDP(t)
	arrived, answer := make(chan struct{}), make(chan struct{})
	p.serve(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-answer
		fmt.Fprint(w, rsaSet("rsa"))
	})
	v := p.verifier(t)
	ctx, hangUp := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := v.Verify(ctx, token("rsa")); err != nil {
			t.Error(err)
		}
	})
	<-arrived
	hangUp()
	group.Go(func() {
		if _, err := v.Verify(t.Context(), token("rsa")); err != nil {
			t.Error(err)
		}
	})
	// One that can't wait goes away by itself.
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := v.Verify(short, token("rsa")); outcome(t, err) != KeysUnavailable {
		t.Error(err)
	}
	close(answer)
	group.Wait()
	if n := p.fetches.Load(); n != 1 {
		t.Errorf("%d fetches", n)
	}
}

func TestConcurrentRequestsShareAFetch(t *testing.T) {
	p := newIDP(t)
	v := p.verifier(t)
	for round := int64(1); round <= 5; round++ {
		var group sync.WaitGroup
		for n := range 32 {
			kid, want := "rsa", accepted
			if n%4 == 3 {
				kid, want = fmt.Sprint("random", n), Invalid
			}
			group.Go(func() {
				if _, err := v.Verify(t.Context(), token(kid)); outcome(t, err) != want {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := p.fetches.Load(); n != round {
			t.Errorf("%d fetches in %d rounds", n, round)
		}
		p.advance(softAge)
	}
}

func TestDiscovery(t *testing.T) {
	for name, c := range map[string]struct {
		issuer   string // appended to the server's address
		document string // with % for the server's address
		want     Kind
	}{
		"plain":              {"", `{"issuer":"%","jwks_uri":"%/jwks","x":[{"y":1}]}`, accepted},
		"with a slash":       {"/", `{"issuer":"%/","jwks_uri":"%/jwks"}`, accepted},
		"with a path":        {"/realms/a", `{"issuer":"%/realms/a","jwks_uri":"%/jwks"}`, accepted},
		"path and slash":     {"/realms/a/", `{"issuer":"%/realms/a/","jwks_uri":"%/jwks"}`, accepted},
		"slash missing":      {"/", `{"issuer":"%","jwks_uri":"%/jwks"}`, KeysUnavailable},
		"slash added":        {"", `{"issuer":"%/","jwks_uri":"%/jwks"}`, KeysUnavailable},
		"another issuer":     {"", `{"issuer":"https://evil.example","jwks_uri":"%/jwks"}`, KeysUnavailable},
		"no issuer":          {"", `{"jwks_uri":"%/jwks"}`, KeysUnavailable},
		"issuer an array":    {"", `{"issuer":["%"],"jwks_uri":"%/jwks"}`, KeysUnavailable},
		"two issuers":        {"", `{"issuer":"https://evil.example","issuer":"%","jwks_uri":"%/jwks"}`, KeysUnavailable},
		"no jwks_uri":        {"", `{"issuer":"%"}`, KeysUnavailable},
		"jwks_uri a number":  {"", `{"issuer":"%","jwks_uri":1}`, KeysUnavailable},
		"jwks_uri over http": {"", `{"issuer":"%","jwks_uri":"http://login.example.com/jwks"}`, KeysUnavailable},
		"jwks_uri a file":    {"", `{"issuer":"%","jwks_uri":"file:///etc/keys"}`, KeysUnavailable},
		"jwks_uri relative":  {"", `{"issuer":"%","jwks_uri":"/jwks"}`, KeysUnavailable},
		"no JSON":            {"", `<html>`, KeysUnavailable},
		"array":              {"", `[]`, KeysUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			p := newIDP(t)
			p.serve(func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/jwks":
					fmt.Fprint(w, rsaSet("rsa"))
				case strings.TrimSuffix(c.issuer, "/") + "/.well-known/openid-configuration":
					fmt.Fprint(w, strings.ReplaceAll(c.document, "%", p.URL))
				default:
					http.NotFound(w, r)
				}
			})
			i := shop()
			i.JWKS, i.Discovery, i.Issuer = "", true, p.URL+c.issuer
			v := newVerifier(t, i)
			token := sign("RS256", keyring().rsa, `{"alg":"RS256","kid":"rsa"}`, claimsWith("iss", `"`+i.Issuer+`"`))
			if _, kind := verify(t, v, token); kind != c.want {
				t.Errorf("%v, want %v", kind, c.want)
			}
		})
	}
}

// A later document of another issuer doesn't replace good keys.
func TestDiscoveryLater(t *testing.T) {
	p := newIDP(t)
	document := `{"issuer":"` + p.URL + `","jwks_uri":"` + p.URL + `/jwks"}`
	p.serve(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/jwks" {
			fmt.Fprint(w, rsaSet("rsa"))
			return
		}
		fmt.Fprint(w, document)
	})
	i := shop()
	i.JWKS, i.Discovery, i.Issuer = "", true, p.URL
	v := newVerifier(t, i)
	v.now = p.now
	token := sign("RS256", keyring().rsa, `{"alg":"RS256","kid":"rsa"}`, claimsWith("iss", `"`+i.Issuer+`"`))
	p.expect(t, v, token, accepted, 2)
	p.publish(`{"issuer":"https://evil.example","jwks_uri":"` + p.URL + `/evil"}`)
	p.advance(softAge)
	p.expect(t, v, token, accepted, 3)
}

func TestTLS(t *testing.T) {
	for name, c := range map[string]struct {
		version uint16
		trust   bool
		want    Kind
	}{
		"TLS 1.3":      {tls.VersionTLS13, true, accepted},
		"TLS 1.2":      {tls.VersionTLS12, true, accepted},
		"TLS 1.1":      {tls.VersionTLS11, true, KeysUnavailable},
		"unknown root": {tls.VersionTLS13, false, KeysUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(body(rsaSet("rsa")))
			server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: c.version}
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			defer server.Close()
			client := newClient()
			if c.trust {
				roots := x509.NewCertPool()
				roots.AddCert(server.Certificate())
				client.Transport.(*http.Transport).TLSClientConfig.RootCAs = roots
			}
			i := shop()
			i.JWKS, i.JWKSURI = "", server.URL
			v := newVerifier(t, i)
			v.issuers[i.Issuer].keys.(*remoteKeys).fetch = (&endpoint{client: client, jwksURI: server.URL, algorithms: i.Algorithms}).fetch
			_, err := v.Verify(t.Context(), sign("RS256", keyring().rsa, `{"alg":"RS256","kid":"rsa"}`, shopClaims))
			if kind := outcome(t, err); kind != c.want {
				t.Error(err)
			}
			if name == "unknown root" && !strings.Contains(err.Error(), "certificate") {
				t.Error(err)
			}
		})
	}
}

// No proxy of the environment, no connection that stays open, nobody that listens.
func TestClient(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	p := newIDP(t)
	var open atomic.Int64
	p.serve(func(w http.ResponseWriter, r *http.Request) {
		if !r.Close {
			open.Add(1)
		}
		fmt.Fprint(w, rsaSet("rsa"))
	})
	p.expect(t, p.verifier(t), token("rsa"), accepted, 1)
	if transport := newClient().Transport.(*http.Transport); transport.Proxy != nil || open.Load() > 0 {
		t.Error("a proxy, or a connection that stays")
	}
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	address := listener.Addr().String()
	listener.Close()
	i := shop()
	i.JWKS, i.JWKSURI, i.MaxLifetime = "", "http://"+address, 30*24*time.Hour
	if _, kind := verify(t, newVerifier(t, i), token("rsa")); kind != KeysUnavailable {
		t.Error(kind)
	}
}
