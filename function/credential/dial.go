package credential

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

const (
	// DialTimeout is for a connection with its handshakes.
	DialTimeout = 3 * time.Second
	// freshFor is how long a connection that was dialled ahead may wait for its first request. An instance can be
	// frozen for hours between its start and that request, so the age is read from the wall clock. A connection that
	// is older than suspectAfter is looked at first: the server may have hung up.
	freshFor     = 10 * time.Second
	suspectAfter = time.Second
)

// Dial connects, as [net.Dialer.DialContext] does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// newTransport is the connection to STS. It speaks HTTP/1.1, and keeps as many idle connections as may be in use: one
// instance serves one request at a time on SCF, but need not elsewhere. The first connection is dialled at once,
// while the platform still hands over the first request, so that nobody waits for its handshake.
func newTransport(scheme, host string, secure Dial) *http.Transport {
	if secure == nil {
		secure = new(tls.Dialer).DialContext
	}
	d := &dialer{
		plain:  (&net.Dialer{Timeout: DialTimeout}).DialContext,
		secure: secure,
		ahead:  make(chan dialled, 1),
	}
	go d.dialAhead(scheme, host)
	return &http.Transport{
		DialContext:         d.orAhead(d.plain),
		DialTLSContext:      d.orAhead(d.secure),
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     50 * time.Second,
		WriteBufferSize:     16 << 10, // a request with its policy has some 8 KiB: it leaves in one write
		DisableCompression:  true,
	}
}

// dialer hands out the connection that was dialled ahead, once, and new ones otherwise.
type dialer struct {
	plain, secure Dial
	ahead         chan dialled // holds one connection at most, and is closed then
}

type dialled struct {
	conn net.Conn
	at   time.Time
}

func (d *dialer) dialAhead(scheme, host string) {
	defer close(d.ahead)
	dial, port := d.plain, "80"
	if scheme == "https" {
		dial, port = d.secure, "443"
	}
	if _, _, err := net.SplitHostPort(host); err != nil {
		host = net.JoinHostPort(host, port)
	}
	ctx, cancel := context.WithTimeout(context.Background(), DialTimeout)
	defer cancel()
	if conn, err := dial(ctx, "tcp", host); err == nil {
		d.ahead <- dialled{conn, time.Now().Round(0)} // the wall clock's reading only
	}
}

// take waits for the connection dialled ahead, which has had a head start, and returns it if it is still good.
func (d *dialer) take(ctx context.Context) net.Conn {
	select {
	case <-ctx.Done():
		return nil
	case c, ok := <-d.ahead:
		if !ok {
			return nil
		}
		if age := time.Now().Round(0).Sub(c.at); age < 0 || age > freshFor || age > suspectAfter && hasHungUp(c.conn) {
			c.conn.Close()
			return nil
		}
		return c.conn
	}
}

// hasHungUp looks whether the server has hung up: a read then ends at once with something else than a timeout.
func hasHungUp(c net.Conn) bool {
	c.SetReadDeadline(time.Now().Add(time.Millisecond / 10))
	defer c.SetReadDeadline(time.Time{})
	_, err := c.Read(make([]byte, 1))
	timeout, ok := err.(net.Error)
	return !ok || !timeout.Timeout()
}

// orAhead hands out the connection that was dialled ahead, if it is still good.
func (d *dialer) orAhead(dial Dial) Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if c := d.take(ctx); c != nil {
			return c, nil
		}
		return dial(ctx, network, address)
	}
}
