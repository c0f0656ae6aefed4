package replay

import (
	"strings"
	"testing"

	"cos-credentials/test/cam"
)

// Three words stand for six statements, and for nothing less.
func TestSummaryOfWhatStaysPrivate(t *testing.T) {
	const allowed = `{"effect":"allow","action":["name/cos:PutObject"],"resource":["qcs::cos:r:uid/1:b-1/a/*"]}`
	whole := string(withPrivate([]byte(`{"version":"2.0","statement":[` + allowed + `,{"private":["name/cos:PutObject"]}]}`)))
	for name, c := range map[string]struct {
		document string
		private  bool
	}{
		"all six":        {whole, true},
		"one is missing": {strings.Replace(whole, "x-cos-grant-write-acp", "x-cos-grant-read", 1), false},
		"another ACL":    {strings.Replace(whole, `"public-read",`, "", 1), false},
		"another action": {strings.Replace(whole, `"action":["name/cos:PutObject"],"effect":"allow"`, `"action":["name/cos:PostObject"],"effect":"allow"`, 1), false},
		"none":           {`{"version":"2.0","statement":[` + allowed + `]}`, false},
	} {
		p, err := cam.Parse(c.document)
		if err != nil {
			t.Fatal(name, err)
		}
		if got := summary(p, c.document); strings.HasSuffix(got, "; objects stay private") != c.private {
			t.Errorf("%s: %s", name, got)
		}
	}
}
