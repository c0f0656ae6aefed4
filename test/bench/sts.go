package main

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// stsOptions is how the local STS behaves.
type stsOptions struct {
	delay time.Duration // before each answer
	idle  time.Duration // after which it closes an idle connection; never if 0
}

// cannedSTS answers every POST with a key of 1,800 seconds over TLS. It checks nothing, so that what is measured is the
// function and not the emulator; whether the function asks rightly is for the tests to say, whose STS is strict.
type cannedSTS struct {
	Host        string
	connections atomic.Int64
	requests    atomic.Int64
	server      *http.Server
}

func newSTS(t trust, o stsOptions) (*cannedSTS, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &cannedSTS{Host: l.Addr().String()}
	secret := make([]byte, 600)
	rand.Read(secret)
	token := base64.RawURLEncoding.EncodeToString(secret) // 800 characters
	s.server = &http.Server{
		IdleTimeout: o.idle, ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{t.server}, NextProtos: []string{"http/1.1"}},
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				s.connections.Add(1)
			}
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			s.requests.Add(1)
			if o.delay > 0 {
				time.Sleep(o.delay)
			}
			expires := time.Now().Add(1800 * time.Second)
			body := fmt.Appendf(nil, `{"Response":{"Credentials":{"Token":"%s","TmpSecretId":"AKIDbenchbenchbenchbenchbenchbenchbenchbench",`+
				`"TmpSecretKey":"YmVuY2hiZW5jaGJlbmNoYmVuY2hiZW5jaGJlbmNoYmU="},"ExpiredTime":%d,"Expiration":"%s","RequestId":"e7bd4a60-1f2b-4a1e-9ed2-9b8f6d1c2a3b"}}`,
				token, expires.Unix(), expires.UTC().Format(time.RFC3339))
			w.Header()["Content-Type"] = []string{"application/json"}
			w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
			w.Write(body)
		}),
	}
	go s.server.ServeTLS(l, "", "")
	return s, nil
}

func (s *cannedSTS) close() { s.server.Close() }
