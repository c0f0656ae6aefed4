package main

import (
	"errors"
	"fmt"
	"slices"

	"cos-credentials/function/login"
	"cos-credentials/policy"
	"cos-credentials/policy/strictyaml"
	"cos-credentials/policy/trust"
)

// access reads the access file and prepares the check of its issuers' tokens. A key that can't be used is reported at
// the line of its issuer.
func (e *environment) access(readFile func(string) ([]byte, error)) (*policy.Access, *login.Verifier) {
	revoked, wrong := login.ReadRevoked(e.lookup)
	for _, err := range wrong {
		e.problem("%v", err)
	}
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
