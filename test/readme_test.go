package test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
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
	tableRow      = regexp.MustCompile(`(?m)^(\|.*\|)$`)
	cellEnd       = regexp.MustCompile(`[^\\]\|`)
	codeOrNumber  = regexp.MustCompile("(`[^`\n]+`|[0-9][0-9.,]*)")
	linkTarget    = regexp.MustCompile(`\]\(([^)\n]+)\)`)
	notInAnchor   = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

const chinese = ".zh-CN.md"

// pages are the repository's documents by their paths.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir("..", func(file string, entry fs.DirEntry, err error) error {
		if entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git") {
			return filepath.SkipDir
		}
		if err == nil && strings.HasSuffix(file, ".md") {
			found[strings.TrimPrefix(filepath.ToSlash(file), "../")] = string(must(os.ReadFile(file)))
		}
		return err
	})
	if err != nil || len(found) < 10 {
		t.Fatalf("%d documents were found: %v", len(found), err)
	}
	return found
}

// Both languages show the same code, links and tables. Sentences order their words differently: their parts are sorted.
func TestDocumentsOfBothLanguagesAgree(t *testing.T) {
	all, pairs := pages(t), 0
	for name, text := range all {
		english := strings.Replace(name, chinese, ".md", 1)
		if english == name {
			continue
		}
		pairs++
		parts, translated := partsOf(all, english), partsOf(all, name)
		if diff := cmp.Diff(parts, translated); diff != "" {
			t.Errorf("%s (-) and %s (+) differ:\n%s", english, name, diff)
		}
		if len(parts["headings"]) < 8 || len(parts["rows"]) < 14 || len(parts["blocks of code"]) < 2 {
			t.Errorf("%s: %v was found; is the page read as it is written?", english, parts)
		}
		first := "[English](" + path.Base(english) + ")"
		if lines := strings.Split(text, "\n"); lines[1] != first {
			t.Errorf("%s: its second line is not %s", name, first)
		}
		first = "[中文](" + path.Base(name) + ")"
		if lines := strings.Split(all[english], "\n"); lines[1] != first {
			t.Errorf("%s: its second line is not %s", english, first)
		}
	}
	if pairs < 2 {
		t.Errorf("%d documents in Chinese were found", pairs)
	}
}

// The first page is short enough to be read whole.
func TestReadmeIsShort(t *testing.T) {
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		if lines := strings.Count(pages(t)[name], "\n"); lines > 150 || lines < 100 {
			t.Errorf("%s has %d lines, and may have 150", name, lines)
		}
	}
}

func partsOf(all map[string]string, name string) map[string][]string {
	text := all[name]
	unfenced := fencedBlock.ReplaceAllString(text, "")
	prose := indentedBlock.ReplaceAllString(unfenced, "")
	return map[string][]string{
		"blocks of code": captured(fencedBlock, text), "lines of code": captured(indentedBlock, unfenced),
		"headings": captured(headingLevel, prose), "rows": rowsOf(prose),
		"words of code": slices.Sorted(slices.Values(captured(inlineCode, prose))), "links": placesOf(all, name),
	}
}

// rowsOf are the tables' rows: how many cells each has, and its code and numbers.
func rowsOf(prose string) (rows []string) {
	for _, row := range captured(tableRow, prose) {
		cells := strconv.Itoa(len(cellEnd.FindAllString(row, -1)))
		rows = append(rows, cells+": "+strings.Join(slices.Sorted(slices.Values(captured(codeOrNumber, row))), " "))
	}
	return rows
}

// placesOf are a page's links without their language: a heading is the place that it has among its page's.
func placesOf(all map[string]string, name string) (places []string) {
	for _, target := range targetsOf(all[name]) {
		file, anchor, _ := strings.Cut(target, "#")
		if at := slices.Index(anchorsOf(all[fileOf(name, file)]), anchor); at >= 0 {
			target = file + "#" + strconv.Itoa(at)
		}
		places = append(places, strings.Replace(target, chinese, ".md", 1))
	}
	slices.Sort(places[1:]) // the first is the other language's
	return places[1:]
}

// Every link within the repository leads to a file or folder, and to a heading of it. A page in Chinese links to pages
// in Chinese where there are such, and all others to pages in English.
func TestLinksOfDocuments(t *testing.T) {
	all, links := pages(t), 0
	for name, text := range all {
		for i, target := range targetsOf(text) {
			if strings.HasPrefix(target, "https://") {
				continue
			}
			file, anchor, anchored := strings.Cut(target, "#")
			linked := fileOf(name, file)
			links++
			if _, missing := os.Stat("../" + linked); missing != nil || target == path.Base(name) {
				t.Errorf("%s: the link to %s leads nowhere, or to itself", name, target)
			}
			if anchored && !slices.Contains(anchorsOf(all[linked]), anchor) {
				t.Errorf("%s: no heading for the link to %s", name, target)
			}
			_, translated := all[strings.Replace(linked, ".md", chinese, 1)]
			isOther := strings.Contains(linked, chinese) != strings.Contains(name, chinese)
			if isOther && (translated || strings.Contains(linked, chinese)) && i > 0 {
				t.Errorf("%s: the link to %s leads to another language", name, target)
			}
		}
	}
	if links < 50 {
		t.Errorf("%d links were found: are the pages read as they are written?", links)
	}
}

// targetsOf are where a page's links lead.
func targetsOf(text string) []string {
	return captured(linkTarget, indentedBlock.ReplaceAllString(fencedBlock.ReplaceAllString(text, ""), ""))
}

// fileOf is the file that a page's link names, by its path; the page itself if it names none.
func fileOf(page, linked string) string {
	if linked == "" {
		return page
	}
	return path.Join(path.Dir(page), linked)
}

// anchorsOf are a page's headings as links name them.
func anchorsOf(text string) (anchors []string) {
	for _, words := range captured(headingWords, fencedBlock.ReplaceAllString(text, "")) {
		anchors = append(anchors, strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(words), ""), " ", "-"))
	}
	return anchors
}

func captured(pattern *regexp.Regexp, text string) (found []string) {
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}
