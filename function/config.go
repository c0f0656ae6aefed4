package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"cos-credentials/function/credential"
	"cos-credentials/function/gateway"
	"cos-credentials/function/login"
	"cos-credentials/function/roots"
	"cos-credentials/policy"
	"cos-credentials/policy/strictyaml"
	"cos-credentials/policy/trust"
)

// environment reads the function's variables and gathers what is wrong with them. An empty variable counts as unset.
type environment struct {
	lookup   func(string) (string, bool)
	roots    *roots.System
	problems []string
	warnings []string
}

func (e *environment) problem(format string, args ...any) {
	e.problems = append(e.problems, fmt.Sprintf(format, args...))
}

func (e *environment) variable(name, otherwise string) string {
	if value, ok := e.lookup(name); ok && value != "" {
		return value
	}
	return otherwise
}

// newHandler reads the whole configuration. A mistake in it never ends the process, because all that the platform would
// then say is that nobody listens on a port. Each mistake is logged, and every request is answered with Misconfigured.
func newHandler(lookup func(string) (string, bool), readFile func(string) ([]byte, error), logTo io.Writer) *handler {
	e := &environment{lookup: lookup, roots: roots.New()}
	h := &handler{log: newLog(logTo, e.level())}
	var err error
	if h.cors, err = gateway.ParseCORS(e.variable("ALLOW_ORIGINS", "")); err != nil {
		e.problem("ALLOW_ORIGINS: %v", err)
	}
	if h.region = e.variable("STS_REGION", ""); h.region != "" && !policy.IsRegion(h.region) {
		e.problem("STS_REGION: it must be a region's name, as in ap-guangzhou")
	}
	h.keys = e.keys() // first: it dials STS while the access file is read
	h.access, h.tokens = e.access(readFile)
	for _, w := range e.warnings {
		h.log.Warn("configuration", "warning", w)
	}
	for _, p := range e.problems {
		h.log.Error("configuration", "problem", p)
	}
	h.broken = len(e.problems) > 0
	return h
}

func (e *environment) level() slog.Level {
	switch v := e.variable("LOG_LEVEL", "info"); v {
	case "debug":
		return slog.LevelDebug
	case "info":
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	default:
		e.problem("LOG_LEVEL: %q is not one of debug, info, warn, error", v)
	}
	return slog.LevelInfo
}

// keys prepares the caller of STS: with a permanent key if there is one, else with the execution role's.
func (e *environment) keys() credential.Issuer {
	id, key, role := e.variable("STS_SECRET_ID", ""), e.variable("STS_SECRET_KEY", ""), e.variable("STS_ROLE_ARN", "")
	external := e.variable("STS_EXTERNAL_ID", "")
	switch {
	case id != "" && key != "", id == "" && key == "" && role != "":
	case id != "" || key != "":
		e.problem("STS_SECRET_ID and STS_SECRET_KEY: one of the two is not set, and a key has both")
	default:
		e.problem("STS_SECRET_ID and STS_SECRET_KEY are not set, and neither is STS_ROLE_ARN: " +
			"give the function the key of a sub-account that may call sts:GetFederationToken, " +
			"or the role that its execution role may assume")
	}
	if role != "" && !isRole(role) {
		e.problem("STS_ROLE_ARN: it must look like qcs::cam::uin/100000000001:roleName/cos-uploader")
	}
	for _, name := range []string{"STS_SECRET_ID", "STS_SECRET_KEY"} {
		if v := e.variable(name, ""); v != strings.TrimSpace(v) {
			e.problem("%s: it begins or ends with white space, which no key of Tencent Cloud has: copy it again", name)
		}
	}
	host, scheme := e.endpoint()
	perSecond := e.loginRate()
	cached := e.variable("STS_CACHE", "on")
	if cached != "on" && cached != "off" {
		e.problem("STS_CACHE: it must be on or off")
	}
	if len(e.problems) > 0 {
		return nil // nobody is called with a configuration that is wrong
	}
	var issuer credential.Issuer
	if id != "" {
		issuer = credential.NewPermanentKey(credential.PermanentKey{
			SecretID:   id,
			SecretKey:  key,
			RoleARN:    role,
			ExternalID: external,
			Host:       host,
			Scheme:     scheme,
			DialTLS:    e.roots.Dialer(credential.DialTimeout),
		})
	} else {
		issuer = credential.NewExecutionRole(credential.ExecutionRole{
			RoleARN:    role,
			ExternalID: external,
			Host:       host,
			Scheme:     scheme,
			DialTLS:    e.roots.Dialer(credential.DialTimeout),
			Env:        e.lookup,
		})
	}
	if perSecond > 0 {
		issuer = credential.NewRate(issuer, perSecond)
	}
	issuer = credential.NewRetry(issuer)
	if cached == "on" {
		issuer = credential.NewCache(issuer)
	}
	return issuer
}

// isRole: qcs::cam::uin/100000000001:roleName/cos-uploader, or with the role's number, :role/4611686018427397919.
func isRole(arn string) bool {
	rest, known := strings.CutPrefix(arn, "qcs::cam::uin/")
	account, role, _ := strings.Cut(rest, ":role")
	_, name, _ := strings.Cut(role, "/")
	return known && account != "" && name != "" && !strings.ContainsFunc(arn, unicode.IsSpace)
}

// loginRate is how many calls of STS a second one user may cause; 0 for any.
func (e *environment) loginRate() int {
	text := e.variable("LOGIN_RATE", "5")
	if text == "off" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(n) != text || n < 1 || n > 1000 {
		e.problem("LOGIN_RATE: it must be off, or how many calls of STS a second, in digits, from 1 to 1000, as in 5")
	}
	return n
}

// endpoint is where STS is.
func (e *environment) endpoint() (host, scheme string) {
	host, scheme = e.variable("STS_HOST", "sts.tencentcloudapi.com"), e.variable("STS_SCHEME", "https")
	name, ok := hostname(host)
	if !ok {
		e.problem("STS_HOST: it must be a host's name, with a port if need be, and no scheme or path, " +
			"as in sts.internal.tencentcloudapi.com")
	}
	switch {
	case scheme == "https":
	case scheme != "http":
		e.problem("STS_SCHEME: it must be https, or http for a loopback STS_HOST")
	case ok && !login.IsLoopback(name):
		e.problem("STS_SCHEME: http is for a loopback STS_HOST only: the answer holds keys")
	}
	return host, scheme
}

// hostname reads host or host:port.
func hostname(hostport string) (string, bool) {
	u, err := url.Parse("https://" + hostport)
	if err != nil || u.Host != hostport || u.Hostname() == "" || u.User != nil {
		return "", false
	}
	return u.Hostname(), true
}

// access reads the access file and prepares the check of its issuers' tokens. A key that can't be used is reported at
// the line of its issuer.
func (e *environment) access(readFile func(string) ([]byte, error)) (*policy.Access, *login.Verifier) {
	revoked := e.revoked()
	src := policy.Source{Name: "policy/access.yaml", YAML: policy.DefaultFile, Env: e.lookup}
	if e.variable("STS_ROLE_ARN", "") != "" {
		src.MaxDuration = policy.MaxRoleDuration
	}
	if path := e.variable("ACCESS_FILE", ""); path != "" {
		file, err := readFile(path)
		if err != nil {
			e.problem("ACCESS_FILE: %v", err)
			return nil, nil
		}
		src.Name, src.YAML = path, file
	}
	access, err := policy.Load(src)
	var problems *strictyaml.Problems
	if errors.As(err, &problems) {
		for _, p := range problems.List {
			e.problem("%s", problems.Line(p))
		}
	}
	for _, w := range access.Warnings {
		e.warnings = append(e.warnings, (&strictyaml.Problems{File: src.Name}).Line(w))
	}
	if len(access.Issuers) == 0 {
		return nil, nil // and the file's problems say why
	}
	if err == nil { // else an issuer may be missing because something is wrong with it
		e.blockedIssuers(revoked, access)
	}
	tokens, err := login.New(access.Issuers, revoked, e.roots.Dialer(login.FetchTimeout))
	if err != nil {
		e.keyProblems(src.Name, access, err)
	}
	return access, tokens
}

// revoked reads which logins end before they expire.
func (e *environment) revoked() (out login.Revoked) {
	var err error
	if v := e.variable("TOKENS_NOT_BEFORE", ""); v != "" {
		if out.NotBefore, err = login.ParseNotBefore(v); err != nil {
			e.problem("TOKENS_NOT_BEFORE: %v", err)
		}
	}
	if v := e.variable("BLOCKED", ""); v != "" {
		if out.Blocked, err = login.ParseBlocked(v); err != nil {
			e.problem("BLOCKED: %v", err)
		}
	}
	return out
}

// blockedIssuers holds BLOCKED to issuers that exist: who is blocked at a misspelt one isn't blocked.
func (e *environment) blockedIssuers(revoked login.Revoked, access *policy.Access) {
	for _, b := range revoked.Blocked {
		named := func(i trust.Issuer) bool { return i.Name == b.Issuer }
		if b.Issuer != "" && !slices.ContainsFunc(access.Issuers, named) {
			e.problem("BLOCKED: %q is not the name of an issuer of the access file", b.Issuer)
		}
	}
}

// keyProblems reports what login.New found, one problem each.
func (e *environment) keyProblems(file string, access *policy.Access, err error) {
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, one := range all {
		place := file
		var wrong *login.ConfigError
		if errors.As(one, &wrong) {
			if at := slices.IndexFunc(access.Issuers, func(i trust.Issuer) bool { return i.Name == wrong.Issuer }); at >= 0 {
				place = fmt.Sprintf("%s:%d", file, access.Issuers[at].Line)
			}
		}
		e.problem("%s: %v", place, one)
	}
}
