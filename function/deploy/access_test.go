package main

import (
	"strings"
	"testing"

	"cos-credentials/policy"
)

// Whoever deploys hears which answers can be read in SCF's log.
func TestUnsealedGrantsAreNamed(t *testing.T) {
	const begin = `
issuers: [{name: shop, issuer: shop, audiences: [a], algorithms: [HS256], secret: at-least-thirty-two-bytes-of-secret}]
grants:
`
	const grant = `
  - {name: NAME, bucket: b-1250000000, region: ap-guangzhou, allowPrefixes: ["NAME/{sub}/*"], allowActions: [list], `
	of := func(name, more string) string { return strings.ReplaceAll(grant, "NAME", name) + more + "}" }
	for file, want := range map[string]string{
		of("mine", "sealedOnly: true"):                            "",
		of("mine", "sealedOnly: true") + of("ours", "keys: true"): "answers of ours may",
		of("mine", "keys: true") + of("ours", "keys: true"):       "answers of mine, ours may",
	} {
		access, err := policy.Load(policy.Source{Name: "access.yaml", YAML: []byte(begin + file)})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(unsealed(access), ""); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q, want %q, of%s", got, want, file)
		}
	}
}
