package test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	fencedBlock   = regexp.MustCompile("(?ms)^(```.*?^```)$")
	indentedBlock = regexp.MustCompile(`(?m)^(    .*)$`)
	headingLevel  = regexp.MustCompile(`(?m)^(#+) `)
	headingWords  = regexp.MustCompile(`(?m)^#+ (.*)$`)
	inlineCode    = regexp.MustCompile("(`[^`\n]+`)")
	linkTarget    = regexp.MustCompile(`\]\(([^)\n]+)\)`)
	firstColumn   = regexp.MustCompile(`(?m)^\| ([^|]*) \|`)
	notInAnchor   = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// Both languages show the same code, links and tables. Sentences order their words differently: their parts are sorted.
func TestReadmesOfBothLanguagesAgree(t *testing.T) {
	english, chinese := readmeParts(t, "README.md"), readmeParts(t, "README.zh-CN.md")
	if diff := cmp.Diff(english, chinese); diff != "" {
		t.Errorf("README.md (-) and README.zh-CN.md (+) differ:\n%s", diff)
	}
	for part, found := range english {
		if len(found) < 3 {
			t.Errorf("%s: %d were found; is the page read as it is written?", part, len(found))
		}
	}
}

func readmeParts(t *testing.T, name string) map[string][]string {
	t.Helper()
	page := string(must(os.ReadFile("../" + name)))
	unfenced := fencedBlock.ReplaceAllString(page, "")
	prose := indentedBlock.ReplaceAllString(unfenced, "")
	targets := captured(linkTarget, prose)
	for i, target := range targets {
		file, anchor, anchored := strings.Cut(target, "#")
		linked, _ := os.ReadFile("../" + file) // a folder has no text, and no headings
		if _, missing := os.Stat("../" + file); missing != nil || file == name {
			t.Errorf("%s: the link to %s leads nowhere, or to itself", name, target)
		}
		hasAnchor := slices.ContainsFunc(captured(headingWords, string(linked)), func(words string) bool {
			return strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(words), ""), " ", "-") == anchor
		})
		if anchored && !hasAnchor {
			t.Errorf("%s: no heading for the link to %s", name, target)
		}
		targets[i] = strings.Replace(target, ".zh-CN.md", ".md", 1)
	}
	return map[string][]string{
		"fenced code": captured(fencedBlock, page), "indented code": captured(indentedBlock, unfenced),
		"headings": captured(headingLevel, prose), "first columns": captured(firstColumn, prose),
		"inline code": slices.Sorted(slices.Values(captured(inlineCode, prose))),
		"links":       slices.Sorted(slices.Values(targets)),
	}
}

func captured(pattern *regexp.Regexp, text string) (found []string) {
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}
