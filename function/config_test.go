package main

import (
	"strings"
	"testing"
)

// A role's key lives 12 hours at most, a sub-account's 36: which of the two a grant is held to hangs on STS_ROLE_ARN.
func TestRoleShortensTheLongestLife(t *testing.T) {
	const role = "qcs::cam::uin/100000000001:roleName/cos-uploader"
	for _, c := range []struct {
		role, seconds string
		ok            bool
	}{
		{"", "129600", true},
		{"", "129601", false},
		{role, "43200", true},
		{role, "43201", false},
	} {
		w := newWorld(t, map[string]string{
			"STS_ROLE_ARN": c.role,
			"ACCESS_YAML":  strings.Replace(accessFile, "durationSeconds: 1800", "durationSeconds: "+c.seconds, 1),
		})
		if w.broken == c.ok || !c.ok && !strings.Contains(w.log.String(), "grants[1].durationSeconds") {
			t.Errorf("role %q, %s s: broken %v, %s", c.role, c.seconds, w.broken, w.log)
		}
	}
}
