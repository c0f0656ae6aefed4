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
	"cos-credentials/test/repo"
)

// served is the real command, running.
type served struct {
	cloud.Addresses
	cmd      *exec.Cmd
	problems *bufio.Scanner // its stderr
	shown    strings.Builder
	temp     string // its TMPDIR
}

// wait reads what the command shows up to a line with text.
func (s *served) wait(t *testing.T, text string) {
	t.Helper()
	late := time.AfterFunc(5*time.Minute, func() { s.cmd.Process.Kill() })
	defer late.Stop()
	for s.problems.Scan() {
		fmt.Fprintln(&s.shown, s.problems.Text())
		if strings.Contains(s.problems.Text(), text) {
			return
		}
	}
	t.Fatalf("no %q in\n%s", text, s.shown.String())
}

// asCommand makes this test's binary the command itself.
const asCommand = "TEST_LOCAL_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// onlyGo is a PATH with go in it and nothing else: no test here brings packages from npm.
func onlyGo(t *testing.T) string {
	t.Helper()
	golang, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(golang, filepath.Join(bin, "go")); err != nil {
		t.Skip(err)
	}
	return bin
}

// serve starts the command in dir and waits until it is ready.
func serve(t *testing.T, dir string, args ...string) *served {
	t.Helper()
	s := &served{temp: t.TempDir()}
	s.cmd = exec.CommandContext(t.Context(), os.Args[0], append([]string{"serve", "--port", "0", "--json"}, args...)...)
	s.cmd.Dir = dir
	s.cmd.Env = append(os.Environ(), asCommand+"=1", "TMPDIR="+s.temp, "PATH="+onlyGo(t))
	problems, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.problems = bufio.NewScanner(problems)
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(first, &s.Addresses)
	}
	if err != nil {
		said, _ := io.ReadAll(problems)
		t.Fatalf("%v, %q\n%s", err, first, said)
	}
	return s
}

// interrupt is Ctrl-C.
func (s *served) interrupt(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for s.problems.Scan() {
		fmt.Fprintln(&s.shown, s.problems.Text())
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, s.shown.String())
	}
	if left, err := os.ReadDir(s.temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func get(t *testing.T, url string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

func TestServeEndsCleanly(t *testing.T) {
	t.Parallel()
	s := serve(t, ".")
	for _, address := range []string{s.Page, s.Gateway, "http://" + s.COSHost, "http://" + s.STSHost} {
		if !strings.HasPrefix(address, "http://127.0.0.1:") {
			t.Errorf("%q is not on 127.0.0.1", address)
		}
	}
	if answer, text := get(t, s.Credentials); answer.StatusCode != 401 {
		t.Errorf("%d %s", answer.StatusCode, text)
	}
	s.wait(t, "TokenMissing") // the request shows
	children := children(t, s.cmd.Process.Pid)
	s.interrupt(t)
	for _, pid := range children {
		if _, err := os.Stat("/proc/" + pid); err == nil {
			t.Errorf("process %s is still there", pid)
		}
	}
	for _, address := range []string{s.Page, s.Gateway, "http://" + s.COSHost, "http://" + s.STSHost} {
		if conn, err := net.Dial("tcp", strings.Trim(strings.TrimPrefix(address, "http://"), "/")); err == nil {
			conn.Close()
			t.Errorf("%s still listens", address)
		}
	}
}

// children are the processes that pid started, by what Linux says of them.
func children(t *testing.T, pid int) (out []string) {
	t.Helper()
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		stat, _ := os.ReadFile(path)
		_, after, _ := strings.Cut(string(stat), ") ") // pid (name) state parent …
		if words := strings.Fields(after); len(words) > 1 && words[1] == strconv.Itoa(pid) {
			out = append(out, filepath.Base(filepath.Dir(path)))
		}
	}
	if stats != nil && len(out) == 0 {
		t.Error("no function runs")
	}
	return out
}

// The function is rebuilt when its source changes, and the access file is read again. Whatever is wrong, the one that
// ran runs on. There is no npm here either, and that is said.
func TestServeFollowsChanges(t *testing.T) {
	t.Parallel()
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir := copied(t)
	save := func(path, text string) { save(t, dir, path, text) }
	access := string(read(t, filepath.Join(root, "test/cloud/access.yaml")))
	save("access.yaml", access)
	s := serve(t, dir, "--access", "access.yaml")
	s.wait(t, "there is no npm here: install Node.js")
	if answer, text := get(t, s.Page+"cos-js-sdk-v5.min.js"); answer.StatusCode != 404 || !strings.Contains(text, "npm ci") {
		t.Errorf("%d %s", answer.StatusCode, text)
	}

	source := string(read(t, filepath.Join(dir, "function/gateway/request.go")))
	const before, after = "Log in first:", "Here is the door:"
	says := func(want string) {
		t.Helper()
		if _, text := get(t, s.Credentials); !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	says(before)
	save("function/gateway/request.go", "no Go")
	s.wait(t, "the function doesn't build")
	s.wait(t, "request.go:1:1")
	s.wait(t, "runs on as it was")
	says(before)
	save("function/gateway/request.go", strings.ReplaceAll(source, before, after))
	s.wait(t, "has taken over")
	says(after)

	save("access.yaml", strings.ReplaceAll(access, "users/{sub}/*", "users/{sub}*"))
	s.wait(t, "access.yaml:")
	s.wait(t, "runs on as it was")
	says(after)
	save("access.yaml", strings.ReplaceAll(access, "${COS_BUCKET}", "another-1250000000"))
	s.wait(t, "names another bucket")
	save("access.yaml", access+"\n")
	s.wait(t, "has taken over")
	says(after)
	s.interrupt(t)
}

// A script that kills `go run` has killed everything.
func TestServeEndsWithGoRun(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.CommandContext(t.Context(), "go", "run", ".", "serve", "--port", "0", "--json")
	cmd.Env = append(os.Environ(), "TMPDIR="+temp, "GOTMPDIR="+t.TempDir(), "PATH="+onlyGo(t))
	cmd.Stdout = in
	err = cmd.Start()
	in.Close()
	if err != nil {
		t.Fatal(err)
	}
	all := bufio.NewReader(out)
	if _, err := all.ReadBytes('\n'); err != nil {
		t.Fatal(err)
	}
	serving := children(t, cmd.Process.Pid)
	cmd.Process.Kill()
	cmd.Wait()
	out.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := all.ReadByte(); err != io.EOF { // which comes when the last process that could write there has ended
		t.Errorf("it runs on without go run: %v", err)
		for _, pid := range serving {
			exec.Command("kill", pid).Run()
		}
		return
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestServePortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	status, out, problems := local(t, "serve", "--port", strconv.Itoa(port))
	for _, want := range []string{fmt.Sprintf("port %d, which the page needs, is in use", port), "another --port", "--port 0"} {
		if status != 2 || out != "" || !strings.Contains(problems, want) {
			t.Errorf("%d, no %q in\n%s%s", status, want, out, problems)
		}
	}
}

func TestGreeting(t *testing.T) {
	text := greeting(cloud.Addresses{
		Page: "http://127.0.0.1:1/", Login: "http://127.0.0.1:1/login", Credentials: "http://127.0.0.1:2/credentials",
		COSHost: "127.0.0.1:3", Bucket: "b-1", Region: "ap-x",
	})
	for _, want := range []string{
		"Open http://127.0.0.1:1/\n", "curl -s http://127.0.0.1:1/login -d", "curl -s http://127.0.0.1:2/credentials -H",
		"{ Domain: '127.0.0.1:3', Protocol: 'http:',", "{ Domain: 'http://127.0.0.1:3',", "bucket b-1 in ap-x",
	} {
		if !strings.Contains(text, want) || strings.Contains(text, "%!") {
			t.Errorf("no %q in %s", want, text)
		}
	}
}
