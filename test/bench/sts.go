package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"time"
)

// cannedSTS answers every POST with a key of 1,800 seconds over TLS. It checks nothing, so that what is measured is the
// function and not the emulator; whether the function asks rightly is for the tests to say, whose STS is strict.
type cannedSTS struct {
	*httptest.Server
	connections atomic.Int64 // opened so far
}

// newSTS starts one that answers after delay, and closes a connection that nobody used for idle; never if 0.
func newSTS(delay, idle time.Duration) *cannedSTS {
	s := &cannedSTS{Server: httptest.NewUnstartedServer(canned(delay))}
	s.Config.IdleTimeout = idle
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.connections.Add(1)
		}
	}
	s.StartTLS()
	return s
}

func canned(delay time.Duration) http.HandlerFunc {
	secret := make([]byte, 600)
	rand.Read(secret)
	token := base64.RawURLEncoding.EncodeToString(secret) // 800 characters
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		time.Sleep(delay)
		expires := time.Now().Add(1800 * time.Second)
		body := fmt.Appendf(nil, `{"Response":{"Credentials":{"Token":"%s","TmpSecretId":"AKIDbenchbenchbenchbenchbenchbenchbenchbench",`+
			`"TmpSecretKey":"YmVuY2hiZW5jaGJlbmNoYmVuY2hiZW5jaGJlbmNoYmU="},"ExpiredTime":%d,"Expiration":"%s",`+
			`"RequestId":"e7bd4a60-1f2b-4a1e-9ed2-9b8f6d1c2a3b"}}`, token, expires.Unix(), expires.UTC().Format(time.RFC3339))
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body)
	}
}
