package replay

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"cos-credentials/test/cam"
	"cos-credentials/test/cloud"
	"cos-credentials/test/scf"
)

// Runner holds what the cases of one run share: the STS, the secrets, and one function process for each environment.
type Runner struct {
	STS *cloud.STS

	binary    string
	host      string
	stopSTS   func()
	keys      *keys
	account   cloud.Key // of the sub-account
	role      cloud.Key // of the execution role
	functions map[string]*scf.Function
	count     int
	started   int
}

// idPrefix begins the request ids of a run.
const idPrefix = "replay-"

// RoleARN is the role that the local STS lets its caller assume.
const RoleARN = "qcs::cam::uin/100000000001:roleName/cos-uploader"

// NewRunner starts the STS. Functions start when a case needs them.
func NewRunner(binary string) (*Runner, error) {
	k, err := newKeys()
	if err != nil {
		return nil, err
	}
	r := &Runner{binary: binary, keys: k, functions: map[string]*scf.Function{}}
	r.account = cloud.Key{SecretID: "AKID" + random(16), SecretKey: random(16), AppID: "1250000000"}
	r.role = cloud.Key{SecretID: "AKID" + random(16), SecretKey: random(16), Token: random(32), AppID: r.account.AppID}
	r.STS = &cloud.STS{Keys: []cloud.Key{r.account, r.role}, Roles: []cloud.Role{{ARN: RoleARN}}}
	r.host, r.stopSTS, err = r.STS.Serve()
	return r, err
}

// Close stops everything that the runner started.
func (r *Runner) Close() {
	for _, f := range r.functions {
		f.Stop()
	}
	r.stopSTS()
}

// Started counts the processes so far: more than there are environments means that one ended before its time.
func (r *Runner) Started() int { return r.started }

// Outcome is what came of a case.
type Outcome struct {
	Case        Case
	Status      int
	Code        string // an error's codeDesc
	Opens       string // what the key opens, in one line
	Took        time.Duration
	Response    []byte   // the function's answer, with secrets in it: see Shorten
	Log         []string // what the function logged meanwhile
	Differences []Difference
}

// Difference is one thing that is not as the case, or the contract, has it.
type Difference struct {
	What, Want, Got string
	Lines           []string // instead of Want and Got: a long text, its lines marked - (expected) and + (got)
}

// OK reports whether the answer was the expected one.
func (o Outcome) OK() bool { return len(o.Differences) == 0 }

func (o *Outcome) differ(what, want, got string) {
	o.Differences = append(o.Differences, Difference{What: what, Want: want, Got: got})
}

// Run replays one case. The error is about the case, not about the answer.
func (r *Runner) Run(ctx context.Context, c Case) (Outcome, error) {
	o := Outcome{Case: c}
	env, err := r.environment(c)
	if err != nil {
		return o, fmt.Errorf("%s: env: %w", c.Name, err)
	}
	payload, err := c.payload(minter{r.keys, func(name string) string { return env[name] }})
	if err != nil {
		return o, fmt.Errorf("%s: %w", c.Name, err)
	}
	f, err := r.function(ctx, env, c.Role)
	if err != nil {
		return o, fmt.Errorf("%s: %w", c.Name, err)
	}
	r.STS.Play(func(cloud.Record) *cloud.Fault { return c.STS })
	defer r.STS.Play(nil)

	r.count++
	id := fmt.Sprintf("%s%04d", idPrefix, r.count)
	asked, logged := len(r.STS.Records()), len(f.Log.Lines())
	began := time.Now()
	answer, err := f.Invoke(ctx, payload, r.invocation(c, id))
	o.Took, o.Response = time.Since(began), answer
	if ctx.Err() != nil {
		return o, ctx.Err()
	}
	patience := 5 * time.Second
	if level := env["LOG_LEVEL"]; level == "warn" || level == "error" { // the line may never come
		patience = 250 * time.Millisecond
	}
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	f.Log.Wait(wait, id)
	lines := f.Log.Lines()
	if bytes.Contains(answer, []byte("Misconfigured")) {
		for _, line := range lines[:logged] {
			if !strings.Contains(line, idPrefix) { // said at start: what is wrong with the configuration
				o.Log = append(o.Log, line)
			}
		}
	}
	o.Log = append(o.Log, lines[logged:]...)
	if err != nil {
		o.differ("invocation", "an answer", err.Error())
		return o, nil
	}
	r.judge(&o, id, r.STS.Records()[asked:])
	return o, nil
}

// judge reads the answer and holds it to the contract and to the case.
func (r *Runner) judge(o *Outcome, id string, asked []cloud.Record) {
	answer, ok := o.read()
	if !ok {
		return
	}
	o.Status, o.Code = answer.StatusCode, answer.name()
	o.conform(answer, id)
	var grant cloud.Grant
	if answer.StatusCode == 200 {
		grant = o.open(r.STS, answer)
	}
	if o.Case.Answer != nil {
		o.compare(answer, grant, asked)
		o.compareLog(id)
	}
	for _, line := range o.Log {
		for _, secret := range []string{r.keys.secret, r.account.SecretKey, r.role.SecretKey, r.role.Token, grant.TmpSecretKey, answer.token()} {
			if secret != "" && strings.Contains(line, secret) {
				o.differ("log", "no secret in it", Shorten(line))
			}
		}
	}
}

// open reads what the answer's session token stands for, and holds the answer's key, or its form, to it.
func (o *Outcome) open(sts *cloud.STS, answer response) cloud.Grant {
	grant, err := sts.OpenToken(answer.token())
	if err != nil {
		o.differ("session token", "one that STS issued", err.Error())
		return grant
	}
	if f, ok := answer.form(); ok {
		o.openForm(f, grant, answer)
		return grant
	}
	if c := answer.success().Credentials; c.TmpSecretID != grant.TmpSecretID || c.TmpSecretKey != grant.TmpSecretKey {
		o.differ("key", "the one that the session token is for", "another")
	}
	if p, err := cam.Parse(grant.Policy); err == nil {
		o.Opens = p.Summary()
	}
	return grant
}
