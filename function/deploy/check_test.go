package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cos-credentials/function/deploy/serverless"
	"cos-credentials/test/deploy"
)

// Every problem is reported, all at once, and nothing is called.
func TestProblems(t *testing.T) {
	set := func(pairs ...string) func(*account, map[string]string) {
		return func(_ *account, env map[string]string) {
			for i := 0; i < len(pairs); i += 2 {
				env[pairs[i]] = pairs[i+1]
			}
		}
	}
	edit := func(old, new string) func(*account, map[string]string) {
		return func(a *account, _ map[string]string) { a.edit(old, new) }
	}
	for _, tt := range []struct {
		name   string
		change func(a *account, env map[string]string)
		says   []string
	}{
		{"nothing is set", func(a *account, env map[string]string) { clear(env) }, []string{
			"inputs.region: COS_REGION is not set: put COS_REGION=… into .env",
			"JWT_SECRET is not set", "EXECUTION_ROLE is not set",
			"TENCENT_SECRET_ID and TENCENT_SECRET_KEY are not set",
		}},
		{"shapes", func(a *account, env map[string]string) {
			env["COS_BUCKET"], env["COS_REGION"], env["STS_ROLE_ARN"] = "bucket", "guangzhou", "a-role"
			env["JWT_SECRET"], env["ALLOW_ORIGINS"] = "short", "example.com"
		}, []string{
			"a bucket's full name, BucketName-APPID", "inputs.region: must be a region's name",
			"STS_ROLE_ARN: it must look like",
			"policy/access.yaml:", "shorter than the 32 bytes", "ALLOW_ORIGINS:",
		}},
		{"role and key", func(a *account, env map[string]string) {
			a.edit("# STS_SECRET_ID: $", "STS_SECRET_ID: $")
			a.edit("# STS_SECRET_KEY: $", "STS_SECRET_KEY: $")
			env["STS_SECRET_ID"], env["STS_SECRET_KEY"] = "id", "key"
		}, []string{"inputs.role: take it out"}},
		{"half a key", func(a *account, env map[string]string) {
			a.edit("# STS_SECRET_ID: $", "STS_SECRET_ID: $")
			env["STS_SECRET_ID"] = "id"
		}, []string{"one of the two is not set"}},
		{"a role's whole name", set("EXECUTION_ROLE", "qcs::cam::uin/100000000001:roleName/cos-credentials"), []string{
			"inputs.role: must be the execution role's name alone",
		}},
		{"no role", set("EXECUTION_ROLE", ""), []string{"inputs.role: is missing"}},
		{"neither", set("EXECUTION_ROLE", "", "STS_ROLE_ARN", ""), []string{
			"neither is STS_ROLE_ARN", "inputs.role: is missing",
		}},
		{"too large", func(a *account, env map[string]string) {
			env["ALLOW_ORIGINS"] = strings.TrimSuffix(strings.Repeat("https://pages.example.com,", 160), ",")
		}, []string{"more than the 4096 bytes"}},
		{"reserved names", func(a *account, env map[string]string) {
			a.edit("      COS_BUCKET:", "      TENCENTCLOUD_X: y\n      1st: z\n      COS_BUCKET:")
		}, []string{"TENCENTCLOUD_… is the platform's own", "variables.1st: a name is"}},
		{"a variable that nothing reads", set("LOG_LEVEL", "debug"), []string{
			".env: LOG_LEVEL: nothing reads it: mend its name, take the # away before its line",
		}},
		{"the environment says something else", func(a *account, _ map[string]string) {
			a.env["COS_BUCKET"] = "other-1"
		}, []string{
			"COS_BUCKET: is not what it is in .env",
		}},
		{"an unknown key", edit("memorySize: 128", "memory: 128"), []string{
			"field memory not found\n", "inputs.memorySize: must be 64",
		}},
		{"another trigger", edit("authType: NONE # the", "authType: CAM # the"), []string{
			"authType must be NONE",
		}},
		{"an access file", func(a *account, env map[string]string) {
			a.edit("# ACCESS_FILE: $", "ACCESS_FILE: $")
			env["ACCESS_FILE"] = "/var/user/access.yaml"
		}, []string{"the binary is all that is uploaded"}},
	} {
		a := newAccount(t)
		env := dotenv()
		tt.change(a, env)
		a.dotenv(".env", env)
		status, out, problems := a.run()
		for _, want := range tt.says {
			if status != 1 || !strings.Contains(problems, want) {
				t.Errorf("%s: %d, no %q in\n%s%s", tt.name, status, want, out, problems)
			}
		}
		if len(a.api.Records()) != 0 {
			t.Errorf("%s: SCF was called", tt.name)
		}
	}
}

// The first thing that is missing is said first.
func TestNoEnvFile(t *testing.T) {
	a := newAccount(t)
	if err := os.Remove(filepath.Join(a.dir, ".env")); err != nil {
		t.Fatal(err)
	}
	const first = "✗ .env: is not there: cp .env.example .env, and fill it in\n"
	if status, _, problems := a.run("--check"); status != 1 || !strings.HasPrefix(problems, "Building the function.\n"+first) {
		t.Errorf("%d\n%s", status, problems)
	}
	for name, value := range dotenv() { // whose values come from elsewhere needs no file
		a.env[name] = value
	}
	if status, _, problems := a.run("--check"); status != 0 {
		t.Errorf("%d\n%s", status, problems)
	}
}

func TestCheckStopsBeforeTheFirstCall(t *testing.T) {
	a := newAccount(t)
	env := dotenv()
	delete(env, "TENCENT_SECRET_ID") // checking needs no key
	delete(env, "TENCENT_SECRET_KEY")
	a.dotenv(".env", env)
	if status, _, problems := a.run("--check"); status != 0 || !strings.Contains(problems, "Everything holds") ||
		!strings.Contains(problems, "Only to deploy it: TENCENT_SECRET_ID and TENCENT_SECRET_KEY are not set") {
		t.Errorf("%d\n%s", status, problems)
	}
	if _, out, _ := a.run("--check", "--json"); out != `{"problems":[]}`+"\n" {
		t.Errorf("for a machine: %q", out)
	}
	env["COS_REGION"] = "guangzhou"
	a.dotenv(".env", env)
	if status, out, _ := a.run("--check", "--json"); status != 1 || !strings.Contains(out, "inputs.region") {
		t.Errorf("for a machine: %d %q", status, out)
	}
	if len(a.api.Records()) != 0 {
		t.Error("SCF was called")
	}
}

func TestCommandLine(t *testing.T) {
	for _, tt := range []struct {
		args   []string
		status int
		says   string // at the end, where a person looks
	}{
		{[]string{"help"}, 0, "COMMAND -h says more."},
		{[]string{"-h"}, 0, "smoke URL"},
		{[]string{"-h"}, 0, "-dry-run\n"},
		{[]string{"rollback", "-h"}, 0, "JWT_SECRET included"},
		{[]string{"fly"}, 2, `There is no command "fly".`},
		{[]string{"--fly"}, 2, "flag provided but not defined: -fly"},
		{[]string{"rollback", "x"}, 2, "too many arguments: the command takes none"},
		{[]string{"--endpoint", "https://scf.example.com"}, 2, "is for an address of this machine"},
		{[]string{"rollback", "--endpoint", "http://203.0.113.7"}, 2, "is for an address of this machine"},
		{[]string{"--file", "no-such-file.yml"}, 1, "no-such-file.yml"},
	} {
		var said strings.Builder
		none := func(string) (string, bool) { return "", false }
		status := run(t.Context(), &session{tt.args, none, strings.NewReader(""), &said, &said, shop})
		if status != tt.status || !strings.Contains(said.String(), tt.says) {
			t.Errorf("%v: %d\n%s", tt.args, status, said.String())
		}
		if status == 2 && !strings.Contains(lastLine(said.String()), tt.says) {
			t.Errorf("%v: the message is not the last line:\n%s", tt.args, said.String())
		}
	}
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// serverless.yml in the root holds, whoever wrote it, but for what the values of its variables decide: a problem is the
// file's own if it is there when all are set, and when none is.
func TestOwnDescription(t *testing.T) {
	text := read(t, "../../serverless.yml")
	problems := func(value string) (out []string) {
		d := &description{File: serverless.Read(text, "", func(string) (string, bool) { return value, true })}
		gateway := slices.ContainsFunc(d.Inputs.Events, func(e serverless.Event) bool { return e.APIGW != nil })
		for _, p := range append(d.Problems, d.check()...) {
			if !gateway || !about(p, "inputs.events") { // a gateway is for scf deploy, which has its own rules for it
				out = append(out, p.String())
			}
		}
		return out
	}
	ifSet := problems("ap-guangzhou") // a name, a role and a region may look like this
	always := slices.DeleteFunc(problems(""), func(p string) bool { return !slices.Contains(ifSet, p) })
	if len(always) > 0 {
		t.Errorf("serverless.yml can't be deployed. Mend what is named here, the first first, until this says that "+
			"everything holds: go run ./function/deploy --check\n%s", strings.Join(always, "\n"))
	}
}

// What people copy has a line for everything that serverless.yml reads, and for nothing else.
func TestExampleFile(t *testing.T) {
	if string(read(t, "../../serverless.yml")) != deploy.Shipped {
		t.Skip("serverless.yml is its user's own, who need not keep .env.example beside it")
	}
	a := newAccount(t)
	a.write(".env", string(read(t, "../../.env.example")))
	status, _, problems := a.run()
	for _, never := range []string{"nothing reads it", "into .env, or take this line out", ".env:"} {
		if status != 1 || strings.Contains(problems, never) {
			t.Errorf("%d\n%s", status, problems)
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
