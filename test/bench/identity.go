package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// login is who signs the tokens of a run.
type login struct {
	Algorithm string
	Key       string // what checks a token: the public key in PEM, or the secret
	private   any
}

func newLogin(algorithm string) (login, error) {
	l := login{Algorithm: algorithm}
	var err error
	switch algorithm {
	case "HS256":
		b := make([]byte, 32)
		rand.Read(b)
		l.Key = hex.EncodeToString(b)
		l.private = []byte(l.Key)
		return l, nil
	case "RS256":
		l.private, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ES256":
		l.private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		err = fmt.Errorf("-alg: %q is not one of RS256, ES256, HS256", algorithm)
	}
	if err != nil {
		return l, err
	}
	der, err := x509.MarshalPKIXPublicKey(l.private.(crypto.Signer).Public())
	l.Key = string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	return l, err
}

// token is what an identity provider would put into one, and lives for half a day.
func (l login) token(subject string) (string, error) {
	now := time.Now()
	return jwt.NewWithClaims(jwt.GetSigningMethod(l.Algorithm), jwt.MapClaims{
		"iss": "https://login.example.com/", "aud": "cos-credentials", "sub": subject, "iat": now.Unix(), "exp": now.Add(12 * time.Hour).Unix(),
		"jti": "5d2b1c1e-7f0a-4f27-8a26-5e1dfb7f6d31", "tenant": "acme", "name": "Alice Example",
	}).SignedString(l.private)
}

// trust is the local STS's certificate: root, intermediate and leaf, all RSA-2048, as public ones usually are.
type trust struct {
	Chain  string // files with the leaf and the intermediate, and the leaf's key
	Key    string
	Root   string // a file with the root alone: what Node adds to its own roots
	Bundle string // a file with the machine's roots and this one: what Go reads, at the length that it has in the cloud
	Roots  int    // how many
}

func newTrust(dir string) (t trust, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("the local STS gets no certificate: %v", problem)
		}
	}()
	rootKey, rootDER := issue(1, "bench root", nil, nil)
	root := must(x509.ParseCertificate(rootDER))
	middleKey, middleDER := issue(2, "bench intermediate", root, rootKey)
	leafKey, leafDER := issue(3, "127.0.0.1", must(x509.ParseCertificate(middleDER)), middleKey)
	t.Root, t.Bundle = filepath.Join(dir, "root.pem"), filepath.Join(dir, "bundle.pem")
	t.Chain, t.Key = filepath.Join(dir, "chain.pem"), filepath.Join(dir, "key.pem")
	ours := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER})
	chain := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leafDER}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: middleDER})...)
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(leafKey))})
	all := append(systemRoots(), ours...)
	for rest := all; ; t.Roots++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
	}
	return t, errors.Join(os.WriteFile(t.Root, ours, 0o644), os.WriteFile(t.Bundle, all, 0o644),
		os.WriteFile(t.Chain, chain, 0o644), os.WriteFile(t.Key, key, 0o600))
}

// issue makes a key and a certificate for it: a root without a parent, a leaf for an address.
func issue(serial int64, name string, parent *x509.Certificate, parentKey *rsa.PrivateKey) (*rsa.PrivateKey, []byte) {
	key := must(rsa.GenerateKey(rand.Reader, 2048))
	now := time.Now()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour), BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(name); ip != nil {
		c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		c.IPAddresses = []net.IP{ip}
	} else {
		c.KeyUsage, c.IsCA = x509.KeyUsageCertSign, true
	}
	if parent == nil {
		parent, parentKey = c, key
	}
	return key, must(x509.CreateCertificate(rand.Reader, c, parent, key.Public(), parentKey))
}

// systemRoots is the machine's own bundle, where Linux distributions keep it; empty if it is somewhere else.
func systemRoots() []byte {
	for _, name := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"} {
		if text, err := os.ReadFile(name); err == nil {
			return append(text, '\n')
		}
	}
	return nil
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
