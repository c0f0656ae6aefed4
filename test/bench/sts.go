package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"time"
)

// cannedSTS is a process of its own, as the real one is, that answers every POST with a key of 1,800 seconds over TLS.
// It checks nothing, so that what is measured is the function and not the emulator; whether the function asks rightly
// is for the tests to say, whose STS is strict.
type cannedSTS struct {
	host string
	cmd  *exec.Cmd
	in   io.Closer
	ask  func() (connections int, err error) // opened so far
}

// stsCommand is this program's own, and not for people.
const stsCommand = "sts"

// newSTS starts one that answers after delay, and closes a connection that nobody used for idle; never if 0.
func newSTS(ctx context.Context, delay, idle time.Duration) (*cannedSTS, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &cannedSTS{cmd: exec.CommandContext(ctx, self, stsCommand, delay.String(), idle.String())}
	in, err1 := s.cmd.StdinPipe()
	out, err2 := s.cmd.StdoutPipe()
	if err := errors.Join(err1, err2, s.cmd.Start()); err != nil {
		return nil, err
	}
	s.in = in
	s.ask = func() (n int, err error) {
		fmt.Fprintln(in)
		_, err = fmt.Fscanln(out, &n)
		return n, err
	}
	_, err = fmt.Fscanln(out, &s.host)
	return s, err
}

func (s *cannedSTS) close() {
	s.in.Close() // which ends it
	s.cmd.Wait()
}

// serveSTS is the process: it writes its address, then at every line that it reads how many connections it has seen,
// and ends with its input.
func serveSTS(delay, idle string) {
	var connections atomic.Int64
	wait, _ := time.ParseDuration(delay) // newSTS wrote both
	server := httptest.NewUnstartedServer(canned(wait))
	server.Config.IdleTimeout, _ = time.ParseDuration(idle)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.StartTLS()
	fmt.Println(server.Listener.Addr())
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(connections.Load())
	}
}

func canned(delay time.Duration) http.HandlerFunc {
	secret := make([]byte, 600)
	rand.Read(secret)
	token := base64.RawURLEncoding.EncodeToString(secret) // 800 characters
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		time.Sleep(delay)
		expires := time.Now().Add(1800 * time.Second)
		body := fmt.Appendf(nil, `{"Response":{"Credentials":{"Token":"%s",`+
			`"TmpSecretId":"AKIDbenchbenchbenchbenchbenchbenchbenchbench",`+
			`"TmpSecretKey":"YmVuY2hiZW5jaGJlbmNoYmVuY2hiZW5jaGJlbmNoYmU="},"ExpiredTime":%d,"Expiration":"%s",`+
			`"RequestId":"e7bd4a60-1f2b-4a1e-9ed2-9b8f6d1c2a3b"}}`, token, expires.Unix(), expires.UTC().Format(time.RFC3339))
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body)
	}
}
