package test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cos-credentials/test/cloud"
	"cos-credentials/test/cos"
	"cos-credentials/test/sts"
)

// The vendor's JavaScript SDKs, as people run them, against the whole local cloud and the real function: each script in
// clients/ goes all the way, and ends at the first difference. Each has a cloud of its own.

func TestNodeSDK(t *testing.T) {
	t.Parallel()
	runClient(t, newCloud(t), "cos-nodejs-sdk-v5.mjs")
}

func TestNodeSDKBeyondItsPrefix(t *testing.T) {
	t.Parallel()
	runScript(t, newOffice(t), "rights.mjs")
}

func TestMiniProgramSDK(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	runClient(t, c, "cos-wx-sdk-v5.mjs")
	c.used(t, "PostObject") // what a small upload of a Mini Program is, unless it is told otherwise
}

func TestBrowserSDK(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	runClient(t, c, "cos-js-sdk-v5.mjs", chromium(t))
	c.used(t, "PostObject") // by the HTML forms
}

// TestPage uses the local cloud's page as people do. Most of its time is real: a function hangs, and a login ends.
func TestPage(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	runScript(t, c, "visit.mjs", chromium(t))
	c.nothingInClear(t)
}

// TestExamplesOfTheDocuments runs each of them as it stands.
func TestExamplesOfTheDocuments(t *testing.T) {
	t.Parallel()
	runScript(t, newCloud(t), "docs.mjs", chromium(t))
}

// TestCallsOfThePage counts how often a page asks the function.
func TestCallsOfThePage(t *testing.T) {
	t.Parallel()
	runScript(t, newCloud(t), "calls.mjs", chromium(t))
}

func TestAnswersInClear(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	runScript(t, c, "plain.mjs")
	if !strings.Contains(c.returned.text(), "tmpSecretKey") {
		t.Error("the recording of what the function returns has no key in it, and the answers were in clear")
	}
}

// localCloud is a running local cloud, and the same COS as it will be in two hours.
type localCloud struct {
	*cloud.Local
	lateHost  string
	httpsPort string // of a server that plays the hosts of the cloud
	httpPort  string // of the same without TLS
	origin    string // that a page of one's own may have
	log       string // the file of what went on
	returned  *recording
}

// newCloud starts one. Its COS takes its time with parts of objects that are called slow.bin.
func newCloud(t *testing.T) *localCloud {
	t.Helper()
	return newCloudOf(t, "")
}

// newCloudOf starts one with an access file; the local cloud's own if the name is empty.
func newCloudOf(t *testing.T, access string) *localCloud {
	t.Helper()
	output, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	returned, origin := &recording{}, "http://localhost:"+freePort(t)
	s, err := cloud.Start(t.Context(), cloud.Options{
		Binary: binary, Env: map[string]string{"ALLOW_ORIGINS": origin}, Access: access, Log: output, Returned: returned.add,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); output.Close() })
	late, stop, err := s.COS.At(func() time.Time { return time.Now().Add(2 * time.Hour) }).Serve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	s.COS.Play(func(r cos.Record) *sts.Fault {
		if r.Action == "name/cos:UploadPart" && strings.HasSuffix(r.Key, "/slow.bin") {
			return &sts.Fault{Delay: sts.Duration(1500 * time.Millisecond)}
		}
		return nil
	})
	https, plain := playHosts(t, s)
	return &localCloud{s, late, https, plain, origin, output.Name(), returned}
}

// runClient runs a script, and holds what the function returned and COS's records against what it believes.
func runClient(t *testing.T, c *localCloud, script string, env ...string) {
	t.Helper()
	runScript(t, c, script, env...)
	c.nothingInClear(t)
	c.oneFolderEach(t)
	c.logCosts(t)
}

// bundle writes function/client/dist, the client in one file, once.
var bundle = sync.OnceValue(func() error {
	cmd := exec.Command("node", "bundle.mjs")
	cmd.Dir = filepath.Join("..", "function", "client")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("node bundle.mjs: %w\n%s", err, said)
	}
	return nil
})

// runScript runs a script of clients/ with the cloud's addresses in its environment, and shows what it says.
func runScript(t *testing.T, c *localCloud, script string, env ...string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		missing(t, "the JavaScript SDKs are not tested: install Node.js (Debian: apt-get install nodejs npm)")
	}
	for _, folder := range []string{"test/clients", "function/client"} {
		if _, err := os.Stat(filepath.Join("..", folder, "node_modules", ".package-lock.json")); err != nil {
			missing(t, "the JavaScript SDKs are not tested: install them with npm ci --prefix "+folder)
		}
	}
	if err := bundle(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, filepath.Join("clients", script))
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(os.Environ(), append(env,
		"LOGIN_URL="+c.Login, "CREDENTIALS_URL="+c.Credentials, "PAGE_URL="+c.Page, "HTTPS_PORT="+c.httpsPort, "HTTP_PORT="+c.httpPort,
		"OWN_ORIGIN="+c.origin,
		"COS_HOST="+c.COSHost, "COS_LATE_HOST="+c.lateHost, "BUCKET="+c.Bucket, "REGION="+c.Region)...)
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s\nthe last that went on:\n%s", script, err, said, c.last())
	}
	t.Logf("%s\n%s", script, said)
}

// missing skips a test for want of a program, and says which; in CI nothing is skipped.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// oneFolderEach holds the COS's own records against what the scripts believe: no key ever succeeded in two users' folders.
func (c *localCloud) oneFolderEach(t *testing.T) {
	t.Helper()
	owner := map[string]string{} // by key id
	refused := 0
	for _, r := range c.COS.Records() {
		parts := strings.SplitN(r.Key, "/", 3)
		switch {
		case r.Status == 403:
			refused++
		case r.SecretID == "" || r.Status >= 400 || len(parts) < 3:
		case owner[r.SecretID] == "":
			owner[r.SecretID] = parts[1]
		case owner[r.SecretID] != parts[1]:
			t.Errorf("a key of %s did %s of %s", owner[r.SecretID], r.Action, r.Key)
		}
	}
	if len(owner) < 4 || refused < 30 {
		t.Errorf("%d keys were used and %d requests refused: the script did less than it says", len(owner), refused)
	}
}

// logCosts logs what keys cost the function: in scope mode SDKs ask for many.
func (c *localCloud) logCosts(t *testing.T) {
	t.Helper()
	text, _ := os.ReadFile(c.log)
	ms := map[bool][]float64{} // by whether STS was spared
	for line := range strings.Lines(string(text)) {
		var request struct {
			Status int
			Cached bool
			MS     float64
		}
		if json.Unmarshal([]byte(line), &request) == nil && request.Status == 200 {
			ms[request.Cached] = append(ms[request.Cached], request.MS)
		}
	}
	for cached, all := range ms {
		slices.Sort(all)
		t.Logf("%d calls for credentials, kept keys %v: median %.1f ms, longest %.1f ms",
			len(all), cached, all[len(all)/2], all[len(all)-1])
	}
}

// used fails unless the action went well at least once.
func (c *localCloud) used(t *testing.T, action string) {
	t.Helper()
	for _, r := range c.COS.Records() {
		if r.Action == "name/cos:"+action && r.Status < 300 {
			return
		}
	}
	t.Errorf("%s was not used", action)
}

// last is what went on in the cloud lately, for the message of a failure.
func (c *localCloud) last() string {
	text, _ := os.ReadFile(c.log)
	return string(text[max(0, len(text)-2000):])
}

// chromium is the variable with Chromium's path: where CHROMIUM says, or by the names that systems give it.
func chromium(t *testing.T) string {
	t.Helper()
	names := []string{"/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
	if path := os.Getenv("CHROMIUM"); path != "" {
		names = []string{path}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return "CHROMIUM=" + path
		}
	}
	missing(t, "cos-js-sdk-v5 and the page are not tested: install Chromium (Debian: apt-get install chromium), or say in CHROMIUM where it is")
	return ""
}
