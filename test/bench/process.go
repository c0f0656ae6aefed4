package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/rpc"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction/messages"
)

// process is one running instance of a contender.
type process struct {
	contender
	cmd     *exec.Cmd
	address string
	began   time.Time
	said    *tail
	exited  chan struct{}
}

// stage is what all contenders get alike.
type stage struct {
	login login
	trust trust
	token string
	sts   *cannedSTS
	slice *cpuSlice // nil for all of the machine
}

// start begins a contender's process, and returns before it listens.
func (s stage) start(c contender) (*process, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	command := c.command
	if s.slice != nil {
		command = s.slice.inside(command)
	}
	p := &process{contender: c, address: "127.0.0.1:" + port, said: &tail{}, exited: make(chan struct{})}
	p.cmd = exec.Command(command[0], command[1:]...)
	p.cmd.Env = []string{
		"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "_LAMBDA_SERVER_PORT=" + port, "PORT=" + port, "NODE_ENV=production",
		"JWT_KEY=" + s.login.Key, "JWT_ALGORITHM=" + s.login.Algorithm,
		"STS_SECRET_ID=AKIDbench", "STS_SECRET_KEY=bench", "STS_HOST=" + s.sts.Host,
		"COS_BUCKET=examplebucket-1250000000", "COS_REGION=ap-guangzhou",
		"SSL_CERT_FILE=" + s.trust.Bundle, "SSL_CERT_DIR=/nonexistent", "NODE_EXTRA_CA_CERTS=" + s.trust.Root,
	}
	for k, v := range c.env {
		p.cmd.Env = append(p.cmd.Env, k+"="+v)
	}
	p.cmd.Stderr = p.said // stdout, where this function's log goes, ends in /dev/null
	p.cmd.SysProcAttr = dieWithParent()
	p.cmd.WaitDelay = time.Second
	p.began = time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

// stop ends the process and waits until it is gone. A stopped process dies too.
func (p *process) stop() {
	p.cmd.Process.Kill()
	<-p.exited
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// dial waits until the process listens.
func (p *process) dial(ctx context.Context) (net.Conn, error) {
	for {
		if conn, err := net.Dial("tcp", p.address); err == nil {
			return conn, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-p.exited:
			return nil, fmt.Errorf("%s exited (%s): %s", p.Name, p.cmd.ProcessState, p.said)
		case <-time.After(100 * time.Microsecond):
		}
		if time.Since(p.began) > 30*time.Second {
			return nil, fmt.Errorf("%s doesn't listen: %s", p.Name, p.said)
		}
	}
}

// caller is a connection of one caller to the process, up to and with the platform's ping.
func (p *process) caller(ctx context.Context, token string) (caller, error) {
	conn, err := p.dial(ctx)
	if err != nil {
		return nil, err
	}
	if p.overHTTP {
		return newHTTPCaller(conn, p.address, token), nil
	}
	c := &rpcCaller{rpc.NewClient(conn), event(token), p.asksSTS}
	if err := c.client.Call("Function.Ping", &messages.PingRequest{}, &messages.PingResponse{}); err != nil {
		c.close()
		return nil, fmt.Errorf("%s doesn't answer a ping: %w; %s", p.Name, err, p.said)
	}
	return c, nil
}

// tail keeps the end of what a process says, for an error message.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if over := len(t.text) - 16<<10; over > 0 {
		t.text = bytes.Clone(t.text[over:])
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.text))
}

// peakMemory is the most that the process has held, in MB (VmHWM).
func (p *process) peakMemory() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid()))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kb); n == 1 {
			return kb / 1024, nil
		}
	}
	return 0, fmt.Errorf("%s: the kernel tells no VmHWM", p.Name)
}
