package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cos-credentials/test/repo"
	"cos-credentials/test/scf"
)

// local runs a command line and returns its exit status and what it wrote.
func local(t *testing.T, args ...string) (status int, out, problems string) {
	t.Helper()
	var o, p bytes.Buffer
	status = run(t.Context(), args, &o, &p)
	return status, o.String(), p.String()
}

func TestCommandLine(t *testing.T) {
	for _, tt := range []struct {
		args   []string
		status int
		says   string
	}{
		{nil, 2, "Name a command."},
		{[]string{"help"}, 0, "replay [FILE…]"},
		{[]string{"play"}, 2, `There is no command "play"`},
		{[]string{"replay", "-h"}, 0, "${TOKEN sub=alice exp=+1h}"},
		{[]string{"replay", "no-such-file.json"}, 1, "no-such-file.json"},
		{[]string{"explain"}, 2, "explain needs --sub"},
		{[]string{"explain", "--expect", "a.yaml", "--claim", "x=y"}, 2, "--claim is not for --expect"},
		{[]string{"explain", "--expect", "a.yaml", "--issuer", "x"}, 2, "--issuer is not for --expect"},
		{[]string{"explain", "--sub", "a", "--diff", "a.yaml", "--key", "x"}, 2, "--key is not for --expect and --diff"},
		{[]string{"explain", "--sub", "a", "--claim", "x"}, 2, "name=text or name:=json"},
		{[]string{"explain", "--sub", "a", "--claim", "x:=]"}, 2, "no JSON value"},
		{[]string{"explain", "--sub", "a", "--issuer", "nobody", "--access", shipped}, 2, `no issuer "nobody": it has mini`},
		{[]string{"explain", "--sub", "a", "--access", "local_test.go"}, 1, "local_test.go:"},
		{[]string{"package", "x"}, 2, "too many arguments: the command takes none"},
		{[]string{"client", "x"}, 2, "too many arguments: the command takes none"},
		{[]string{"serve", "-h"}, 0, "Ctrl-C ends it all"},
		{[]string{"serve", "x"}, 2, "too many arguments: the command takes none"},
		{[]string{"serve", "--port", "65534"}, 2, "between 1 and 65533"},
		{[]string{"serve", "--env", "x"}, 2, "NAME=VALUE"},
		{[]string{"serve", "--port", "0", "--access", "no-such-file.yaml"}, 1, "no-such-file.yaml"},
	} {
		status, out, problems := local(t, tt.args...)
		if status != tt.status || !strings.Contains(out+problems, tt.says) {
			t.Errorf("%v: %d\n%s%s", tt.args, status, out, problems)
		}
	}
}

func TestReplay(t *testing.T) {
	t.Setenv("GOFLAGS", os.Getenv("GOFLAGS")+" "+scf.Shipped) // for events that name no access file
	dir := t.TempDir()
	event := `{"httpMethod":"GET","path":"/","headers":{"authorization":"Bearer ${TOKEN}"},"queryString":{}}`
	good := save(t, dir, "a-good.json", `{"about":"Fine.","event":`+event+`,"answer":{"status":200}}`)
	bad := save(t, dir, "a-bad.json", `{"about":"No.","event":`+event+`,"answer":{"status":403,"code":"NotEntitled"}}`)
	bare := save(t, dir, "bare.json", event)
	status, out, problems := local(t, "replay", "-v", good, bad, bare)
	for _, want := range []string{
		"✓ a-good  200", "upload, download users/alice/*", "· bare    200", "✗ a-bad: No.", "expected  403",
		"go by policy/access.yaml, built in (3).",
		"3 replayed, 1 as expected, 1 without an expected answer, 1 not as expected.", `"sessionToken"`, `{"time":`,
	} {
		if status != 1 || !strings.Contains(out, want) {
			t.Errorf("%d, no %q in\n%s%s", status, want, out, problems)
		}
	}
	if key := regexp.MustCompile(`tmpSecretKey\W+\w{7,}`).FindString(out); key != "" {
		t.Errorf("a secret is shown: %s", key)
	}
	unknown := save(t, dir, "unknown.json", strings.Replace(event, "${TOKEN}", "${TOKEN secret=wrong}", 1))
	status, out, problems = local(t, "replay", good, bare, unknown)
	if status != 0 || !strings.Contains(out, "the signature does not match") { // what happened is in the log only
		t.Errorf("%d\n%s%s", status, out, problems)
	}
}

// The package is the same wherever it is built: here, by the command itself, and in a copy of the repository.
func TestPackageIsReproducible(t *testing.T) {
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	// As a command: under the race detector, compressing takes this process half a minute.
	command := exec.CommandContext(t.Context(), "go", "run", "./test/local", "package", "-o", dir)
	command.Dir = root
	said, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	binary := read(t, filepath.Join(dir, "main"))
	zipped := read(t, filepath.Join(dir, "main.zip"))
	for _, content := range [][]byte{binary, zipped} {
		if sum := fmt.Sprintf("%x", sha256.Sum256(content)); !bytes.Contains(said, []byte(sum)) {
			t.Errorf("the command didn't say %s:\n%s", sum, said)
		}
	}
	entries, err := os.ReadDir(dir)
	info, statErr := os.Stat(filepath.Join(dir, "main"))
	if err != nil || len(entries) != 2 || statErr != nil || info.Mode()&0o111 != 0o111 {
		t.Errorf("more than the two files, or the platform could not start it: %v %v %v", entries, info, statErr)
	}
	if !bytes.HasPrefix(binary, []byte("\x7fELF\x02\x01")) || bytes.Contains(binary, []byte(root+"/")) {
		t.Error("the binary is not for 64-bit Linux, or it names the folder it was built in")
	}
	unzipped := unzip(t, zipped)
	if !bytes.Equal(unzipped, binary) {
		t.Error("the zip holds another binary")
	}

	duplicate := copied(t)
	t.Chdir(duplicate)
	if err := scf.Package(t.Context(), filepath.Join(duplicate, "main")); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read(t, "main"), binary) {
		t.Error("built in another folder, the binary differs")
	}
}

// copied is a copy of what the function is built from.
func copied(t *testing.T) (dir string) {
	t.Helper()
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for _, part := range []string{"function", "policy"} {
		if err := os.CopyFS(filepath.Join(dir, part), os.DirFS(filepath.Join(root, part))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		save(t, dir, file, string(read(t, filepath.Join(root, file))))
	}
	return dir
}

func TestZipIsReproducible(t *testing.T) {
	content := bytes.Repeat([]byte("function"), 1000)
	a, errA := scf.Zip(content)
	b, errB := scf.Zip(content)
	if errA != nil || errB != nil || !bytes.Equal(a, b) || !bytes.Equal(unzip(t, a), content) {
		t.Errorf("%x\n%x\n%v %v", a, b, errA, errB)
	}
}

// unzip takes main out of a package and holds the package to what the platform needs.
func unzip(t *testing.T, zipped []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(zipped), int64(len(zipped)))
	if err != nil || len(z.File) != 1 {
		t.Fatalf("%v, or not one file", err)
	}
	const unix = 3
	f := z.File[0]
	first := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	if f.Name != "main" || f.Mode() != 0o755 || f.CreatorVersion>>8 != unix || !f.Modified.Equal(first) {
		t.Errorf("%+v", f)
	}
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// save writes a file of dir and returns its path.
func save(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
