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

// What is copied with white space, or cut short, is a problem at start, not STS's answer to every request.
func TestRoleAndRegionAreChecked(t *testing.T) {
	for _, c := range []struct {
		name, value string
		fine        bool
	}{
		{"STS_ROLE_ARN", "qcs::cam::uin/100000000001:roleName/cos-uploader", true},
		{"STS_ROLE_ARN", "qcs::cam::uin/100000000001:role/4611686018427397919", true},
		{"STS_ROLE_ARN", "qcs::cam::uin/100000000001:role/tencentcloudServiceRoleName/SCF_QcsRole", true},
		{"STS_ROLE_ARN", "qcs::cam::uin/100000000001:roleName/cos-uploader ", false},
		{"STS_ROLE_ARN", "qcs::cam::uin/100000000001:roleName/cos-uploader\n", false},
		{"STS_ROLE_ARN", "qcs::cam::uin/100000000001:roleName/", false},
		{"STS_ROLE_ARN", "qcs::cam::uin/100000000001:roleName", false},
		{"STS_ROLE_ARN", "qcs::cam::uin/:roleName/cos-uploader", false},
		{"STS_ROLE_ARN", "qcs::cam::uin/100000000001:uin/100000000002", false},
		{"STS_REGION", "ap-guangzhou", true},
		{"STS_REGION", "", true},
		{"STS_REGION", "ap-guangzhou ", false},
		{"STS_REGION", "AP-GUANGZHOU", false},
		{"STS_REGION", "ap-guangzhou,ap-beijing", false},
		{"STS_REGION", "ap-guangzhou-3", false}, // a zone
	} {
		w := newWorld(t, map[string]string{c.name: c.value})
		if w.broken == c.fine || !c.fine && !strings.Contains(w.log.String(), c.name+": it must") {
			t.Errorf("%s=%q: broken %v, %s", c.name, c.value, w.broken, w.log)
		}
	}
}
