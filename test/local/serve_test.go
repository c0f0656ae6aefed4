package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cos-credentials/test/cloud"
)

// asCommand makes this test's binary the command itself.
const asCommand = "TEST_LOCAL_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// served is the real command, running.
type served struct {
	cloud.Addresses
	*exec.Cmd
	out      *os.File // its stdout
	problems *bufio.Scanner
	temp     string // its TMPDIR
}

// serve starts the command in dir and waits until it is ready. Its PATH has go and nothing else: no test here brings
// packages from npm.
func serve(t *testing.T, dir string, command ...string) *served {
	t.Helper()
	golang, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(golang, filepath.Join(bin, "go")); err != nil {
		t.Skip(err)
	}
	s := &served{temp: t.TempDir()}
	s.Cmd = exec.CommandContext(t.Context(), command[0], command[1:]...)
	s.Dir = dir
	s.Env = append(os.Environ(), asCommand+"=1", "TMPDIR="+s.temp, "GOTMPDIR="+t.TempDir(), "PATH="+bin)
	problems, err := s.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.problems = bufio.NewScanner(problems)
	var in *os.File
	if s.out, in, err = os.Pipe(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.out.Close() })
	s.Stdout = in
	err = s.Start()
	in.Close()
	if err != nil {
		t.Fatal(err)
	}
	first, err := bufio.NewReader(s.out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(first, &s.Addresses)
	}
	if err != nil {
		said, _ := io.ReadAll(problems)
		t.Fatalf("%v, %q\n%s", err, first, said)
	}
	return s
}

// wait reads what the command shows up to a line with text.
func (s *served) wait(t *testing.T, text string) {
	t.Helper()
	late := time.AfterFunc(5*time.Minute, func() { s.Process.Kill() })
	defer late.Stop()
	var shown strings.Builder
	for s.problems.Scan() {
		fmt.Fprintln(&shown, s.problems.Text())
		if strings.Contains(s.problems.Text(), text) {
			return
		}
	}
	t.Fatalf("no %q in\n%s", text, shown.String())
}

// endsCleanly expects that no process and no file is left. The pipe ends when the last process that could write there
// has ended.
func (s *served) endsCleanly(t *testing.T) {
	t.Helper()
	s.out.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := s.out.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("it runs on: %v", err)
	}
	for _, address := range []string{s.Page, s.Gateway, "http://" + s.COSHost, "http://" + s.STSHost} {
		if !strings.HasPrefix(address, "http://127.0.0.1:") {
			t.Errorf("%s is not on 127.0.0.1", address)
		}
	}
	if left, err := os.ReadDir(s.temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// The function is rebuilt when its source changes, and the access file is read again. Whatever is wrong, the one that
// ran runs on. There is no npm here either, and that is said.
func TestServe(t *testing.T) {
	t.Parallel()
	dir := copied(t)
	access := string(read(t, "../cloud/access.yaml"))
	save(t, dir, "access.yaml", access)
	s := serve(t, dir, os.Args[0], "serve", "--port", "0", "--json", "--access", "access.yaml")
	s.wait(t, "there is no npm here: install Node.js")

	says := func(want string) {
		t.Helper()
		answer, err := http.Get(s.Credentials)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if text, _ := io.ReadAll(answer.Body); !strings.Contains(string(text), want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	const file, before, after = "function/gateway/request.go", "Log in first:", "Here is the door:"
	source := string(read(t, filepath.Join(dir, file)))
	says(before)
	s.wait(t, "TokenMissing") // the request shows
	save(t, dir, file, "no Go")
	s.wait(t, "request.go:1:1")
	s.wait(t, "runs on as it was")
	says(before)
	save(t, dir, file, strings.ReplaceAll(source, before, after))
	s.wait(t, "has taken over")
	says(after)

	save(t, dir, "access.yaml", strings.ReplaceAll(access, "users/{sub}/*", "users/{sub}*"))
	s.wait(t, "access.yaml:")
	s.wait(t, "runs on as it was")
	says(after)
	save(t, dir, "access.yaml", strings.ReplaceAll(access, "${COS_BUCKET}", "another-1250000000"))
	s.wait(t, "names another bucket")
	save(t, dir, "access.yaml", access+"\n")
	s.wait(t, "has taken over")
	says(after)

	if err := s.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	s.wait(t, "Stopped.")
	if err := s.Wait(); err != nil {
		t.Error(err)
	}
	s.endsCleanly(t)
}

// A script that kills `go run` has killed everything.
func TestServeEndsWithGoRun(t *testing.T) {
	t.Parallel()
	s := serve(t, ".", "go", "run", ".", "serve", "--port", "0", "--json")
	s.Process.Kill()
	s.endsCleanly(t)
	s.Wait()
}

func TestServePortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	status, _, problems := local(t, "serve", "--port", port)
	if status != 1 || !strings.Contains(problems, "the page can't have port "+port) ||
		!strings.Contains(problems, "Choose another with --port, or --port 0 for any free ones") {
		t.Errorf("%d %s", status, problems)
	}
}
