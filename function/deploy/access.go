package main

import (
	"fmt"
	"slices"
	"strings"

	"cos-credentials/policy"
	"cos-credentials/policy/trust"
)

// access reads policy/access.yaml with the variables that the function has.
func (d *description) access() (*policy.Access, error) {
	source := policy.Source{Name: "policy/access.yaml", YAML: policy.DefaultFile}
	source.Env = func(name string) (string, bool) {
		if value, ok := d.variables()[name]; ok {
			return value, true
		}
		return d.lookup(name)
	}
	if d.hasRole() {
		source.MaxDuration = policy.MaxRoleDuration
	}
	return policy.Load(source)
}

// unsealed says which grants' answers can be read in SCF's log.
func unsealed(access *policy.Access) (remarks []string) {
	var grants []string
	for _, g := range access.Grants {
		if !g.SealedOnly {
			grants = append(grants, g.Name)
		}
	}
	if grants == nil {
		return nil
	}
	return []string{"SCF writes what a function returns into its log, keys too, and answers of " +
		strings.Join(grants, ", ") + " may be in clear. Once your front ends seal them, as function/client does, " +
		"add sealedOnly: true to each grant"}
}

func (d *description) hasRole() bool { return d.variables()["STS_ROLE_ARN"] != "" }

// issuerNamed finds an issuer of the access file that is fit; "" is the first of them.
func issuerNamed(access *policy.Access, name string, fit func(trust.Issuer) bool) (trust.Issuer, error) {
	var names []string
	for _, i := range access.Issuers {
		if fit(i) {
			names = append(names, i.Name)
		}
	}
	at := slices.IndexFunc(access.Issuers, func(i trust.Issuer) bool {
		return fit(i) && (name == "" || i.Name == name)
	})
	if at < 0 {
		return trust.Issuer{}, fmt.Errorf("no issuer %sof policy/access.yaml is fit for this; there are: %s",
			strings.TrimPrefix(name+" ", " "), strings.Join(names, ", "))
	}
	return access.Issuers[at], nil
}
