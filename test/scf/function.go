package scf

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/rpc"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction/messages"
)

// Function is one running instance.
type Function struct {
	Log *Log // what it writes to stdout and stderr

	cmd     *exec.Cmd
	rpc     *rpc.Client
	address string
	exited  chan struct{} // closed when the process is gone
	turn    sync.Mutex    // an event function takes one event at a time
}

// errPort is a start that lost its port to another process.
var errPort = errors.New("the port was taken")

// Start runs the binary with env and what the platform adds to it, and nothing of this process's environment. It
// returns when the function answers a ping.
func Start(ctx context.Context, binary string, env map[string]string) (*Function, error) {
	for try := 0; ; try++ {
		f, err := start(ctx, binary, env)
		if errors.Is(err, errPort) && try < 5 {
			continue
		}
		return f, err
	}
}

func start(ctx context.Context, binary string, env map[string]string) (*Function, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	f := &Function{Log: &Log{}, exited: make(chan struct{})}
	f.cmd = exec.Command(binary)
	f.cmd.Dir = filepath.Dir(binary)
	f.cmd.Env = environment(env, port)
	f.cmd.Stdout, f.cmd.Stderr = f.Log, f.Log
	f.cmd.SysProcAttr = dieWithParent()
	f.cmd.WaitDelay = time.Second
	if err := f.cmd.Start(); err != nil {
		return nil, fmt.Errorf("the function doesn't start: %w", err)
	}
	go func() {
		f.cmd.Wait()
		f.Log.close()
		close(f.exited)
	}()
	if err := f.connect(ctx, "127.0.0.1:"+port); err != nil {
		f.Stop()
		if strings.Contains(f.Log.Tail(), "address already in use") {
			return nil, errPort
		}
		return nil, err
	}
	return f, nil
}

// connect asks until the function answers. The platform gives it 3 seconds by default; a busy machine may need more.
func (f *Function) connect(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if client, err := rpc.Dial("tcp", address); err == nil {
			var pong messages.PingResponse
			if err := client.Call("Function.Ping", &messages.PingRequest{}, &pong); err == nil {
				f.rpc, f.address = client, address
				return nil
			}
			client.Close()
		}
		select {
		case <-f.exited:
			return f.crash("the function exited before it answered a ping")
		case <-ctx.Done():
		case <-time.After(2 * time.Millisecond):
		}
	}
	return fmt.Errorf("the function doesn't answer a ping: %w; its log ends:\n%s", ctx.Err(), f.Log.Tail())
}

// Stop ends the process, as the platform does without a warning, and waits until it is gone.
func (f *Function) Stop() {
	if f.rpc != nil {
		f.rpc.Close()
	}
	f.cmd.Process.Kill()
	<-f.exited
}

// PID is the function's process.
func (f *Function) PID() int { return f.cmd.Process.Pid }

// Address is where the function listens, for those who call it more than once at a time.
func (f *Function) Address() string { return f.address }

// Exited reports whether the process is gone.
func (f *Function) Exited() bool {
	select {
	case <-f.exited:
		return true
	default:
		return false
	}
}

// crash describes the end of the process with the last that it said.
func (f *Function) crash(what string) error {
	return fmt.Errorf("%s (%s); its log ends:\n%s", what, f.cmd.ProcessState, f.Log.Tail())
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// environment is the platform's own variables with env on top.
func environment(env map[string]string, port string) []string {
	all := map[string]string{
		"_LAMBDA_SERVER_PORT": port, "_SCF_SERVER_PORT": "28902",
		"SCF_RUNTIME": "Go1", "SCF_FUNCTIONNAME": "cos-credentials", "SCF_FUNCTIONVERSION": "$LATEST",
		"TENCENTCLOUD_RUNENV": "SCF", "TENCENTCLOUD_REGION": "ap-guangzhou", "TENCENTCLOUD_TZ": "UTC",
		"TENCENTCLOUD_APPID": "1250000000", "TENCENTCLOUD_UIN": "100000000001",
		"USER_CODE_ROOT": "/var/user/", "HOME": "/home/qcloud", "USER": "qcloud",
		"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "en_US.UTF8",
	}
	if v, ok := os.LookupEnv("SystemRoot"); ok { // Windows opens no socket without it
		all["SystemRoot"] = v
	}
	maps.Copy(all, env)
	var out []string
	for _, k := range slices.Sorted(maps.Keys(all)) {
		out = append(out, k+"="+all[k])
	}
	return out
}
