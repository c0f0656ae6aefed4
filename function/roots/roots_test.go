package roots

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// pair is a certificate and its key.
type pair struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

// certify makes a certificate, of one who vouches for others unless it is a server's, which is vouched for by another
// or, if by is nil, by itself.
func certify(t *testing.T, name string, by *pair, change func(*x509.Certificate)) *pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if change != nil {
		change(template)
	}
	signer := &pair{template, key}
	if by != nil {
		signer = by
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer.Certificate, key.Public(), signer.key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &pair{certificate, key}
}

func asServer(c *x509.Certificate) {
	c.IsCA, c.IPAddresses = false, []net.IP{net.IPv4(127, 0, 0, 1)}
}

// served shows a chain, the first of which is the server's own, to whoever connects.
func served(t *testing.T, versions [2]uint16, chain ...*pair) (address string, connections *atomic.Int32) {
	t.Helper()
	certificate := tls.Certificate{PrivateKey: chain[0].key}
	for _, c := range chain {
		certificate.Certificate = append(certificate.Certificate, c.Raw)
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: versions[0], MaxVersion: versions[1]}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	connections = new(atomic.Int32)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			go func() {
				defer conn.Close()
				io.Copy(conn, conn)
			}()
		}
	}()
	return listener.Addr().String(), connections
}

func asPEM(certificates ...*pair) (text []byte) {
	for _, c := range certificates {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return text
}

func inFile(t *testing.T, text []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "bundle.pem")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// connect dials, and holds the connection to its word.
func connect(ctx context.Context, s *System, address string) error {
	conn, err := s.Dialer(time.Minute)(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("x")); err != nil {
		return err
	}
	_, err = io.ReadFull(conn, make([]byte, 1))
	return err
}

// Whoever is trusted or not with all roots of a bundle, as Go reads them, is trusted or not here, for the same reason.
func TestVerdictIsThatOfAllRoots(t *testing.T) {
	any3 := [2]uint16{tls.VersionTLS12, tls.VersionTLS13}
	root, other := certify(t, "root", nil, nil), certify(t, "other", nil, nil)
	between := certify(t, "between", root, nil)
	twin := certify(t, "root", nil, nil) // another's key under the same name
	aged := certify(t, "aged", nil, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	leaf := func(by *pair) *pair { return certify(t, "server", by, asServer) }
	elsewhere := certify(t, "server", root, func(c *x509.Certificate) { c.IsCA, c.DNSNames = false, []string{"example.com"} })
	over := certify(t, "server", root, func(c *x509.Certificate) { asServer(c); c.NotAfter = time.Now().Add(-time.Minute) })
	alone := certify(t, "alone", nil, asServer)
	garbage := []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" +
		"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n# a comment\n")
	for name, c := range map[string]struct {
		bundle   []byte
		versions [2]uint16
		chain    []*pair
		trusted  bool
	}{
		"by a root":                  {asPEM(other, root), any3, []*pair{leaf(root)}, true},
		"through one between":        {asPEM(other, root), any3, []*pair{leaf(between), between}, true},
		"which isn't shown":          {asPEM(other, root), any3, []*pair{leaf(between)}, false},
		"the root is shown, too":     {asPEM(other, root), any3, []*pair{leaf(between), between, root}, true},
		"the root is only shown":     {asPEM(other), any3, []*pair{leaf(root), root}, false},
		"by nobody who is known":     {asPEM(other), any3, []*pair{leaf(root)}, false},
		"by one of the same name":    {asPEM(other, twin), any3, []*pair{leaf(root)}, false},
		"by one of two of that name": {asPEM(twin, root), any3, []*pair{leaf(root)}, true},
		"by a root that has expired": {asPEM(aged, root), any3, []*pair{leaf(aged)}, false},
		"for another host":           {asPEM(root), any3, []*pair{elsewhere}, false},
		"no longer":                  {asPEM(root), any3, []*pair{over}, false},
		"by itself, and known":       {asPEM(other, alone), any3, []*pair{alone}, true},
		"by itself":                  {asPEM(other), any3, []*pair{alone}, false},
		"TLS 1.3 only":               {asPEM(root), [2]uint16{tls.VersionTLS13, tls.VersionTLS13}, []*pair{leaf(root)}, true},
		"TLS 1.2 only":               {asPEM(root), [2]uint16{tls.VersionTLS12, tls.VersionTLS12}, []*pair{leaf(root)}, true},
		"TLS 1.1 only":               {asPEM(root), [2]uint16{tls.VersionTLS10, tls.VersionTLS11}, []*pair{leaf(root)}, false},
		"after what can't be read":   {append(garbage, asPEM(root)...), any3, []*pair{leaf(root)}, true},
		"lines end as on Windows":    {bytes.ReplaceAll(asPEM(root), []byte("\n"), []byte("\r\n")), any3, []*pair{leaf(root)}, true},
		"a root that is struck out": {bytes.ReplaceAll(asPEM(root, other), []byte("-----BEGIN"), []byte("# -----BEGIN")),
			any3, []*pair{leaf(root)}, false},
		"nothing can be read":         {garbage, any3, []*pair{leaf(root)}, false},
		"the bundle is empty":         {nil, any3, []*pair{leaf(root)}, false},
		"a root that is no authority": {asPEM(alone), any3, []*pair{leaf(alone)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			address, _ := served(t, c.versions, c.chain...)
			all := x509.NewCertPool()
			all.AppendCertsFromPEM(c.bundle)
			conn, want := tls.Dial("tcp", address, &tls.Config{RootCAs: all})
			if want == nil {
				conn.Close()
			}
			if (want == nil) != c.trusted {
				t.Fatal("this test is wrong: Go says", want)
			}
			s := newSystem(inFile(t, c.bundle))
			for range 2 { // the second finds its roots ready
				err := connect(t.Context(), s, address)
				if (err == nil) != c.trusted || !sameKind(err, want) {
					t.Errorf("%v, and with all roots %v", err, want)
				}
			}
		})
	}
}

// sameKind leaves out what Go guesses of the cause. Go's own roots have the last word, and know none of this test's.
func sameKind(a, b error) bool {
	if errors.As(a, new(x509.UnknownAuthorityError)) && errors.As(b, new(*tls.CertificateVerificationError)) {
		return true
	}
	return (a == nil) == (b == nil) && (a == nil || a.Error() == b.Error())
}

// Every root of this machine is found under its name, and what is cut short is found nowhere.
func TestSubjectOf(t *testing.T) {
	text := asPEM(certify(t, "root", nil, nil), certify(t, "", nil, nil))
	for _, file := range places {
		if more, err := os.ReadFile(file); err == nil {
			text = append(text, more...)
		}
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(subjectOf(block.Bytes), certificate.RawSubject) {
			t.Errorf("not found: %s", certificate.Subject)
		}
		for n := range block.Bytes {
			if got := subjectOf(block.Bytes[:n]); got != nil {
				t.Fatalf("%x of the first %d bytes", got, n)
			}
		}
	}
}

func TestOnlyNamedRootsAreParsed(t *testing.T) {
	a, b, c := certify(t, "a", nil, nil), certify(t, "b", nil, nil), certify(t, "c", nil, nil)
	s := newSystem(filepath.Join(t.TempDir(), "none"), inFile(t, asPEM(a, b, c)))
	want := x509.NewCertPool()
	for _, root := range []*pair{a, b} {
		address, connections := served(t, [2]uint16{}, certify(t, "server", root, asServer))
		want.AddCert(root.Certificate)
		if err := connect(t.Context(), s, address); err != nil || !s.known().Equal(want) {
			t.Error("not the roots that were named: ", err)
		}
		if n := connections.Load(); n != 2 {
			t.Errorf("%d connections for the first that is good", n)
		}
		if err := connect(t.Context(), s, address); err != nil || connections.Load() != 3 {
			t.Errorf("%v, and %d connections for the next", err, connections.Load()-2)
		}
	}
}

// A root that has expired, and that another server has named, hides none that is good: the reason is another one then
// than that nobody is known.
func TestExpiredRootHidesNoOther(t *testing.T) {
	aged := certify(t, "aged", nil, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	young := certify(t, "young", nil, nil)
	crossed := *young // the same name and key, vouched for by the one that has expired
	der, err := x509.CreateCertificate(rand.Reader, young.Certificate, aged.Certificate, young.key.Public(), aged.key)
	if err != nil {
		t.Fatal(err)
	}
	if crossed.Certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	s := newSystem(inFile(t, asPEM(aged, young)))
	first, _ := served(t, [2]uint16{}, certify(t, "server", aged, asServer))
	if err := connect(t.Context(), s, first); err == nil {
		t.Fatal("a root that has expired is trusted")
	}
	second, _ := served(t, [2]uint16{}, certify(t, "server", young, asServer), &crossed)
	if err := connect(t.Context(), s, second); err != nil {
		t.Error(err)
	}
}

func TestManyAtOnce(t *testing.T) {
	var all []*pair
	var addresses []string
	for _, name := range []string{"a", "b", "c", "d"} {
		root := certify(t, name, nil, nil)
		address, _ := served(t, [2]uint16{}, certify(t, "server", root, asServer))
		all, addresses = append(all, root), append(addresses, address)
	}
	s := newSystem(inFile(t, asPEM(all...)))
	var dialling sync.WaitGroup
	for i := range 24 {
		dialling.Go(func() {
			if err := connect(t.Context(), s, addresses[i%len(addresses)]); err != nil {
				t.Error(err)
			}
		})
	}
	dialling.Wait()
}

// A server that says nothing costs no more than the limit, however many times it is asked.
func TestHungServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	s := newSystem(inFile(t, asPEM(certify(t, "a", nil, nil))))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := s.Dialer(50*time.Millisecond)(ctx, "tcp", listener.Addr().String()); !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		t.Error(err)
	}
}

// The first connection is there to see the chain only: where it hangs, the next can still be the good one.
func TestHungFirstConnection(t *testing.T) {
	t.Parallel()
	root := certify(t, "root", nil, nil)
	address, _ := served(t, [2]uint16{}, certify(t, "server", root, asServer))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for n := 0; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			if n == 0 {
				continue // nobody says anything
			}
			server, err := net.Dial("tcp", address)
			if err != nil {
				return
			}
			defer server.Close()
			go io.Copy(server, conn)
			go io.Copy(conn, server)
		}
	}()
	conn, err := newSystem(inFile(t, asPEM(root))).Dialer(6*time.Second)(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// Where the bundle doesn't hold a server's root, Go's own roots decide, which may come from folders too. In a process
// of its own, because Go reads them once in each.
func TestGoDecidesInTheEnd(t *testing.T) {
	if address := os.Getenv("TEST_ADDRESS"); address != "" {
		if err := connect(t.Context(), New(), address); err != nil {
			t.Error(err)
		}
		return
	}
	root := certify(t, "root", nil, nil)
	address, _ := served(t, [2]uint16{}, certify(t, "server", root, asServer))
	for name, bundle := range map[string]string{
		"not in the bundle": inFile(t, asPEM(certify(t, "other", nil, nil))),
		"no bundle":         filepath.Join(t.TempDir(), "none"),
		"in the bundle":     inFile(t, asPEM(root)),
	} {
		again := exec.Command(os.Args[0], "-test.run", "^TestGoDecidesInTheEnd$")
		again.Env = append(os.Environ(), "TEST_ADDRESS="+address, "SSL_CERT_FILE="+bundle, "SSL_CERT_DIR="+filepath.Dir(inFile(t, asPEM(root))))
		if said, err := again.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, said)
		}
	}
}
