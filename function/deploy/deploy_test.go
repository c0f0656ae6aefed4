package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cos-credentials/policy"
	"cos-credentials/test/deploy"
	"cos-credentials/test/repo"
	"cos-credentials/test/scf"
	"cos-credentials/test/scfapi"
)

// shop is the workshop of all tests: the function is built once, and a smaller program is uploaded.
var shop = &workshop{}

// shippedFile is what the tests go by: policy/access.yaml is its user's to change.
const shippedFile = "../../events/access/shipped.yaml"

func TestMain(m *testing.M) {
	var err error
	if policy.DefaultFile, err = os.ReadFile(shippedFile); err != nil {
		panic(err)
	}
	if shop.zip, err = scf.Zip([]byte("a program")); err != nil {
		panic(err)
	}
	os.Exit(scf.RunWith(&shop.here, m.Run))
}

// The command by itself builds what `package` builds, uploads that, and ends as it says.
func TestAsACommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if said, err := command("./test/local", "package", "-o", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	zip, err := os.ReadFile(filepath.Join(dir, "main.zip"))
	if err != nil {
		t.Fatal(err)
	}
	a := newAccount(t)
	line := append([]string{"./function/deploy"}, a.args...)
	said, err := command(line...).CombinedOutput()
	if err != nil || !bytes.Equal(a.function().Latest.Code, zip) {
		t.Errorf("%v\n%s", err, said)
	}
	a.dotenv(".env", nil)
	said, err = command(line...).CombinedOutput()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.ExitCode() != 1 {
		t.Errorf("%v\n%s", err, said)
	}
}

// command is one of the repository's own, as people run it.
func command(args ...string) *exec.Cmd {
	root, err := repo.Root()
	if err != nil {
		panic(err)
	}
	c := exec.Command("go", append([]string{"run"}, args...)...)
	c.Dir = root
	c.Env = append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" "+scf.Shipped) // for what it builds, too
	return c
}

// account is an account of the cloud and a folder to deploy from.
type account struct {
	t    *testing.T
	api  *scfapi.API
	dir  string
	env  map[string]string // the environment, which files come on top of
	args []string          // of every command
}

const (
	jwtSecret   = "jwt-secret-that-nobody-may-see-0123456789"
	deployerSec = "deployer-secret-that-nobody-may-see"
	arn         = "qcs::cam::uin/100000000001:roleName/cos-uploader"
)

// dotenv is a complete .env.
func dotenv() map[string]string {
	return map[string]string{
		"COS_BUCKET": "examplebucket-1250000000", "COS_REGION": "ap-guangzhou", "JWT_SECRET": jwtSecret,
		"EXECUTION_ROLE": "function-role", "STS_ROLE_ARN": arn, "ALLOW_ORIGINS": "",
		"TENCENT_SECRET_ID": "AKIDdeployer", "TENCENT_SECRET_KEY": deployerSec,
	}
}

func newAccount(t *testing.T) *account {
	a := &account{t: t, dir: t.TempDir(), env: map[string]string{}}
	a.api = &scfapi.API{
		SecretID: "AKIDdeployer", SecretKey: deployerSec, Roles: []string{"function-role", "other-role"},
		Takes: 20 * time.Millisecond,
	}
	address, stop, err := a.api.Serve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	a.args = []string{"--endpoint", address, "--file", filepath.Join(a.dir, "serverless.yml")}
	a.write("serverless.yml", deploy.Shipped) // the one in the root is its user's to change
	a.dotenv(".env", dotenv())
	return a
}

func (a *account) write(name, text string) {
	a.t.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, name), []byte(text), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

// edit changes serverless.yml, which must hold what is replaced.
func (a *account) edit(old, new string) {
	a.t.Helper()
	text, err := os.ReadFile(filepath.Join(a.dir, "serverless.yml"))
	if err != nil || !strings.Contains(string(text), old) {
		a.t.Fatalf("no %q in serverless.yml: %v", old, err)
	}
	a.write("serverless.yml", strings.Replace(string(text), old, new, 1))
}

func (a *account) dotenv(name string, values map[string]string) {
	var out strings.Builder
	for _, key := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&out, "%s='%s'\n", key, values[key])
	}
	a.write(name, out.String())
}

// run runs a command line. Whatever it says holds no secret.
func (a *account) run(args ...string) (status int, out, problems string) {
	a.t.Helper()
	return a.runIn(a.t.Context(), args...)
}

// runPlain runs a command that calls no SCF.
func (a *account) runPlain(args ...string) (status int, out, problems string) {
	a.t.Helper()
	plain := *a
	plain.args = a.args[2:]
	return plain.run(args...)
}

func (a *account) runIn(ctx context.Context, args ...string) (status int, out, problems string) {
	a.t.Helper()
	var o, p bytes.Buffer
	lookup := func(name string) (string, bool) { v, ok := a.env[name]; return v, ok }
	status = run(ctx, &session{append(args, a.args...), lookup, strings.NewReader(""), &o, &p, shop})
	for _, secret := range []string{jwtSecret, deployerSec, "AKIDdeployer"} {
		if strings.Contains(o.String()+p.String(), secret) {
			a.t.Errorf("%v says %s:\n%s%s", args, secret, o.String(), p.String())
		}
	}
	return status, o.String(), p.String()
}

// deploy deploys and returns the result; it must work.
func (a *account) deploy(args ...string) (r result) {
	a.t.Helper()
	status, out, problems := a.run(append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), &r); status != 0 || err != nil {
		a.t.Fatalf("%d %v\n%s%s", status, err, out, problems)
	}
	return r
}

func (a *account) function() *scfapi.Function {
	a.t.Helper()
	f := a.api.Function("cos-credentials-dev")
	if f == nil {
		a.t.Fatal("there is no function")
	}
	return f
}

// calls are the actions since a number of records, but for those that only read.
func (a *account) calls(since int) (out []string) {
	for _, r := range a.api.Records()[since:] {
		if !reads(r.Action) {
			out = append(out, r.Action)
		}
	}
	return out
}

var firstCalls = []string{
	"CreateFunction", "UpdateFunctionConfiguration", "PublishVersion", "UpdateAlias", "CreateTrigger",
}

func TestDeploy(t *testing.T) {
	a := newAccount(t)
	r := a.deploy()
	if got := a.calls(0); !slices.Equal(got, firstCalls) {
		t.Errorf("calls: %v", got)
	}
	f := a.function()
	want := map[string]string{
		"COS_BUCKET": "examplebucket-1250000000", "COS_REGION": "ap-guangzhou",
		"JWT_SECRET": jwtSecret, "STS_ROLE_ARN": arn,
	}
	v := f.Latest
	if !maps.Equal(v.Environment, want) || v.Role != "function-role" || v.Memory != 128 || v.Timeout != 10 || !v.Quiet {
		t.Errorf("%+v", v.Environment)
	}
	if !bytes.Equal(v.Code, shop.zip) || len(f.Versions) != 1 || f.Aliases["$DEFAULT"] != "1" || r.Version != "1" {
		t.Errorf("versions %d, aliases %v, version %s", len(f.Versions), f.Aliases, r.Version)
	}
	opened := f.Triggers["url-default"]
	if r.URL == "" || opened.Qualifier != "$DEFAULT" || !strings.Contains(opened.Desc, "NONE") {
		t.Errorf("%q %+v", r.URL, f.Triggers)
	}

	before := len(a.api.Records())
	if again := a.deploy(); len(again.Changed) != 0 || again.URL != r.URL || again.Version != "1" {
		t.Errorf("nothing was to be done: %+v", again)
	}
	if got := a.calls(before); got != nil {
		t.Errorf("nothing was to be done, and %v was called", got)
	}
	if _, out, _ := a.run(); !strings.Contains(out, "Nothing had to be changed.") || !strings.Contains(out, r.URL) {
		t.Errorf("for a person: %s", out)
	}
}

func TestChangesGoOutAndBack(t *testing.T) {
	a := newAccount(t)
	a.deploy()
	a.edit("memorySize: 128", "memorySize: 256")
	env := dotenv()
	env["ALLOW_ORIGINS"], env["JWT_SECRET"] = "https://www.example.com", strings.ToUpper(jwtSecret)
	a.dotenv(".env", env)
	r := a.deploy()
	for _, want := range []string{
		"memory: 128 → 256", "ALLOW_ORIGINS: set", "JWT_SECRET: changed", "$DEFAULT: version 1 → 2",
	} {
		if !slices.Contains(r.Changed, want) {
			t.Errorf("no %q in %q", want, r.Changed)
		}
	}
	if strings.Contains(fmt.Sprint(r), strings.ToUpper(jwtSecret)) {
		t.Error("the result holds a secret")
	}

	status, out, problems := a.run("rollback")
	if f := a.function(); status != 0 || f.Aliases["$DEFAULT"] != "1" || !strings.Contains(out, "version 2 → 1") {
		t.Errorf("%d %v\n%s%s", status, f.Aliases, out, problems)
	}
	if status, _, problems := a.run("rollback"); status != 1 || !strings.Contains(problems, "nothing to go to") {
		t.Errorf("before the first version: %d %s", status, problems)
	}
	before := len(a.api.Records())
	if r := a.deploy(); r.Version != "2" || !slices.Equal(a.calls(before), []string{"UpdateAlias"}) {
		t.Errorf("forward again: version %s by %v", r.Version, a.calls(before))
	}
	if status, _, problems := a.run("rollback", "--to", "1"); status != 0 || a.function().Aliases["$DEFAULT"] != "1" {
		t.Errorf("%d %s", status, problems)
	}
	if status, _, _ := a.run("rollback", "--to", "7"); status != 1 {
		t.Error("went to a version that there isn't")
	}
}

// What is taken out of the description is taken from the function.
func TestRoleIsTakenOut(t *testing.T) {
	a := newAccount(t)
	a.deploy()
	a.edit("  role: ${env:EXECUTION_ROLE}\n", "")
	a.edit("      STS_ROLE_ARN: ${env:STS_ROLE_ARN}\n", "")
	a.edit("# STS_SECRET_ID: $", "STS_SECRET_ID: $")
	a.edit("# STS_SECRET_KEY: $", "STS_SECRET_KEY: $")
	env := dotenv()
	delete(env, "EXECUTION_ROLE")
	delete(env, "STS_ROLE_ARN")
	env["STS_SECRET_ID"], env["STS_SECRET_KEY"] = "AKIDsubaccount", "key-of-the-sub-account"
	a.dotenv(".env", env)
	r := a.deploy()
	f := a.function()
	if v := f.Versions[1]; v.Role != "" || v.Environment["STS_ROLE_ARN"] != "" || v.Environment["STS_SECRET_ID"] == "" {
		t.Errorf("role %q, %v", v.Role, slices.Sorted(maps.Keys(v.Environment)))
	}
	for _, want := range []string{"role: function-role → none", "STS_ROLE_ARN: taken out"} {
		if !slices.Contains(r.Changed, want) {
			t.Errorf("no %q in %q", want, r.Changed)
		}
	}
}

// A log topic of one's own is set, and one that SCF chose is left alone.
func TestLogTopic(t *testing.T) {
	a := newAccount(t)
	a.deploy()
	if got := a.function().Latest.CLS[1]; got != "topic-of-scf" {
		t.Errorf("the log goes to %q", got)
	}
	for _, line := range []string{"cls:", "  logsetId: $", "  topicId: $"} {
		a.edit("  # "+line, "  "+line)
	}
	env := dotenv()
	env["CLS_LOGSET_ID"], env["CLS_TOPIC_ID"] = "logset-1", "topic-1"
	a.dotenv(".env", env)
	if r := a.deploy(); !slices.Contains(r.Changed, "log topic: topic-of-scf → topic-1") {
		t.Errorf("%q", r.Changed)
	}
}

func TestTwoStages(t *testing.T) {
	a := newAccount(t)
	env := dotenv()
	delete(env, "JWT_SECRET")
	a.dotenv(".env", env)
	a.dotenv(".env.dev", map[string]string{"JWT_SECRET": jwtSecret})
	a.dotenv(".env.prod", map[string]string{"JWT_SECRET": strings.Repeat("prod", 10)})
	a.deploy()
	a.deploy("--stage", "prod")
	dev, prod := a.api.Function("cos-credentials-dev"), a.api.Function("cos-credentials-prod")
	if dev.Latest.Environment["JWT_SECRET"] != jwtSecret || prod.Latest.Environment["JWT_SECRET"] == jwtSecret {
		t.Error("the stages' secrets are mixed up")
	}

	a.dotenv(".env", dotenv())
	for stage, lent := range map[string]bool{"test": true, "dev": false} {
		_, _, problems := a.run("--stage", stage, "--check")
		if strings.Contains(problems, "Note: stage "+stage+" has no .env."+stage) != lent {
			t.Errorf("stage %s: %s", stage, problems)
		}
	}

	a.dotenv(".env", env)
	a.dotenv(".env.prod", map[string]string{"JWT_SECRET": strings.Repeat("prod", 10), "COS_BUCKET": "other-1250000000"})
	status, _, problems := a.run("--stage", "prod", "--check")
	if status != 1 || !strings.Contains(problems, ".env.prod:1: COS_BUCKET: is not what it is in .env") {
		t.Errorf("two files disagree: %d\n%s", status, problems)
	}
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		name, says string
		change     func(*account)
	}{
		{"wrong key", "Look at TENCENT_SECRET_ID", func(a *account) { a.api.SecretKey = "another" }},
		{"no such role", "CAM knows no execution role", func(a *account) { a.api.Roles = nil }},
		{"a message that quotes a secret", "[JWT_SECRET]", func(a *account) {
			a.api.Play(func(scfapi.Record) *scfapi.Fault {
				return &scfapi.Fault{Code: "FailedOperation", Message: "can't set " + jwtSecret}
			})
		}},
		{"a role that stays", "role: function-role → other-role", func(a *account) {
			a.deploy()
			env := dotenv()
			env["EXECUTION_ROLE"] = "other-role"
			a.dotenv(".env", env)
			a.api.Play(func(r scfapi.Record) *scfapi.Fault { // under the lock: nobody else looks
				if r.Action == "GetFunction" {
					a.api.Locked("cos-credentials-dev").Latest.Role = "function-role"
				}
				return nil
			})
		}},
	} {
		a := newAccount(t)
		tt.change(a)
		if status, out, problems := a.run(); status != 1 || !strings.Contains(problems, tt.says) {
			t.Errorf("%s: %d\n%s%s", tt.name, status, out, problems)
		}
	}
}

// A URL that somebody opened otherwise is closed again, and what else opens the function is told.
func TestFunctionURLIsHeldToTheDescription(t *testing.T) {
	a := newAccount(t)
	a.deploy()
	f := a.function()
	f.Triggers["url-default"].Desc = `{"AuthType":"NONE","NetConfig":{"EnableExtranet":true,"EnableIntranet":false},` +
		`"CorsConfig":{"Enable":true,"Origins":["*"]}}`
	f.Triggers["other"] = &scfapi.Trigger{Name: "other", Qualifier: "$LATEST", Desc: "{}"}
	r := a.deploy()
	if strings.Contains(f.Triggers["url-default"].Desc, "CorsConfig") || len(r.Changed) != 1 {
		t.Errorf("%q %s", r.Changed, f.Triggers["url-default"].Desc)
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "trigger other (http) opens $LATEST") {
		t.Errorf("%q", r.Notes)
	}
}

func TestAnAliasOfItsOwn(t *testing.T) {
	a := newAccount(t)
	a.edit("qualifier: $DEFAULT", "qualifier: live")
	a.deploy()
	if f := a.function(); f.Aliases["live"] != "1" || f.Triggers["url-live"].Qualifier != "live" {
		t.Errorf("%v", f.Aliases)
	}
}

func TestDryRun(t *testing.T) {
	a := newAccount(t)
	status, out, problems := a.run("--dry-run")
	if status != 0 || a.calls(0) != nil {
		t.Errorf("%d, calls %v\n%s", status, a.calls(0), problems)
	}
	at := -1
	for _, action := range firstCalls {
		next := strings.Index(out, action+" {")
		if next <= at {
			t.Errorf("%s is missing, or comes too early:\n%s", action, out)
		}
		at = next
	}
	for _, want := range []string{"[hidden]", "bytes in base64]", "examplebucket-1250000000", `"IgnoreSysLog": true`} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s:\n%s", want, out)
		}
	}
	if got := a.dryCalls(); !slices.Equal(got, firstCalls) {
		t.Errorf("for a machine: %v", got)
	}
	a.deploy()
	if got := a.dryCalls(); got != nil {
		t.Errorf("nothing is to be done, and %v is shown", got)
	}
	a.grow(128)
	before := len(a.api.Records())
	got := a.dryCalls()
	if a.calls(before) != nil {
		t.Errorf("calls %v", a.calls(before))
	}
	before = len(a.api.Records())
	if a.deploy(); !slices.Equal(got, a.calls(before)) {
		t.Errorf("%v is shown, and %v is done", got, a.calls(before))
	}
}

// dryCalls are the actions that a dry run shows to a machine.
func (a *account) dryCalls() (actions []string) {
	a.t.Helper()
	_, out, _ := a.run("--dry-run", "--json")
	for line := range strings.Lines(out) {
		var call struct {
			Action     string
			Parameters object
		}
		if err := json.Unmarshal([]byte(line), &call); err != nil || call.Parameters["FunctionName"] == nil {
			a.t.Errorf("%v in %s", err, line)
		}
		actions = append(actions, call.Action)
	}
	return actions
}

// A redirect is not followed: what is sent is for SCF.
func TestRedirect(t *testing.T) {
	followed := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	a := newAccount(t)
	a.args[1] = server.URL
	status, _, problems := a.run()
	if status != 1 || followed || !strings.Contains(problems, "SCF answered with a redirect") {
		t.Errorf("%d, followed: %v\n%s", status, followed, problems)
	}
}
