package policy

import (
	"errors"
	"strings"
	"testing"
)

// Only the templates of one bucket are compared, whatever the region says: a bucket's name has its account in it.
func TestMeetingsAreOfOneBucket(t *testing.T) {
	file := func(bucket, region string) string {
		return `
issuers: [{name: a, issuer: a, audiences: [x], secret: "${SECRET}"}]
grants:
  - {name: g, bucket: a-1, region: ap-guangzhou, allowPrefixes: ["{sub}/*"], allowActions: [upload]}
  - {name: h, bucket: ` + bucket + `, region: ` + region + `, allowPrefixes: ["{nick}/*"], allowActions: [upload]}
`
	}
	if _, problems := load(t, file("b-1", "ap-guangzhou")); problems != nil {
		t.Error(problems)
	}
	if _, problems := load(t, file("a-1", "ap-shanghai")); len(problems) != 1 || !strings.HasPrefix(problems[0], "5: grants[1].allowPrefixes[0]: ") {
		t.Error(problems)
	}
}

// The reason is for the operator's log, and names what to look at.
func TestFillSaysWhy(t *testing.T) {
	access, problems := load(t, `
issuers: [{name: a, issuer: a, audiences: [x], secret: "${SECRET}"}]
grants: [{name: g, bucket: b-1, region: ap-guangzhou, allowPrefixes: ["${DIR}/{tenant}/*"], allowActions: [upload]}]
`)
	if problems != nil {
		t.Fatal(problems)
	}
	_, err := access.Entitle(Identity{Issuer: "a", Claims: map[string]any{"tenant": "top/secret"}}, "", "")
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Kind != IdentityNotUsable ||
		refusal.Reason != "the claim tenant, which prefix ${DIR}/{tenant}/* needs, can't stand in a prefix unencoded: a character after the first is none of letters, digits and ._@-; {claim|base64url} takes any string" {
		t.Errorf("%v", err)
	}
}
