package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/test/repo"
)

// stage is what all contenders get alike.
type stage struct {
	source string // this folder
	dir    string // for files, removed at the end
	signer *rsa.PrivateKey
	key    string // what checks a token: the public key in PEM
	token  string
	root   string // a file with the local STS's certificate: what Node adds to its own roots
	bundle string // a file with the machine's roots and this one: what Go reads, at the length that it has in the cloud
	roots  int    // how many
	sts    *cannedSTS
	slice  *cpuSlice // nil for all of the machine
}

// withStage lays a stage, without an STS, and clears it when what is done there is done.
func withStage(do func(stage) error) error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return errors.New("only `capacity` runs here: what is measured is the very file for Linux on amd64")
	}
	base, err := repo.Root()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "cos-credentials-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	signer, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return err
	}
	like := httptest.NewTLSServer(nil) // all of its kind have the same certificate, RSA-2048
	like.Close()
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: like.Certificate().Raw})
	bundle := append(systemRoots(), root...)
	s := stage{
		source: filepath.Join(base, "test", "bench"),
		dir:    dir,
		signer: signer,
		key:    string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
		root:   filepath.Join(dir, "root.pem"),
		bundle: filepath.Join(dir, "bundle.pem"),
		roots:  bytes.Count(bundle, []byte("-----BEGIN CERTIFICATE-----")),
	}
	s.token, err = s.login("u-10293847")
	if err := errors.Join(err, os.WriteFile(s.root, root, 0o644), os.WriteFile(s.bundle, bundle, 0o644)); err != nil {
		return err
	}
	return do(s)
}

// systemRoots is the machine's own bundle, where Linux distributions keep it; empty if it is somewhere else.
func systemRoots() []byte {
	for _, name := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"} {
		if text, err := os.ReadFile(name); err == nil {
			return append(text, '\n')
		}
	}
	return nil
}

// logins are those of several users.
func (s stage) logins(users int) (tokens []string, err error) {
	tokens = make([]string, users)
	for i := range tokens {
		if tokens[i], err = s.login(fmt.Sprintf("user-%d", i)); err != nil {
			return nil, err
		}
	}
	return tokens, nil
}

// login makes a token as an identity provider would. It lives for half a day.
func (s stage) login(subject string) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": "https://login.example.com/", "aud": "cos-credentials", "sub": subject,
		"iat": time.Now().Unix(), "exp": time.Now().Add(12 * time.Hour).Unix(),
		"jti": "5d2b1c1e-7f0a-4f27-8a26-5e1dfb7f6d31", "tenant": "acme", "name": "Alice Example",
	}).SignedString(s.signer)
}
