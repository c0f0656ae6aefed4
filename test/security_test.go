package test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cos-credentials/policy"
	"cos-credentials/test/cam"
)

// What SECURITY.md says is shown by a test or done in a file must be there.
func TestSecurityPageNamesWhatExists(t *testing.T) {
	page, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	for _, room := range []string{"../function", "../policy", "../test"} {
		err := filepath.WalkDir(room, func(path string, entry os.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, match := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllSubmatch(text, -1) {
				declared[string(match[1])] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	files, tests := 0, 0
	for _, match := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(string(page), -1) {
		name := match[1]
		switch {
		case regexp.MustCompile(`^(Test|Fuzz)\w+$`).MatchString(name):
			if tests++; !declared[name] {
				t.Errorf("there is no %s", name)
			}
		case regexp.MustCompile(`^(function|policy|test|events)/\S+$`).MatchString(name):
			found, err := filepath.Glob("../" + name)
			if files++; err != nil || len(found) == 0 {
				t.Errorf("there is no %s", name)
			}
		}
	}
	if files < 20 || tests < 40 {
		t.Errorf("%d files and %d tests were found on the page: is it read as it is written?", files, tests)
	}
}

// The deploying page's statements for the role's or sub-account's own policy deny what every key's policy denies.
func TestReadmeDeniesWhatKeysDeny(t *testing.T) {
	page, err := os.ReadFile("../function/deploy/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```json\n")
	block, _, _ := strings.Cut(rest, "```")
	own, err := cam.Parse(`{"version":"2.0","statement":[` + block + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	access, err := policy.Load(policy.Source{YAML: policy.DefaultFile, Env: func(name string) (string, bool) {
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
	key, err := cam.Parse(asJSON(document))
	if err != nil {
		t.Fatal(err)
	}
	denied := slices.DeleteFunc(key.Statements, func(s cam.Statement) bool { return !s.Deny })
	for i := range denied {
		denied[i].Resources = []string{"*"}
	}
	if asJSON(denied) != asJSON(own.Statements) || len(denied) == 0 {
		t.Errorf("the page denies\n%s\nand a key\n%s", asJSON(own.Statements), asJSON(denied))
	}
}
