package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	office = "../../events/access/office.yaml"
	app    = "../../events/access/app.yaml"
	// What comes with the product, for tests: policy/access.yaml is its user's to change.
	shipped = "../../events/access/shipped.yaml"
)

func TestExpect(t *testing.T) {
	dir := t.TempDir()
	access := string(read(t, app))
	const end = "[download]\n"
	pinned := save(t, dir, "pinned.yaml", strings.Replace(access, end, end+"    pinClientAddress: true\n", 1))
	network := save(t, dir, "network.yaml",
		strings.Replace(access, end, end+"    condition: {ip_equal: {qcs:ip: [10.0.0.0/8]}}\n", 1))
	var long strings.Builder // more than a key's policy can hold, but a scope can
	for i := range 40 {
		fmt.Fprintf(&long, "\"%s%d/{sub}/*\", ", strings.Repeat("a", 200), i)
	}
	tooLong := save(t, dir, "long.yaml", strings.Replace(access, `"invoices`, long.String()+`"invoices`, 1))
	const name = "  - name: own-files"
	staff := save(t, dir, "staff.yaml", strings.Replace(access, name, name+"\n    when: {role: [staff]}", 1))
	const two = "issuers:\n  - {name: shop, issuer: s, audiences: [a], secret: '${S}'}"
	issuers := save(t, dir, "issuers.yaml", strings.ReplaceAll(strings.Replace(access, "issuers:", two, 1),
		"    bucket:", "    issuers: [shop]\n    bucket:"))
	const alice = "- login: {sub: alice}\n  "
	number := save(t, dir, "number.yaml", strings.NewReplacer("algorithms: [HS256]",
		"algorithms: [HS256]\n    subject: {claim: uid, integer: true}", "{sub}", "{sub|int}").Replace(access))
	const canRead = alice + "grant: invoices\n  can: [GetObject=invoices/alice/x]"
	for _, tt := range []struct {
		access, file string
		status       int
		says         string
	}{
		{app, alice + "can: [upload=users/alice/x, GetBucket=users/alice/, PostObjectRestore=users/alice/x]\n" +
			"  cannot: [GetObject=users/bob/x, GetBucket=users/, GetObject=pictures/alice/x]", 0, "✓ All 13 expectations hold."},
		{app, alice + "can:\n   - PutObject=users/alice/x\n   - PutObject=users/bob/x", 1,
			"expect.yaml:4: [0].can[1]: can't PutObject=users/bob/x, with grant own-files\n✗ 1 of 2 expectations do not hold.\n"},
		{app, alice + "cannot: [DeleteObject=users/alice/x]", 1, "can DeleteObject=users/alice/x, with grant own-files"},
		{app, alice + "cannot: [GetBucket=users/alice/x]", 1, "can GetBucket=users/alice/x"},
		{app, alice + "cannot: [PostObject=pictures/alice/x]", 1, "with grant pictures"}, // which it could name
		{app, alice + "grant: avatar\n  cannot: [PostObject=pictures/alice/x]", 0, "All 1"},
		{app, alice + "grant: pictures\n  can: [PutObject=pictures/alice/x]", 0, "All 1"}, // of a size and type that it takes
		{pinned, canRead, 0, "All 1"},
		{number, "- login: {uid: 42}\n  can: [PutObject=users/42/x]\n  cannot: [PutObject=users/43/x]", 0, "All 2"},
		{number, "- login: {uid: 42}\n  cannot: [PutObject=users/42/x]", 1, "can PutObject=users/42/x"},
		{network + " --address 10.0.0.7", canRead, 0, "All 1"},
		{network, alice + "cannot: [GetObject=invoices/alice/x]", 1, "can GetObject"}, // from somewhere
		{network + " --address 11.0.0.7", canRead, 1, "can't GetObject"},
		{tooLong, canRead, 1, "can't GetObject=invoices/alice/x"},
		{tooLong, alice + "cannot: [GetObject=invoices/alice/x]", 1, "can GetObject=invoices/alice/x"},
		{office, "- login: {sub: a, teams: [red, blue]}\n  grant: team\n  pick: blue\n" +
			"  can: [GetObject=teams/blue/x]\n  cannot: [GetObject=teams/red/x]", 0, "All 2"},
		{staff, "- login: {sub: a, role: [staff]}\n  can: [GetObject=users/a/x]\n" +
			"- login: {sub: a, role: guest}\n  cannot: [GetObject=users/a/x]", 0, "All 2"},

		{issuers, alice + "issuer: shop\n  can: [GetObject=users/alice/x]", 0, "All 1"},
		{issuers, alice + "can: [GetObject=users/alice/x]", 1, "expect.yaml:1: [0]: names no issuer: choose from shop, mini"},
		{issuers, alice + "issuer: mini\n  can: [GetObject=a]", 1, "grant own-files is not for logins of issuer mini"},
		{staff, alice + "grant: own-files\n  can: [GetObject=users/alice/x]", 1, "expect.yaml:3: [0].can: can't be met, " +
			"because this login gets no key: grant own-files was asked for, and the login's claim role has none of the " +
			"values that it wants\n  grant own-files wants the claim role to be, or to hold, one of [staff]\n"},
		{office, "- login: {sub: a, teams: [red, blue]}\n  cannot: [GetObject=teams/red/x]", 1,
			"picks none: name one in pick"},
		{app, alice + "can: [download=a]\n  cannot:\n  - GetObject=a", 1,
			"yaml:4: [0].cannot[0]: GetObject=a is in can too, on line 2"},
		{app, alice + "can: [GetObjct=a]", 1, `expect.yaml:2: [0].can[0]: "GetObjct" is neither a preset`},
		{app, alice + "cannot: [GetObject]", 1, "is not ACTION=KEY"},
		{app, alice + "cannot: [GetObject=a//b]", 1, `no key can be "a//b": it has an empty segment`},
		{app, alice + "cannot: [GetObject=users/*]", 1, "is more than one key"},
		{app, alice + "may: [GetObject=a]", 1, "is not known here"},
		{app, alice + "grant: x\n  can: [GetObject=a]", 1, `"x" is not known: choose from own-files`},
		{app, alice[:len(alice)-3], 1, "expects nothing"},
		{app, "- login: {}\n  can: [GetObject=a]", 1, "must be the login's claims"},
		{app, "- can: [GetObject=a]", 1, "must be the login's claims"},
		{app, "- login: {sub: 1.5}\n  can: [GetObject=a]", 1, "is a decimal number"},
		{app, "", 1, "is empty"},
	} {
		file := save(t, dir, "expect.yaml", tt.file+"\n")
		args := append([]string{"explain", "--expect", file, "--access"}, strings.Fields(tt.access)...)
		if status, out, problems := local(t, args...); status != tt.status || !strings.Contains(out+problems, tt.says) {
			t.Errorf("%s\n%d, no %q in\n%s%s", tt.file, status, tt.says, out, problems)
		}
	}
}

func TestDiff(t *testing.T) {
	const bucket, acl = "examplebucket-1250000000/", "without certain x-cos-acl, "
	for _, tt := range []struct {
		from, to string // in app.yaml
		says     []string
	}{
		{"nobody", "no one", []string{`To the login {"sub":"alice"} of issuer `, "the change\n  opens and closes nothing\n"}},
		{"[download]", "[download, delete]", []string{"opens   DeleteObject  " + bucket + "invoices/alice/*\n"}},
		{"[download]", "[list]", []string{"opens   GetBucket  " + bucket + "invoices/alice/*\n",
			"closes  GetObject, HeadObject, OptionsObject  " + bucket + "invoices/alice/*\n"}},
		{"invoices/{sub}/*", "invoices/{sub}/old/*", []string{
			"closes  GetObject, HeadObject, OptionsObject  " + bucket + "invoices/alice/* (left: " + bucket + "invoices"}},
		{"invoices/{sub}/old/*", "invoices/{sub}/*", []string{
			"OptionsObject  " + bucket + "invoices/alice/* (before: " + bucket + "invoices/alice/old/*)"}},
		{"    maxBytes: 10485760\n", "", []string{
			"opens   PutObject, PostObject  " + bucket + "pictures/alice/* if content-type is like image/* and " + acl,
			"(before: " + bucket + "pictures/alice/* if content-length ≤ 10485760 and"}},
		{"    contentTypes: [image/png]\n", "    contentTypes: [image/png]\n    objectAcl: any\n", []string{
			"opens   PostObject  " + bucket + "avatars/alice.png if content-type is like image/png (before: "}},
	} {
		dir := t.TempDir()
		access := string(read(t, app))
		if strings.Contains(tt.from, "old") {
			access = strings.ReplaceAll(access, tt.to, tt.from)
		}
		old := save(t, dir, "old.yaml", access)
		after := save(t, dir, "new.yaml", strings.ReplaceAll(access, tt.from, tt.to))
		expect := save(t, dir, "expect.yaml", "- login: {sub: alice}\n  can: [GetObject=users/alice/x]\n")
		for _, who := range [][]string{{"--sub", "alice"}, {"--expect", expect}} {
			status, out, problems := local(t, append([]string{"explain", "--access", after, "--diff", old}, who...)...)
			for _, want := range tt.says {
				if status != 0 || !strings.Contains(out, want) {
					t.Errorf("%q: %d, no %q in\n%s%s", tt.to, status, want, out, problems)
				}
			}
		}
	}
}

// The line for CI, as the README has it, holds for policy/access.yaml and policy/expect.yaml, whoever wrote them.
func TestOwnExpectations(t *testing.T) {
	line := regexp.MustCompile(`(?m)^    (go run ./test/local (explain --expect (\S+)))$`)
	found := line.FindStringSubmatch(string(read(t, "../../README.md")))
	if found == nil {
		t.Fatal("the README has no line for CI")
	}
	args := strings.Fields(strings.Replace(found[2], found[3], "../../"+found[3], 1))
	status, out, problems := local(t, args...)
	if status == 0 && strings.Contains(out, "expectations hold") {
		return
	}
	wrong := regexp.MustCompile(`(?m)^.*access\.yaml:\d+: .*$`).FindAllString(problems, -1)
	unset := regexp.MustCompile(`: "\$\{(\w+)\}" `)
	if len(wrong) > 0 && !slices.ContainsFunc(wrong, func(s string) bool { return !unset.MatchString(s) }) {
		t.Skipf("not run: policy/access.yaml can't be read while %s is not set: set it, and what else a message names: %s",
			unset.FindStringSubmatch(wrong[0])[1], found[1])
	}
	t.Errorf("policy/access.yaml can't be read, or policy/expect.yaml expects something else of it. Mend the one that is "+
		"wrong, and set the variables that they need, until this says that all holds: %s\n%s%s", found[1], out, problems)
}
