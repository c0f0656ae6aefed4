package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cos-credentials/policy"
)

// Which actions go with which limit is written twice, as a table for the loader and as lists for editors. Both say
// the same of every action that either knows, and of one that neither does: beside each limit, alone and beside an
// upload, in a grant's own list and in a rule.
func TestSchemaKnowsTheTableOfLimits(t *testing.T) {
	raw, s := schema(t)
	names := append(policy.ActionNames(), policy.Presets()...)
	names = append(names, texts(at(t, raw, "$defs/action/anyOf/7/enum"))...)
	names = append(names, "name/cos:PutObjectThing")
	slices.Sort(names)
	names = slices.Compact(names)
	limits := []string{
		"limitToLogin: true", "maxBytes: 1000", "contentTypes: [image/*]", "objectAcl: private", "objectAcl: any",
		"storageClasses: [STANDARD]", "overwrite: false", "overwrite: true",
	}
	for _, field := range policy.LimitFields() {
		if !slices.ContainsFunc(limits, func(limit string) bool { return strings.HasPrefix(limit, field+": ") }) {
			t.Errorf("%s is not tried", field)
		}
	}
	accepted, refused := 0, 0
	for _, limit := range limits {
		for _, name := range names {
			actions := fmt.Sprintf("[%q]", name)
			both := fmt.Sprintf("[%q, %q]", name, "name/cos:UploadPart")
			for _, rights := range []string{
				`allowPrefixes: ["{sub}/*"], allowActions: ` + actions,
				`allowPrefixes: ["{sub}/*"], allowActions: ` + both,
				`allow: [{prefixes: ["{sub}/*"], actions: ` + actions + `}]`,
				`allow: [{prefixes: ["{sub}/*"], actions: [name/cos:PutObject]}, ` +
					`{prefixes: ["{sub}/*"], actions: ` + actions + `}]`,
				`allow: [{prefixes: ["files/*"], actions: ` + actions + `}]`,
			} {
				file := `
issuers: [{name: shop, issuer: i, audiences: [a], discovery: true}]
grants: [{name: files, bucket: b-1, region: ap-guangzhou, ` + rights + ", " + limit + "}]\n"
				editor, loader := accepts(s, file), load(file, nil)
				if (editor == nil) != (loader == nil) {
					t.Errorf("%s\nthe loader says %v\nthe schema says %v", file, loader, editor)
				}
				if loader == nil {
					accepted++
				} else {
					refused++
				}
			}
		}
	}
	if accepted < 300 || refused < 300 {
		t.Errorf("%d accepted, %d refused: hardly tested", accepted, refused)
	}
}
