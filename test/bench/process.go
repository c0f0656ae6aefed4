package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"
)

// process is one running instance of a contender, with its callers.
type process struct {
	contender
	cmd     *exec.Cmd
	began   time.Time
	stderr  bytes.Buffer
	stage   stage
	callers []caller
}

// start begins a contender's process, and connects callers to it, up to and with the platform's ping.
func (s stage) start(ctx context.Context, c contender, callers int) (*process, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	command := c.command
	if s.slice != nil {
		command = s.slice.inside(command)
	}
	p := &process{contender: c, stage: s, callers: make([]caller, callers)}
	p.cmd = exec.CommandContext(ctx, command[0], command[1:]...)
	p.cmd.Env = []string{
		"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "_LAMBDA_SERVER_PORT=" + port, "PORT=" + port,
		"NODE_ENV=production", "JWT_KEY=" + s.key,
		"STS_SECRET_ID=AKIDbench", "STS_SECRET_KEY=bench", "STS_HOST=" + s.sts.host,
		"COS_BUCKET=examplebucket-1250000000", "COS_REGION=ap-guangzhou",
		"SSL_CERT_FILE=" + s.bundle, "SSL_CERT_DIR=/nonexistent", "NODE_EXTRA_CA_CERTS=" + s.root,
	}
	for name, value := range c.env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Stderr = &p.stderr // stdout, where this function's log goes, ends in /dev/null
	p.cmd.SysProcAttr, p.cmd.WaitDelay = dieWithParent(), time.Second
	p.began = time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	connect := overRPC
	if c.serves {
		connect = overHTTP
	}
	for i := range p.callers {
		conn, err := p.dial(ctx, l.Addr().String())
		if err != nil {
			return nil, p.failed(err)
		}
		if p.callers[i], err = connect(conn); err != nil {
			return nil, p.failed(err)
		}
	}
	return p, nil
}

// dial waits until the process listens.
func (p *process) dial(ctx context.Context, address string) (net.Conn, error) {
	for {
		conn, err := net.Dial("tcp", address)
		if err == nil || ctx.Err() != nil || time.Since(p.began) > 15*time.Second {
			return conn, err
		}
		time.Sleep(100 * time.Microsecond)
	}
}

// stop ends the process and waits until it is gone. A frozen process dies too.
func (p *process) stop() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// failed ends the process, and says of what and what it had to say.
func (p *process) failed(err error) error {
	p.stop()
	return fmt.Errorf("%s: %w; it said: %.2000s", p.Name, err, strings.TrimSpace(p.stderr.String()))
}

// peakMemory is the most that the process has held, in MiB (VmHWM); NaN if the kernel doesn't tell.
func (p *process) peakMemory() float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	_, peak, _ := strings.Cut(string(text), "VmHWM:")
	var kib float64
	if n, _ := fmt.Sscanf(peak, "%f kB", &kib); n == 0 {
		return math.NaN()
	}
	return kib / 1024
}
