package stack

import (
	"crypto/rand"
	_ "embed"
	"encoding/hex"
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
func (s *Stack) environment() (map[string]string, *policy.Access, error) {
	path := filepath.Join(s.dir, "access.yaml")
	if s.options.Access != "" {
		var err error
		if path, err = filepath.Abs(s.options.Access); err != nil {
			return nil, nil, err
		}
	} else if err := os.WriteFile(path, accessFile, 0o600); err != nil {
		return nil, nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	usual := map[string]string{
		"COS_BUCKET": "examplebucket-1250000000", "COS_REGION": "ap-guangzhou",
		"LOCAL_ISSUER": s.login.issuer, "JWT_SECRET": s.secret,
	}
	env := map[string]string{"ACCESS_FILE": path}
	lookup := func(name string) (string, bool) {
		v, ok := s.options.Env[name]
		if !ok || v == "" {
			v, ok = os.LookupEnv(name)
		}
		if !ok || v == "" {
			v, ok = usual[name]
		}
		if ok {
			env[name] = v // what the file asked for, and no more of this process's environment
		}
		return v, ok
	}
	source := policy.Source{Name: path, YAML: text, Env: lookup}
	if s.options.Env["STS_ROLE_ARN"] != "" {
		source.MaxDuration = policy.MaxRoleDuration
	}
	access, err := policy.Load(source)
	if err != nil {
		return nil, nil, err
	}
	for _, g := range access.Grants {
		if first := access.Grants[0]; g.Bucket != first.Bucket || g.Region != first.Region {
			return nil, nil, fmt.Errorf("%s: grant %s is for bucket %s in %s, and grant %s for another: the local COS is one bucket", path, first.Name, first.Bucket, first.Region, g.Name)
		}
	}
	return env, access, nil
}

// withCloud adds what ties the function to this local cloud.
func (s *Stack) withCloud(env map[string]string) map[string]string {
	maps.Copy(env, map[string]string{
		"STS_SECRET_ID": s.account.SecretID, "STS_SECRET_KEY": s.account.SecretKey,
		"STS_HOST": s.STSHost, "STS_SCHEME": "http",
		// Any front end on this machine may call, whatever its port: the function takes exact origins or *, and * never
		// lets a browser send cookies along. In the cloud, name your origins.
		"ALLOW_ORIGINS": "*",
	})
	maps.Copy(env, s.options.Env)
	return env
}

// appID is the end of BucketName-APPID.
func appID(bucket string) string { return bucket[strings.LastIndexByte(bucket, '-')+1:] }

func random(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return hex.EncodeToString(b)
}
