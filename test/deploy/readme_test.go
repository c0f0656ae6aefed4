package deploy

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cos-credentials/policy"
	"cos-credentials/test/cam"
)

// shippedKey is the policy of a key that the shipped access file gives: policy/access.yaml is its user's to change.
func shippedKey(t *testing.T) string {
	t.Helper()
	file, err := os.ReadFile("../../events/access/shipped.yaml")
	if err != nil {
		t.Fatal(err)
	}
	access, err := policy.Load(policy.Source{YAML: file, Env: func(name string) (string, bool) {
		return map[string]string{
			"JWT_SECRET": strings.Repeat("s", 32),
			"COS_BUCKET": "examplebucket-1250000000",
			"COS_REGION": "ap-guangzhou",
		}[name], true
	}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := access.Entitle(policy.Identity{Issuer: "mini", Claims: map[string]any{"sub": "alice"}}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	document, err := e.Document()
	if err != nil {
		t.Fatal(err)
	}
	return string(document.JSON)
}

// The deploying page's statements for the role's or sub-account's own policy deny what every key's policy denies.
func TestReadmeDeniesWhatKeysDeny(t *testing.T) {
	page, err := os.ReadFile("../../function/deploy/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```json\n")
	block, _, _ := strings.Cut(rest, "```")
	own, err := cam.Parse(`{"version":"2.0","statement":[` + block + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	key, err := cam.Parse(shippedKey(t))
	if err != nil {
		t.Fatal(err)
	}
	denied := slices.DeleteFunc(key.Statements, func(s cam.Statement) bool { return !s.Deny })
	for i := range denied {
		denied[i].Resources = []string{"*"}
	}
	if d := cmp.Diff(denied, own.Statements); d != "" || len(denied) == 0 {
		t.Errorf("- what a key denies, + what the page denies:\n%s", d)
	}
}
