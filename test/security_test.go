package test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
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
