package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// stsOptions is how the local STS behaves.
type stsOptions struct {
	delay time.Duration // before each answer
	idle  time.Duration // after which it closes an idle connection; never if 0
}

// cannedSTS is a process of its own, as the real one is, that answers every POST with a key of 1,800 seconds over TLS. It
// checks nothing, so that what is measured is the function and not the emulator; whether the function asks rightly is for the
// tests to say, whose STS is strict.
type cannedSTS struct {
	Host string

	cmd    *exec.Cmd
	ask    io.WriteCloser
	answer *bufio.Reader
}

// stsCommand is this program's own, and not for people.
const stsCommand = "sts"

func newSTS(ctx context.Context, t trust, o stsOptions) (*cannedSTS, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &cannedSTS{cmd: exec.CommandContext(ctx, self, stsCommand, t.Chain, t.Key, o.delay.String(), o.idle.String())}
	s.cmd.SysProcAttr, s.cmd.Stderr = dieWithParent(), os.Stderr
	if s.ask, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.answer = bufio.NewReader(out)
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	host, err := s.answer.ReadString('\n')
	if err != nil {
		s.close()
		return nil, fmt.Errorf("the local STS doesn't start: %w", err)
	}
	s.Host = strings.TrimSpace(host)
	return s, nil
}

// connections is how many were opened so far.
func (s *cannedSTS) connections() (n int, err error) {
	if _, err := fmt.Fprintln(s.ask); err != nil {
		return 0, err
	}
	line, err := s.answer.ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("the local STS doesn't count: %w", err)
	}
	return strconv.Atoi(strings.TrimSpace(line))
}

func (s *cannedSTS) close() {
	s.ask.Close() // which ends it
	s.cmd.Wait()
}

// serveSTS is the process: it writes its address, then at every line that it reads how many connections it has seen, and
// ends with its input.
func serveSTS(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 4 {
		return fmt.Errorf("%s is started by bench itself", stsCommand)
	}
	delay, err := time.ParseDuration(args[2])
	if err != nil {
		return err
	}
	idle, err := time.ParseDuration(args[3])
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var connections atomic.Int64
	server := &http.Server{
		Handler: canned(delay), IdleTimeout: idle, ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{NextProtos: []string{"http/1.1"}},
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				connections.Add(1)
			}
		},
	}
	go server.ServeTLS(l, args[0], args[1])
	defer server.Close()
	fmt.Fprintln(out, l.Addr())
	for lines := bufio.NewScanner(in); lines.Scan(); {
		fmt.Fprintln(out, connections.Load())
	}
	return nil
}

func canned(delay time.Duration) http.HandlerFunc {
	secret := make([]byte, 600)
	rand.Read(secret)
	token := base64.RawURLEncoding.EncodeToString(secret) // 800 characters
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if delay > 0 {
			time.Sleep(delay)
		}
		expires := time.Now().Add(1800 * time.Second)
		body := fmt.Appendf(nil, `{"Response":{"Credentials":{"Token":"%s","TmpSecretId":"AKIDbenchbenchbenchbenchbenchbenchbenchbench",`+
			`"TmpSecretKey":"YmVuY2hiZW5jaGJlbmNoYmVuY2hiZW5jaGJlbmNoYmU="},"ExpiredTime":%d,"Expiration":"%s","RequestId":"e7bd4a60-1f2b-4a1e-9ed2-9b8f6d1c2a3b"}}`,
			token, expires.Unix(), expires.UTC().Format(time.RFC3339))
		w.Header()["Content-Type"] = []string{"application/json"}
		w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
		w.Write(body)
	}
}
