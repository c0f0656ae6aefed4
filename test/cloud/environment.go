package cloud

import (
	"cmp"
	"crypto/rand"
	_ "embed"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"cos-credentials/policy"
)

//go:embed access.yaml
var accessFile []byte

// environment reads the access file and returns the variables that it needs, and what it says. A variable comes from
// Options.Env, from this process's environment, or from what the local cloud knows.
func (s *Local) environment() (map[string]string, *policy.Access, error) {
	name, text := "test/cloud/access.yaml", accessFile
	if s.options.Access != "" {
		name = s.options.Access
		var err error
		if text, err = os.ReadFile(name); err != nil {
			return nil, nil, err
		}
	}
	usual := map[string]string{
		"COS_BUCKET": "examplebucket-1250000000", "COS_REGION": "ap-guangzhou",
		"LOCAL_ISSUER": s.login.address, "JWT_SECRET": s.secret,
	}
	env := map[string]string{}
	lookup := func(name string) (string, bool) {
		v := cmp.Or(s.options.Env[name], os.Getenv(name), usual[name])
		if v != "" {
			env[name] = v // what the file asked for, and no more of this process's environment
		}
		return v, v != ""
	}
	source := policy.Source{Name: name, YAML: text, Env: lookup}
	if s.options.Env["STS_ROLE_ARN"] != "" {
		source.MaxDuration = policy.MaxRoleDuration
	}
	access, err := policy.Load(source)
	if err != nil {
		return nil, nil, err
	}
	first := access.Grants[0]
	for _, g := range access.Grants {
		if g.Bucket != first.Bucket || g.Region != first.Region {
			return nil, nil, fmt.Errorf("%s: grants %s and %s are for two buckets: the local COS is one bucket",
				name, first.Name, g.Name)
		}
	}
	// The text that was checked: an instance may start at any time, and the file may be half saved then.
	env["ACCESS_FILE"] = filepath.Join(s.dir, rand.Text()+".yaml")
	return env, access, os.WriteFile(env["ACCESS_FILE"], text, 0o600)
}

// withCloud adds what ties the function to this local cloud.
func (s *Local) withCloud(env map[string]string) map[string]string {
	maps.Copy(env, map[string]string{
		"STS_SECRET_ID": s.account.SecretID, "STS_SECRET_KEY": s.account.SecretKey,
		"STS_HOST": s.STSHost, "STS_SCHEME": "http",
	})
	maps.Copy(env, s.options.Env)
	env["ALLOW_ORIGINS"] = s.origins()
	return env
}

// origins are those of the page, and whatever else is asked for. A list, as in the cloud: who forgets an origin there
// should have met that here.
func (s *Local) origins() string {
	more := s.options.Env["ALLOW_ORIGINS"]
	if more == "*" {
		return more
	}
	own := strings.TrimSuffix(s.Page, "/")
	list := []string{own, strings.Replace(own, "127.0.0.1", "localhost", 1)}
	if more != "" {
		list = append(list, more)
	}
	return strings.Join(list, ",")
}
