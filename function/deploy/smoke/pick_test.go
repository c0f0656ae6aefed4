package smoke

import (
	"errors"
	"strings"
	"testing"

	"cos-credentials/policy"
)

// teams is the reviewed file with folders of teams.
func teams(t *testing.T) string {
	t.Helper()
	return change(t, "users/{sub}/*", "teams/{teams[]}/*")
}

// in makes two users who are in these teams.
func in(t *testing.T, o Options, names ...any) Options {
	t.Helper()
	var err error
	o.Users, o.Forge, err = SignedUsers(o.Access.Issuers[0], map[string]any{"teams": names})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestPick(t *testing.T) {
	file := teams(t)
	_, o := sceneOf(t, file, file)
	several := in(t, o, "red", "blue")
	several.Pick = "red"
	for _, tt := range []struct {
		o    Options
		says []string
	}{
		{several, []string{"User 1 gets a key for teams/red/*", "User 2 gets a key for teams/blue/*",
			"holds: The key can't read a file next door", "holds: Who picks what the login doesn't have gets nothing"}},
		{in(t, o, "red"), []string{"User 1 gets a key for teams/red/*", "skipped: Next door"}},
	} {
		ok, broken, all := use(t, tt.o)
		for _, want := range tt.says {
			if !ok || !strings.Contains(all, want) {
				t.Errorf("no %q: %s\nof\n%s", want, broken, all)
			}
		}
	}
	for kind, o := range map[policy.Kind]Options{
		policy.InvalidRequest: in(t, o, "red", "blue"), policy.IdentityNotUsable: o,
	} {
		var refusal *policy.Refusal
		if _, err := Run(t.Context(), o, func(Finding) {}); !errors.As(err, &refusal) || refusal.Kind != kind {
			t.Errorf("%v", err)
		}
	}
	file = keyless(t, "users/{sub}/*", "teams/{teams[]}/*")
	_, forms := sceneOf(t, file, file)
	forms = in(t, forms, "red", "blue")
	forms.Pick = "blue"
	if ok, broken, all := use(t, forms); !ok || !strings.Contains(all, "User 1 gets a form for a file of teams/blue/.") {
		t.Errorf("%s\nof\n%s", broken, all)
	}
}

// A key for all of a login's teams is one for too many.
func TestBrokenPicksAreNoticed(t *testing.T) {
	wide := change(t, "users/{sub}/*\"]", "teams/*\"]\n    when: {iss: [mini-program]}")
	_, o := sceneOf(t, wide, teams(t))
	o = in(t, o, "red", "blue")
	o.Pick = "red"
	o.URL = between(t, o.URL,
		func(x *turn) { x.request.URL.RawQuery = "" },
		func(x *turn) { x.set("prefixes", []string{"teams/red/*"}) })
	if ok, broken, all := use(t, o); ok || !strings.Contains(broken, "The key can't read a file next door") {
		t.Errorf("smoke says only %q\nof\n%s", broken, all)
	}
}
