package replay

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"cos-credentials/test/cam"
	"cos-credentials/test/scf"
	"cos-credentials/test/sts"
)

// Runner holds what the cases of one run share: the STS, the secrets, and one function process for each environment.
type Runner struct {
	STS *sts.STS

	binary    string
	host      string
	stopSTS   func()
	keys      keys
	account   sts.Key // of the sub-account
	role      sts.Key // of the execution role
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
	r.account = sts.NewKey("1250000000")
	r.role = sts.NewKey(r.account.AppID)
	r.role.Token = rand.Text()
	r.STS = &sts.STS{Keys: []sts.Key{r.account, r.role}, Roles: []sts.Role{{ARN: RoleARN}}}
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
	Sealed      bool   // whether the answer was, which was opened then
	Opens       string // what the key opens, in one line
	Took        time.Duration
	Response    []byte   // the function's answer, with secrets in it: see Shorten
	Log         []string // what the function logged meanwhile
	Differences []Difference

	began, ended time.Time // of minting the token, and of the call
}

// OK reports whether the answer was the expected one.
func (o Outcome) OK() bool { return len(o.Differences) == 0 }

// Run replays one case. The error is about the case, not about the answer.
func (r *Runner) Run(ctx context.Context, c Case) (Outcome, error) {
	o := Outcome{Case: c, began: time.Now()}
	env, payload, err := r.prepare(c)
	if err != nil {
		return o, fmt.Errorf("%s: %w", c.Name, err)
	}
	f, err := r.function(ctx, env, c.Role)
	if err != nil {
		return o, fmt.Errorf("%s: %w", c.Name, err)
	}
	r.STS.Play(func(sts.Record) *sts.Fault { return c.STS })
	defer r.STS.Play(nil)

	r.count++
	id := fmt.Sprintf("%s%04d", idPrefix, r.count)
	in := scf.Invocation{RequestID: id, TimeLimit: time.Duration(c.Limit)}
	if c.Role {
		in.Environment = r.role.Environment()
	}
	asked, logged := len(r.STS.Records()), len(f.Log.Lines())
	sent := time.Now()
	o.Response, err = f.Invoke(ctx, payload, in)
	o.ended = time.Now()
	o.Took = o.ended.Sub(sent)
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
	misconfigured := bytes.Contains(o.Response, []byte("Misconfigured"))
	for i, line := range f.Log.Lines() { // what was wrong at the start may be of interest now
		if i >= logged || misconfigured && !strings.Contains(line, idPrefix) {
			o.Log = append(o.Log, line)
		}
	}
	if err != nil {
		o.expect(false, "invocation", "an answer", err.Error())
		return o, nil
	}
	r.judge(&o, id, r.STS.Records()[asked:])
	return o, nil
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

// judge reads the answer as a gateway would, and holds it to the contract and to the case.
func (r *Runner) judge(o *Outcome, id string, asked []sts.Record) {
	var answer response
	if !o.reads(string(o.Response), &answer, "answer", "an integrated response (statusCode, headers, body)") {
		return
	}
	o.Status, o.Code = answer.StatusCode, answer.name()
	o.unseal(&answer, id)
	o.conform(answer, id)
	var grant sts.Grant
	if answer.StatusCode == 200 {
		grant = o.open(r.STS, answer)
	}
	if o.Case.Answer != nil {
		o.compare(answer, grant, id, asked)
	}
	secrets := []string{
		r.keys.secret, r.account.SecretKey, r.role.SecretKey, r.role.Token, grant.TmpSecretKey, answer.token(),
	}
	for _, line := range o.Log {
		for _, secret := range secrets {
			o.expect(secret == "" || !strings.Contains(line, secret), "log", "no secret in it", line)
		}
	}
}

// open reads what the answer's session token stands for, and holds the answer's key, form or links to it.
func (o *Outcome) open(service *sts.STS, answer response) sts.Grant {
	grant, err := service.OpenToken(answer.token())
	if err != nil {
		o.expect(false, "session token", "one that STS issued", err.Error())
		return grant
	}
	if f, ok := answer.form(); ok {
		o.openForm(f, grant, answer)
		return grant
	}
	if p, err := cam.Parse(grant.Policy); err == nil {
		o.Opens = summary(p, grant.Policy)
	}
	if l, ok := answer.links(); ok {
		o.openLinks(l, grant, answer.Body)
		return grant
	}
	key := answer.success().Credentials
	o.expect(key.TmpSecretID == grant.TmpSecretID && key.TmpSecretKey == grant.TmpSecretKey,
		"key", "the one that the session token is for", "another")
	return grant
}
