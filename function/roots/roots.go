// Package roots connects to servers over TLS and reads, of the system's root certificates, only those that vouch for
// them. Go parses all of them for the first handshake of a process, which is half of a cold start's processor time.
//
// Who vouches is known once the server has shown its chain. So the first connection to a server is only there to see
// it: it trusts nobody, and crypto/tls refuses it. The roots that the chain names are parsed, and a second connection
// is checked with them. If it is refused too, Go's own way decides, with all roots. The check is always crypto/tls's,
// and nobody is trusted whom the system doesn't trust.
package roots

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// System is the system's root certificates. It is safe for concurrent use.
type System struct {
	bundle func() bundle // reads it, once

	mu     sync.Mutex     // guards the bundle's content, too
	parsed *x509.CertPool // those that servers have named; nil before the first. It is replaced, never changed.
}

// places are where Linux distributions keep all root certificates in one file, in the order in which Go looks for them
// (crypto/x509, root_linux.go): Debian's place, and that of Red Hat and of the platform.
var places = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"}

// New reads nothing yet. With SSL_CERT_FILE, that file is the bundle, as for Go.
func New() *System {
	if file := os.Getenv("SSL_CERT_FILE"); file != "" {
		return newSystem(file)
	}
	return newSystem(places...)
}

func newSystem(files ...string) *System {
	return &System{bundle: sync.OnceValue(func() bundle { return readBundle(files) })}
}

// readBundle reads the first file that there is.
func readBundle(files []string) bundle {
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil {
			return scan(text)
		}
	}
	return bundle{}
}

// Dialer returns what [net/http.Transport.DialTLSContext] takes. To connect and to shake hands takes at most limit in
// all. A server that can't be trusted is a [*tls.CertificateVerificationError].
func (s *System) Dialer(limit time.Duration) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		roots := s.known()
		if roots == nil {
			go s.bundle() // meanwhile
			roots = s.naming(chainOf(ctx, limit/3, network, address), nil)
		}
		for {
			conn, err := dial(ctx, network, address, &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots})
			if roots == nil || !errors.As(err, new(*tls.CertificateVerificationError)) {
				return conn, err
			}
			roots = s.naming(unverified(err), roots)
		}
	}
}

func dial(ctx context.Context, network, address string, config *tls.Config) (net.Conn, error) {
	return (&tls.Dialer{Config: config}).DialContext(ctx, network, address)
}

// chainOf returns the certificates that a server shows, which nobody has checked; none if it shows none. In TLS 1.2
// they come before any arithmetic. A server that hangs for TLS 1.2 alone leaves time for the connection that counts.
func chainOf(ctx context.Context, limit time.Duration, network, address string) []*x509.Certificate {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	nobody := &tls.Config{MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool()}
	conn, err := dial(ctx, network, address, nobody)
	if err == nil {
		conn.Close() // can't be: nobody vouches
	}
	return unverified(err)
}

func unverified(err error) []*x509.Certificate {
	var refused *tls.CertificateVerificationError
	if errors.As(err, &refused) {
		return refused.UnverifiedCertificates
	}
	return nil
}

func (s *System) known() *x509.CertPool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.parsed
}

// naming parses the roots that bear the name of a certificate of the chain or of its issuer, and returns all that were
// parsed so far. If these are no more than what was tried, it returns nil, which means Go's own roots.
func (s *System) naming(chain []*x509.Certificate, tried *x509.CertPool) *x509.CertPool {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.bundle()
	if s.parsed == nil && len(all) > 0 {
		s.parsed = x509.NewCertPool()
	}
	if more := all.take(chain); len(more) > 0 {
		s.parsed = s.parsed.Clone()
		for _, root := range more {
			s.parsed.AddCert(root)
		}
	}
	if s.parsed == tried {
		return nil
	}
	return s.parsed
}
