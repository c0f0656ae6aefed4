package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"cos-credentials/policy/claim"
	"cos-credentials/policy/strictyaml"
	"cos-credentials/policy/trust"
	"cos-credentials/test/corpus"
)

// load reads an access file with the environment of the corpus, and has each problem as "line: field: message".
func load(t testing.TB, file string) (*Access, []string) {
	t.Helper()
	access, err := Load(Source{Name: "access.yaml", YAML: []byte(file), Env: corpus.Env})
	if err == nil {
		return access, nil
	}
	var problems *strictyaml.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("the error is a %T", err)
	}
	var lines []string
	for _, line := range strings.Split(err.Error(), "\n") {
		line = strings.TrimPrefix(line, "access.yaml:")
		if strings.Contains(line, corpus.Secret) || strings.Contains(line, "to-itself") {
			t.Errorf("a message shows a secret: %s", line)
		}
		lines = append(lines, line)
	}
	return access, lines
}

func cases(t testing.TB, name string) []corpus.Case {
	t.Helper()
	out, err := corpus.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRefused(t *testing.T) {
	for _, c := range cases(t, "refused.txt") {
		t.Run(c.Name, func(t *testing.T) {
			access, got := load(t, c.YAML)
			slices.Sort(got)
			slices.Sort(c.Problems)
			if !slices.Equal(got, c.Problems) {
				t.Errorf("in\n%s\ngot\n  %s\nwant\n  %s", numbered(c.YAML), strings.Join(got, "\n  "), strings.Join(c.Problems, "\n  "))
			}
			if len(access.Grants) > 0 {
				t.Error("a refused file still grants something")
			}
		})
	}
}

func TestAccepted(t *testing.T) {
	for _, c := range cases(t, "accepted.txt") {
		t.Run(c.Name, func(t *testing.T) {
			if _, got := load(t, c.YAML); got != nil {
				t.Errorf("in\n%s\ngot\n  %s", numbered(c.YAML), strings.Join(got, "\n  "))
			}
		})
	}
}

func numbered(text string) string {
	var out strings.Builder
	n := 0
	for line := range strings.Lines(text) {
		n++
		fmt.Fprintf(&out, "%3d  %s", n, line)
	}
	return out.String()
}

func TestEmptyFile(t *testing.T) {
	for _, file := range []string{"", "\n", "# only a comment\n"} {
		if _, got := load(t, file); !slices.Equal(got, []string{" is empty: it needs issuers and grants"}) {
			t.Errorf("%q: %q", file, got)
		}
	}
}

// Bytes that are no YAML are found where they are; the corpus can't hold them.
func TestNotText(t *testing.T) {
	for file, line := range map[string]string{
		"issuers: []\n# \xff\n":       "2:",
		"issuers: []\n\ngrants: \x01": "3:",
		"issuers: []\n\x00\n":         "2:",
	} {
		if _, got := load(t, file); len(got) != 1 || !strings.HasPrefix(got[0], line) {
			t.Errorf("%q: %q", file, got)
		}
	}
}

func TestProblemsComeInTheOrderOfTheFile(t *testing.T) {
	for _, c := range cases(t, "refused.txt") {
		if !strings.HasPrefix(c.Name, "everything at once") {
			continue
		}
		_, got := load(t, c.YAML)
		if len(got) < 15 {
			t.Fatalf("only %d problems", len(got))
		}
		last := 0
		for _, p := range got {
			var line int
			if fmt.Sscanf(p, "%d:", &line); line < last {
				t.Errorf("line %d comes after line %d", line, last)
			}
			last = line
		}
		return
	}
	t.Fatal("the case is gone")
}

// shipped is the access file that tests go by: DefaultFile is its user's to change.
func shipped(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("../events/access/shipped.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The copy says what the original says, until that is changed; then a test has nothing to say of it.
func TestShippedFileIsACopy(t *testing.T) {
	var own, kept any
	if err := yaml.Unmarshal(shipped(t), &kept); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(DefaultFile, &own); err != nil || !reflect.DeepEqual(own, kept) {
		t.Skip("not run: policy/access.yaml is your own, and the tests go by events/access/shipped.yaml: " +
			"explain --expect and deploy --check are what holds yours")
	}
}

func TestShippedFile(t *testing.T) {
	env := map[string]string{"JWT_SECRET": corpus.Secret, "COS_BUCKET": "examplebucket-1250000000", "COS_REGION": "ap-guangzhou"}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	access, err := Load(Source{Name: "policy/access.yaml", YAML: shipped(t), Env: lookup})
	if err != nil {
		t.Fatal(err)
	}
	e, err := access.Entitle(Identity{Issuer: "mini", Claims: map[string]any{"sub": "42"}}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if e.Grant != "own-files" || !slices.Equal(e.Prefixes, []string{"users/42/*"}) || e.Duration != 30*time.Minute {
		t.Errorf("%+v", e)
	}

	_, err = Load(Source{Name: "policy/access.yaml", YAML: shipped(t), Env: func(string) (string, bool) { return "", false }})
	for name := range env {
		if !strings.Contains(fmt.Sprint(err), "the environment variable "+name+" is not set") {
			t.Errorf("no word of %s in:\n%v", name, err)
		}
	}
}

func TestDefaults(t *testing.T) {
	access, problems := load(t, `
issuers:
  - {name: shared, issuer: a, audiences: [x], secret: "${SECRET}"}
  - {name: public, issuer: b, audiences: [x], discovery: true}
grants:
  - {name: g, issuers: [shared], bucket: b-1, region: ap-guangzhou, allowPrefixes: ["{sub}/*"], allowActions: [upload]}
`)
	if problems != nil {
		t.Fatal(problems)
	}
	for i, want := range [][]string{{"HS256"}, {"RS256", "ES256"}} {
		if got := access.Issuers[i]; !slices.Equal(got.Algorithms, want) || got.Leeway != 30*time.Second || got.MaxLifetime != 24*time.Hour || got.Line != i+3 {
			t.Errorf("%+v", got)
		}
	}
	if g := access.Grants[0]; g.Duration != 30*time.Minute || g.PastLogin || g.pinClientAddress || !reflect.ValueOf(g.limits).IsZero() {
		t.Errorf("%+v", g)
	}
}

// A role's key lives 12 hours at most, a sub-account's 36.
func TestLongestDuration(t *testing.T) {
	file := func(seconds int) []byte {
		return fmt.Appendf(nil, `
issuers: [{name: a, issuer: a, audiences: [x], secret: "${SECRET}"}]
grants: [{name: g, bucket: b-1, region: ap-guangzhou, allowPrefixes: ["{sub}/*"], allowActions: [upload], durationSeconds: %d}]
`, seconds)
	}
	for _, c := range []struct {
		most    time.Duration
		seconds int
		ok      bool
	}{
		{MaxRoleDuration, 43200, true},
		{MaxRoleDuration, 43201, false},
		{MaxFederationDuration, 129600, true},
		{MaxFederationDuration, 129601, false},
		{0, 129600, true},
		{0, 129601, false},
	} {
		_, err := Load(Source{YAML: file(c.seconds), Env: corpus.Env, MaxDuration: c.most})
		if (err == nil) != c.ok {
			t.Errorf("%d s where %v is the longest: %v", c.seconds, c.most, err)
		}
		if err != nil && !strings.Contains(err.Error(), fmt.Sprintf(":3: grants[0].durationSeconds: \"%d\" is not", c.seconds)) {
			t.Error(err)
		}
	}
}

// What an environment variable holds stays one value, whatever it looks like.
func TestVariablesAreValues(t *testing.T) {
	env := map[string]string{
		"LIST":   "[upload, delete]",
		"LINES":  "a\nissuers: []\n",
		"NESTED": "${SECRET}",
		"QUOTED": `"x": {}`,
		"TAG":    "!!int 5",
		"_a0Z9":  "named",
	}
	file := `
issuers:
  - name: a
    issuer: ${LINES}
    audiences: ["${LIST}", "${NESTED}", "${QUOTED}", "${TAG}", "$${TAG}", "$$${TAG}", "a ${TAG} b ${TAG}", "100$", "$ {x}", "${_a0Z9}"]
    discovery: true
grants:
  - {name: g, bucket: b-1, region: ap-guangzhou, allowPrefixes: ["{sub}/*"], allowActions: [upload]}
`
	access, err := Load(Source{YAML: []byte(file), Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }})
	if err != nil {
		t.Fatal(err)
	}
	if got := access.Issuers[0].Spellings[0]; got != env["LINES"] {
		t.Errorf("issuer %q", got)
	}
	want := []string{"[upload, delete]", "${SECRET}", `"x": {}`, "!!int 5", "${TAG}", "$${TAG}", "a !!int 5 b !!int 5", "100$", "$ {x}", "named"}
	if got := access.Issuers[0].Audiences; !slices.Equal(got, want) {
		t.Errorf("audiences %q", got)
	}
}

// Keys are not values: a variable can't name a field, nor the claim that a grant hangs on.
func TestVariablesAreNoKeys(t *testing.T) {
	env := func(string) (string, bool) { return "role", true }
	file := `
issuers: [{name: a, issuer: a, audiences: [x], discovery: true}]
grants:
  - name: g
    bucket: b-1
    region: ap-guangzhou
    allowPrefixes: ["{sub}/*"]
    allowActions: [upload]
    when: {"${CLAIM}": [staff]}
`
	access, err := Load(Source{YAML: []byte(file), Env: env})
	if err != nil {
		t.Fatal(err)
	}
	if e, err := access.Entitle(Identity{Issuer: "a", Claims: map[string]any{"sub": "1", "role": "staff"}}, "", ""); err == nil {
		t.Errorf("%+v", e)
	}
	if _, err := access.Entitle(Identity{Issuer: "a", Claims: map[string]any{"sub": "1", "${CLAIM}": "staff"}}, "", ""); err != nil {
		t.Error(err)
	}
	_, err = Load(Source{YAML: []byte(strings.Replace(file, "when", `"${FIELD}"`, 1)), Env: env})
	if !strings.Contains(fmt.Sprint(err), ":9: grants[0].${FIELD}: is not known here") {
		t.Error(err)
	}
}

func TestSecretLengths(t *testing.T) {
	for _, c := range []struct {
		algorithms string
		least      int
	}{{"HS256", 32}, {"HS384", 48}, {"HS512", 64}, {"HS512, HS256", 64}, {"HS256, HS384", 48}} {
		for _, n := range []int{c.least - 1, c.least} {
			secret := strings.Repeat("é", n/2) + strings.Repeat("x", n%2) // bytes count, not characters
			file := fmt.Sprintf(`
issuers:
  - name: a
    issuer: a
    audiences: [x]
    algorithms: [%s]
    secret: ${S}
grants: [{name: g, bucket: b-1, region: ap-guangzhou, allowPrefixes: ["{sub}/*"], allowActions: [upload]}]
`, c.algorithms)
			_, err := Load(Source{YAML: []byte(file), Env: func(string) (string, bool) { return secret, true }})
			if (err == nil) != (n == c.least) {
				t.Errorf("%s with %d bytes: %v", c.algorithms, n, err)
			}
			if err != nil && !strings.HasPrefix(err.Error(), fmt.Sprintf(":7: issuers[0].secret: is shorter than the %d bytes", c.least)) {
				t.Errorf("%s with %d bytes: %v", c.algorithms, n, err)
			}
		}
	}
}

// When the file is refused, the issuers that nothing is wrong with still come back, so that their keys are checked too.
func TestSoundIssuers(t *testing.T) {
	var file strings.Builder
	file.WriteString("issuers:\n")
	for i := range 12 {
		name := fmt.Sprintf("issuer-%d", i)
		if i == 11 {
			name = "Wrong"
		}
		fmt.Fprintf(&file, "  - {name: %s, issuer: i%d, audiences: [x], discovery: true}\n", name, i)
	}
	access, problems := load(t, file.String())
	if len(problems) != 2 || len(access.Issuers) != 11 || access.Issuers[1].Name != "issuer-1" {
		t.Errorf("%d issuers, problems %q", len(access.Issuers), problems)
	}
}

// What can be meant is no problem, and is said with its line.
func TestWarnings(t *testing.T) {
	for seconds, want := range map[int]string{
		31 * 86400:   "",
		31*86400 + 1: "access.yaml:5: issuers[0].maxLifetimeSeconds: is longer than 31 days",
	} {
		access, problems := load(t, fmt.Sprintf(`issuers:
  - name: a
    issuer: a
    audiences: [x]
    maxLifetimeSeconds: %d
    secret: ${SECRET}
grants: [{name: g, bucket: b-1, region: ap-guangzhou, allowPrefixes: ["{sub}/*"], allowActions: [upload]}]
`, seconds))
		if problems != nil {
			t.Fatal(problems)
		}
		got := (&strictyaml.Problems{File: "access.yaml", List: access.Warnings}).Error()
		if (want == "") != (got == "") || !strings.HasPrefix(got, want) {
			t.Errorf("%d: %q", seconds, got)
		}
	}
}

// Without keys there are forms and links. A grant for neither is of no use to anybody, which is no harm.
func TestWarningOfAGrantForNothing(t *testing.T) {
	for actions, warned := range map[string]bool{
		"simpleUpload, multipartUpload, list, delete": true,
		"name/cos:HeadObject":                         true,
		"formUpload":                                  false,
		"upload":                                      false,
		"list, download":                              false,
		"name/cos:GetObject":                          false,
	} {
		for _, keys := range []string{"", "keys: true", "keys: false"} {
			access, problems := load(t, `issuers: [{name: a, issuer: a, audiences: [x], secret: "${SECRET}"}]
grants:
  - name: g
    bucket: b-1
    region: ap-guangzhou
    allowPrefixes: ["{sub}/*"]
    allowActions: [`+actions+`]
    `+keys+"\n")
			if problems != nil {
				t.Fatal(problems)
			}
			got := (&strictyaml.Problems{File: "access.yaml", List: access.Warnings}).Error()
			want := ""
			if warned && keys == "keys: false" {
				want = "access.yaml:8: grants[0].keys: leaves forms and links only"
			}
			if (want == "") != (got == "") || !strings.HasPrefix(got, want) {
				t.Errorf("%s, %s: %q", actions, keys, got)
			}
		}
	}
}

// An issuer's new fields arrive as they stand in the file.
func TestIssuerFields(t *testing.T) {
	access, problems := load(t, `issuers:
  - name: a
    secretEncoding: hex
    issuer: [one, two]
    audiences: [x]
    secret: ["30313233343536373839303132333435363738393031323334353637383930310a", "${NOT_SET?}"]
    publicKey: [one, two]
    algorithms: [HS256, Ed25519]
    audienceClaim: client_id
    require: {token_use: [access]}
    refuse: {n: [5], b: [false]}
    subject: {integer: true}
grants: [{name: g, bucket: b-1, region: ap-guangzhou, allowPrefixes: ["{sub|int}/*"], allowActions: [upload]}]
`)
	if problems != nil {
		t.Fatal(problems)
	}
	want := trust.Issuer{
		Name: "a", Spellings: []string{"one", "two"}, Audiences: []string{"x"}, Algorithms: []string{"HS256", "Ed25519"},
		PublicKeys: []string{"one", "two"}, Secrets: []trust.Secret{trust.Secret("01234567890123456789012345678901\n")},
		Leeway: 30 * time.Second, MaxLifetime: 24 * time.Hour, AudienceClaim: "client_id",
		Require: []claim.Requirement{{Claim: "token_use", Values: []any{"access"}}},
		Refuse:  []claim.Requirement{{Claim: "n", Values: []any{json.Number("5")}}, {Claim: "b", Values: []any{false}}},
		Subject: trust.Subject{Claim: "sub", Integer: true}, Line: 2,
	}
	if got := access.Issuers[0]; !reflect.DeepEqual(got, want) {
		t.Errorf("%#v", struct{ trust.Issuer }{got})
	}
}

func TestSecretsShowThemselvesNowhere(t *testing.T) {
	access, problems := load(t, "issuers: [{name: a, issuer: a, audiences: [x], secret: \"${SECRET}\"}]\n"+
		"grants: [{name: g, bucket: b-1, region: ap-guangzhou, allowPrefixes: [\"{sub}/*\"], allowActions: [upload]}]\n")
	if problems != nil {
		t.Fatal(problems)
	}
	var log strings.Builder
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	logger.Info("x", "issuer", access.Issuers[0], "secret", access.Issuers[0].Secrets)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "issuer", access.Issuers[0], "secret", access.Issuers[0].Secrets)
	encoded, err := json.Marshal(access)
	if err != nil {
		t.Fatal(err)
	}
	all := log.String() + string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		all += fmt.Sprintf(verb, access.Issuers[0].Secrets) + fmt.Sprintf(verb, access.Issuers[0]) + fmt.Sprintf(verb, *access)
	}
	for _, shown := range []string{corpus.Secret, fmt.Sprintf("%x", corpus.Secret), fmt.Sprintf("%d", []byte(corpus.Secret)), "S2VwdC10by1pdHNlbGY"} {
		if strings.Contains(all, shown) {
			t.Errorf("found %q", shown)
		}
	}
	if !strings.Contains(all, "[secret]") {
		t.Error("nothing was redacted, so nothing was tested")
	}
}
