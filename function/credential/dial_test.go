package credential

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// counted serves good answers and counts its connections.
func counted(t *testing.T) (host string, dials *atomic.Int32, server *httptest.Server) {
	t.Helper()
	dials = new(atomic.Int32)
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, good()) }))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			dials.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), dials, server
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 30_000 {
		if ok() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("waited in vain for " + what)
}

func TestFirstRequestTakesTheConnectionDialledAhead(t *testing.T) {
	host, dials, _ := counted(t)
	k := NewPermanentKey(PermanentKey{SecretID: "a", SecretKey: "b", Scheme: "http", Host: host})
	await(t, "the dial ahead", func() bool { return dials.Load() == 1 })
	for range 3 {
		if _, err := k.Issue(t.Context(), exampleRequest); err != nil {
			t.Fatal(err)
		}
	}
	if dials.Load() != 1 {
		t.Errorf("%d connections for one dial ahead and three calls", dials.Load())
	}
}

// After a long freeze the connection dialled ahead is not tried, and neither is one that the server has closed.
func TestAStaleConnectionIsNotHandedOut(t *testing.T) {
	host, dials, server := counted(t)
	for name, age := range map[string]time.Duration{"too old": freshFor + time.Second, "from the future": -time.Hour, "closed by the server": suspectAfter + time.Second} {
		dials.Store(0)
		d := &dialer{plain: new(net.Dialer).DialContext, ahead: make(chan dialled, 1)}
		d.dialAhead("http", host)
		await(t, "the dial ahead", func() bool { return dials.Load() == 1 })
		if age > 0 && age < freshFor {
			server.CloseClientConnections()
		}
		c := <-d.ahead
		c.at = c.at.Add(-age)
		d.ahead = make(chan dialled, 1)
		d.ahead <- c
		if d.take(t.Context()) != nil {
			t.Errorf("%s: it was handed out", name)
		}
	}
}

func TestAHangingDialAheadDoesNotOutliveTheInvocation(t *testing.T) {
	d := &dialer{ahead: make(chan dialled, 1)} // never answers
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if d.take(ctx) != nil {
		t.Error("a connection came from nowhere")
	}
}
