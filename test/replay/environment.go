package replay

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"cos-credentials/test/scf"
)

// environment is the usual one, changed as the case has it.
func (r *Runner) environment(c Case) (map[string]string, error) {
	env := map[string]string{
		"COS_BUCKET": "examplebucket-1250000000", "COS_REGION": "ap-guangzhou", "JWT_SECRET": r.keys.secret,
		"STS_SECRET_ID": r.account.SecretID, "STS_SECRET_KEY": r.account.SecretKey,
		"STS_HOST": r.host, "STS_SCHEME": "http",
		"STS_CACHE": "off", "LOGIN_RATE": "off", // each case is about a call of its own
	}
	if c.Access != "" {
		path, err := filepath.Abs(filepath.Join(c.dir, c.Access))
		if err != nil {
			return nil, err
		}
		env["ACCESS_FILE"] = path
	}
	m := r.minter(env)
	for name, v := range c.Env {
		if v == nil {
			delete(env, name)
			continue
		}
		text, err := m.text(*v)
		if err != nil {
			return nil, err
		}
		env[name] = text
	}
	return env, nil
}

func (r *Runner) minter(env map[string]string) minter {
	return minter{r.keys, func(name string) string { return env[name] }}
}

func (c Case) payload(m minter) ([]byte, error) {
	if c.Raw != nil {
		s, err := m.text(*c.Raw)
		return []byte(s), err
	}
	return m.event(c.Event)
}

// function finds the process that runs in env, or starts it.
func (r *Runner) function(ctx context.Context, env map[string]string, role bool) (*scf.Function, error) {
	key := fmt.Sprintf("%q %v", env, role) // what one invocation brought would stay for the next
	if f, ok := r.functions[key]; ok && !f.Exited() {
		return f, nil
	}
	f, err := scf.Start(ctx, r.binary, env)
	if err == nil {
		r.functions[key] = f
		r.started++
	}
	return f, err
}

// invocation is what the platform sends beside a case's event.
func (r *Runner) invocation(c Case, id string) scf.Invocation {
	in := scf.Invocation{RequestID: id, TimeLimit: time.Duration(c.Limit)}
	if c.Role {
		in.Environment = r.role.Environment()
	}
	return in
}
