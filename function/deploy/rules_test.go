package main

import (
	"strings"
	"testing"
)

// Each rule by itself is broken by one change of serverless.yml, and by nothing else.
func TestEveryRuleOfADescription(t *testing.T) {
	changes := []struct{ old, new, says string }{
		{"component: scf", "component: website", "component: must be scf"},
		{"${name}-${stage}", "1-${stage}", "a function's name has"},
		{"Temporary COS keys", "Temporary keys; COS", "SCF takes letters"},
		{"runtime: Go1", "runtime: CustomRuntime", "this is an event function"},
		{"region: ${env:COS_REGION}", "region: ap-guangzhou-3", "must be a region's name"},
		{"memorySize: 128", "memorySize: 100", "must be 64"},
		{"timeout: 10", "timeout: 2", "must lie between 3 and 900"},
		{"publicAccess: true", "publicAccess: false", "asked over the internet"},
		{"# cls:\n  #   logsetId: ${env:CLS_LOGSET_ID}", "cls: {logsetId: x}", "needs both"},
		{"    - http:\n", "    - apigw: {}\n    - http:\n", "makes one Function URL"},
		{"authType: NONE # the", "authType: CAM # the", "authType must be NONE"},
		{"enableExtranet: true", "enableExtranet: false", "enableExtranet must be true"},
		{"qualifier: $DEFAULT", "qualifier: $LATEST", "qualifier must be"},
		{"${env:ALLOW_ORIGINS}", strings.Repeat("x", 4096), "more than the 4096 bytes"},
		{"# STS_SECRET_ID: ${env:STS_SECRET_ID}", "STS_SECRET_ID: x", "inputs.role: take it out"},
		{"  role: ${env:EXECUTION_ROLE}", "", "inputs.role: is missing"},
		{"${env:EXECUTION_ROLE}", "qcs::cam::uin/100000000001:roleName/cos-credentials", "the execution role's name alone"},
		{"# STS_SCHEME: ${env:STS_SCHEME}", "STS_SCHEME: http", "for tests on one machine"},
		{"# ACCESS_FILE: ${env:ACCESS_FILE}", "ACCESS_FILE: x", "the binary is all"},
	}
	broken := map[string]bool{}
	for _, tt := range changes {
		a := newAccount(t)
		a.edit(tt.old, tt.new)
		d, err := (&session{env: func(string) (string, bool) { return "", false }}).describe(a.args[3], "")
		if err != nil {
			t.Fatal(err)
		}
		if found := d.check(); len(found) != 1 || len(d.Problems) > 0 || !strings.Contains(found[0].String(), tt.says) {
			t.Errorf("%s: %v %v", tt.says, found, d.Problems)
		} else {
			broken[found[0].Message] = true
		}
	}
	for _, r := range rules {
		if !broken[r.message] {
			t.Errorf("nothing breaks the rule of %s: %s", r.field, r.message)
		}
	}
}
