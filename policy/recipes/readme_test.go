package recipes

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/policy"
	"cos-credentials/test/deploy"
)

func readmes(t *testing.T) (deploying, function string) {
	t.Helper()
	var texts []string
	for _, file := range []string{"../../function/deploy/README.md", "../../function/README.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts[0], texts[1]
}

// shipped is the access file that the documents are about: policy/access.yaml is its user's to change.
func shipped(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../../events/access/shipped.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The line of function/README.md that names two secrets, in the shipped access file: each step of a rotation takes the
// tokens that are out, and the last one ends the old secret's.
func TestReadmeRotation(t *testing.T) {
	_, readme := readmes(t)
	line := regexp.MustCompile("(?s)```yaml\n(secret: .*?)\n```").FindStringSubmatch(readme)
	if line == nil {
		t.Fatal("function/README.md has no line with two secrets")
	}
	file := regexp.MustCompile(`(?m)^( +)secret: .*$`).ReplaceAllString(string(shipped(t)), "${1}"+
		strings.ReplaceAll(line[1], "$", "$$"))
	older, newer := strings.Repeat("older-secret", 3), strings.Repeat("newer-secret", 3)
	for step, c := range []struct{ secret, old, takes, refuses string }{
		{older, "", older, newer},
		{newer, older, older, ""},
		{newer, older, newer, ""},
		{newer, "", newer, older},
	} {
		env := map[string]string{
			"COS_BUCKET": "b-1", "COS_REGION": "ap-guangzhou", "JWT_SECRET": c.secret, "JWT_SECRET_OLD": c.old,
		}
		read := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
		access, err := policy.Load(policy.Source{Name: "access.yaml", YAML: []byte(file), Env: read})
		if err != nil {
			t.Fatal(err)
		}
		for secret, want := range map[string]bool{c.takes: true, c.refuses: false} {
			if secret == "" {
				continue
			}
			_, why := try(t, access, access.Issuers, signedWith(t, secret, "42"))
			if (why == "") != want {
				t.Errorf("step %d: a token of %s…: %q", step, secret[:5], why)
			}
		}
	}
}

// Each sub of function/README.md's table fits a plain {sub}, or doesn't, as it says.
func TestReadmeSubjects(t *testing.T) {
	_, readme := readmes(t)
	access, err := policy.Load(policy.Source{Name: "access.yaml", YAML: shipped(t), Env: lookup})
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `([^`]+)`[^|]* \\| (fits|refused)[^|]* \\|").FindAllStringSubmatch(readme, -1)
	said := map[string]int{}
	for _, row := range rows {
		said[row[2]]++
		sub := strings.ReplaceAll(row[1], `\|`, "|")
		prefixes, why := try(t, access, access.Issuers, signedWith(t, environment["JWT_SECRET"], sub))
		if fits := len(prefixes) == 1 && prefixes[0] == "users/"+sub+"/*"; fits != (row[2] == "fits") {
			t.Errorf("%s: opens %q: %s", sub, prefixes, why)
		}
	}
	if said["fits"] < 4 || said["refused"] < 4 {
		t.Errorf("%v rows were found: is the table read as it is written?", said)
	}
}

// signedWith is a token of the shipped access file's issuer.
func signedWith(t *testing.T, secret, sub string) string {
	t.Helper()
	now := time.Now()
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": "mini-program", "aud": "cos-credentials", "sub": sub, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// The page on deploying has a row for each variable that serverless.yml sets or offers, which are those that the function reads.
func TestReadmeHasEveryVariable(t *testing.T) {
	readme, _ := readmes(t)
	variables := regexp.MustCompile(`(?m)^      (?:# )?([A-Z][A-Z_]+): \$\{env:`).FindAllStringSubmatch(deploy.Shipped, -1)
	for _, v := range variables {
		if !regexp.MustCompile("(?m)^\\|[^|]*`" + v[1] + "`[^|]*\\|").MatchString(readme) {
			t.Errorf("function/deploy/README.md has no row for %s", v[1])
		}
	}
	if len(variables) < 12 {
		t.Errorf("%d variables were found: is serverless.yml read as it is written?", len(variables))
	}
}
