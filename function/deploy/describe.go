package main

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cos-credentials/function/deploy/serverless"
	"cos-credentials/test/repo"
)

// deployerKey is the key that deploys. It is none of the function's business.
type deployerKey struct{ id, key, token string }

func (k deployerKey) isSet() bool { return k.id != "" && k.key != "" }

var errNoKey = errors.New("TENCENT_SECRET_ID and TENCENT_SECRET_KEY are not set: " +
	"put the deployer's key into .env or the environment")

// description is what is to be deployed: serverless.yml for one stage, filled in.
type description struct {
	*serverless.File
	key    deployerKey
	lookup func(string) (string, bool)
	unread []serverless.Problem // variables of .env that have no effect
	lent   string               // what a stage has that has no .env of its own; "" if it has one, or none was named
}

// ofTools are variables that .env may hold for the tools themselves.
var ofTools = []string{
	"TENCENT_SECRET_ID", "TENCENT_SECRET_KEY", "TENCENT_TOKEN", "SERVERLESS_PLATFORM_VENDOR", "SLS_TELEMETRY_DISABLED",
}

// describe reads serverless.yml and the .env files beside it.
func (s *session) describe(path, stage string) (*description, error) {
	if path == "" {
		root, err := repo.Root()
		if err != nil {
			return nil, err
		}
		path = filepath.Join(root, "serverless.yml")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	nothing := func(string) (string, bool) { return "", false }
	named := stage != ""
	stage = serverless.Read(text, stage, nothing).Stage
	env := serverless.Load(filepath.Dir(path), stage, s.env)
	d := &description{lookup: env.Lookup(s.env)}
	d.File = serverless.Read(text, stage, d.lookup)
	d.Problems = append(env.Problems, d.Problems...)
	isThere := func(name string) bool {
		_, err := os.Stat(filepath.Join(filepath.Dir(path), name))
		return !errors.Is(err, fs.ErrNotExist)
	}
	if own := ".env." + stage; named && isThere(".env") && !isThere(own) {
		d.lent = "stage " + stage + " has no " + own + ": its secret and its bucket are those of .env, " +
			"which other stages have too. Move there what is not to be shared"
	}
	if len(d.Unset) > 0 && !isThere(".env") {
		first := serverless.Problem{Place: ".env", Message: "is not there: cp .env.example .env, and fill it in"}
		d.Problems = slices.Insert(d.Problems, 0, first)
	}
	d.unread = env.Unread(append(d.Reads, ofTools...))
	d.key = deployerKey{d.value("TENCENT_SECRET_ID"), d.value("TENCENT_SECRET_KEY"), d.value("TENCENT_TOKEN")}
	return d, nil
}

func (d *description) value(name string) string {
	value, _ := d.lookup(name)
	return value
}

func (d *description) variables() map[string]string { return d.Inputs.Environment.Variables }

// has reports whether the function gets a variable.
func (d *description) has(name string) bool { return d.variables()[name] != "" }

func (d *description) namespace() string { return cmp.Or(d.Inputs.Namespace, "default") }

// url is the Function URL that the file asks for; the zero value if it asks for none.
func (d *description) url() (u serverless.HTTP) {
	for _, event := range d.Inputs.Events {
		if event.HTTP != nil {
			return *event.HTTP
		}
	}
	return u
}

// alias is what the Function URL opens: a name for a version, which deploying moves on and rollback moves back. Every
// function has $DEFAULT.
func (d *description) alias() string { return cmp.Or(d.url().Parameters.Qualifier, "$DEFAULT") }

// about reports whether a problem is about one of the fields, or of what is in them.
func about(p serverless.Problem, fields ...string) bool {
	for _, field := range fields {
		rest, below := strings.CutPrefix(p.Field, field)
		if below && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}
