package main

import (
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cos-credentials/policy"
	"cos-credentials/policy/strictyaml"
	"cos-credentials/policy/trust"
)

// access reads policy/access.yaml with the variables that the function has.
func (d *description) access() (*policy.Access, error) { return d.read(d.variable) }

// rights reads it for what its grants open. Issuers' secrets and keys say nothing of that, and who has to know it at
// night may not have them: where nothing else is wrong, others stand in for those that are not set.
func (d *description) rights() (*policy.Access, error) {
	access, err := d.access()
	var problems *strictyaml.Problems
	if !errors.As(err, &problems) || slices.ContainsFunc(problems.List, func(p strictyaml.Problem) bool {
		return !keyField.MatchString(p.Field)
	}) {
		return access, err
	}
	return d.read(func(name string) (string, bool) {
		if value, _ := d.variable(name); value != "" {
			return value, true
		}
		digest := sha512.Sum512([]byte(name))
		return hex.EncodeToString(digest[:]), true // long enough as text, base64 and hex
	})
}

// keyField tells the fields by which tokens are verified.
var keyField = regexp.MustCompile(`^issuers\[\d+\]\.(secret|publicKey|jwks)\b`)

func (d *description) variable(name string) (string, bool) {
	if value, ok := d.variables()[name]; ok {
		return value, true
	}
	return d.lookup(name)
}

func (d *description) read(env func(string) (string, bool)) (*policy.Access, error) {
	source := policy.Source{Name: "policy/access.yaml", YAML: policy.DefaultFile, Env: env}
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
