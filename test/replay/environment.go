package replay

import "path/filepath"

// prepare makes the usual environment, changed as the case has it, and what the function gets in it.
func (r *Runner) prepare(c Case) (env map[string]string, payload []byte, err error) {
	env = map[string]string{
		"COS_BUCKET": "examplebucket-1250000000", "COS_REGION": "ap-guangzhou", "JWT_SECRET": r.keys.secret,
		"STS_SECRET_ID": r.account.SecretID, "STS_SECRET_KEY": r.account.SecretKey,
		"STS_HOST": r.host, "STS_SCHEME": "http",
		"STS_CACHE": "off", "LOGIN_RATE": "off", // each case is about a call of its own
	}
	if c.Access != "" {
		if env["ACCESS_FILE"], err = filepath.Abs(filepath.Join(c.dir, c.Access)); err != nil {
			return nil, nil, err
		}
	}
	m := minter{r.keys, env}
	for name, v := range c.Env {
		if v == nil {
			delete(env, name)
		} else if env[name], err = m.text(*v); err != nil {
			return nil, nil, err
		}
	}
	if c.Raw != nil {
		text, err := m.text(*c.Raw)
		return env, []byte(text), err
	}
	payload, err = m.event(c.Event)
	return env, payload, err
}
