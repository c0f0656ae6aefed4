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
	"sync/atomic"
	"testing"
	"time"
)

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
			i.JWKS, i.Discovery, i.Spellings = "", true, []string{p.URL + c.issuer}
			v := newVerifier(t, i)
			token := sign("RS256", keyring().rsa, `{"alg":"RS256","kid":"rsa"}`, claimsWith("iss", `"`+i.Spellings[0]+`"`))
			if _, kind := verify(t, v, token); kind != c.want {
				t.Errorf("%v, want %v", kind, c.want)
			}
		})
	}
}

// An issuer that is asked over TLS can't make the function knock at the doors of its own machine.
func TestDiscoveryStaysOnTLS(t *testing.T) {
	local := newIDP(t)
	document := ""
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/jwks" {
			fmt.Fprint(w, rsaSet("rsa"))
			return
		}
		fmt.Fprint(w, document)
	}))
	defer server.Close()
	client := newClient(nil)
	client.Transport.(*http.Transport).TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig
	at := &endpoint{client: client, issuer: server.URL, algorithms: []string{"RS256"}}
	for uri, want := range map[string]string{
		server.URL + "/jwks": "",
		strings.Replace(server.URL, "https", "HTTPS", 1) + "/jwks": "",
		local.URL + "/jwks": "the discovery document's jwks_uri is http, and the issuer's is https",
	} {
		document = `{"issuer":"` + server.URL + `","jwks_uri":"` + uri + `"}`
		set, _, err := at.fetch(t.Context())
		if want == "" && (err != nil || len(set) != 1) || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: %v", uri, err)
		}
	}
	if n := local.fetches.Load(); n != 0 {
		t.Errorf("%d fetches over http", n)
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
	i.JWKS, i.Discovery, i.Spellings = "", true, []string{p.URL}
	v := newVerifier(t, i)
	v.now = p.now
	token := sign("RS256", keyring().rsa, `{"alg":"RS256","kid":"rsa"}`, claimsWith("iss", `"`+i.Spellings[0]+`"`))
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
			client := newClient(nil)
			if c.trust {
				roots := x509.NewCertPool()
				roots.AddCert(server.Certificate())
				client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: roots}
			}
			i := shop()
			i.JWKS, i.JWKSURI = "", server.URL
			v := newVerifier(t, i)
			v.issuers[i.Spellings[0]].public.(*remoteKeys).fetch = (&endpoint{client: client, jwksURI: server.URL, algorithms: i.Algorithms}).fetch
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

// An issuer that takes connections and says nothing: each is given up soon after the fetch, and not kept for as long as the
// issuer likes. An instance has 1,024 descriptors, and asks again every two seconds while it has no keys.
func TestHungHandshakeIsGivenUp(t *testing.T) {
	t.Parallel()
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	defer listener.Close()
	hungUp := make(chan struct{})
	go func() {
		defer close(hungUp)
		if connection, err := listener.Accept(); err == nil {
			defer connection.Close()
			io.Copy(io.Discard, connection) // until the other side hangs up
		}
	}()
	i := shop()
	i.JWKS, i.JWKSURI = "", "https://"+listener.Addr().String()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := newVerifier(t, i).Verify(ctx, sign("RS256", keyring().rsa, `{"alg":"RS256","kid":"rsa"}`, shopClaims))
	if kind := outcome(t, err); kind != KeysUnavailable {
		t.Error(kind)
	}
	select {
	case <-hungUp:
	case <-time.After(30 * time.Second): // it takes FetchTimeout
		t.Fatal("the connection is still open")
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
	if transport := newClient(nil).Transport.(*http.Transport); transport.Proxy != nil || open.Load() > 0 {
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
