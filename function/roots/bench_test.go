package roots

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkFirst is the first connection of a process: with all roots parsed, as Go does it, and with those that the
// server names. Both count the server's work, too: one handshake there, two here.
func BenchmarkFirst(b *testing.B) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	text, err := os.ReadFile(places[0])
	if err != nil {
		b.Skip(err)
	}
	file := filepath.Join(b.TempDir(), "bundle.pem")
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		b.Fatal(err)
	}
	address := server.Listener.Addr().String()
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			text, _ := os.ReadFile(file)
			all := x509.NewCertPool()
			all.AppendCertsFromPEM(text)
			conn, err := (&tls.Dialer{Config: &tls.Config{RootCAs: all}}).DialContext(context.Background(), "tcp", address)
			if err != nil {
				b.Fatal(err)
			}
			conn.Close()
		}
	})
	b.Run("named", func(b *testing.B) {
		for b.Loop() {
			s := newSystem(file)
			conn, err := s.Dialer(time.Minute)(context.Background(), "tcp", address)
			if err != nil {
				b.Fatal(err)
			}
			conn.Close()
		}
	})
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			readBundle([]string{file})
		}
	})
}
