package policy

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

const officeFile = `
issuers:
  - {name: shop, issuer: a, audiences: [x], secret: "${SECRET}"}
  - {name: mini, issuer: b, audiences: [x], secret: "${SECRET}"}
grants:
  - name: admins
    issuers: [shop]
    when: {role: [admin, owner], verified: [true]}
    bucket: a-1
    region: ap-guangzhou
    allowPrefixes: ["*"]
    allowActions: [download, list]
  - name: levels
    issuers: [shop]
    when: {profile.level: [7, 8], "https://example.com/team": [red], "cognito:groups": [g]}
    bucket: a-1
    region: ap-guangzhou
    allowPrefixes: ["{issuer}/*"]
    allowActions: [download]
  - name: own-files
    issuers: [shop, mini]
    bucket: a-1
    region: ap-guangzhou
    allowPrefixes: ["{issuer}/{sub}/*", "{issuer}/{sub}/avatar.png"]
    allowActions: [upload]
    durationSeconds: 900
  - name: teams
    issuers: [mini]
    bucket: b-1
    region: ap-shanghai
    allowPrefixes: ["{team}/*", "{team}/*"]
    allowActions: [download]
    pinClientAddress: true
`

func office(t testing.TB) *Access {
	t.Helper()
	access, problems := load(t, strings.Replace(officeFile, `, "{team}/*"]`, "]", 1))
	if problems != nil {
		t.Fatal(problems)
	}
	return access
}

func TestEntitlePicks(t *testing.T) {
	access := office(t)
	levels := func(level any, team any, groups any) map[string]any {
		return map[string]any{"sub": "42", "profile": map[string]any{"level": level}, "https://example.com/team": team, "cognito:groups": groups}
	}
	admin := func(role, verified any) map[string]any {
		return map[string]any{"sub": "42", "role": role, "verified": verified}
	}
	for _, c := range []struct {
		issuer string
		claims map[string]any
		name   string
		want   string // the grant, or the kind and the reason of a refusal
	}{
		{"shop", holding("sub", "42"), "", "own-files"},
		{"mini", holding("sub", "42"), "", "own-files"},

		// when: equal, or held by an array
		{"shop", admin("admin", true), "", "admins"},
		{"shop", admin("owner", true), "", "admins"},
		{"shop", admin([]any{"guest", "owner"}, true), "", "admins"},
		{"shop", admin("admin", []any{true}), "", "admins"},
		{"shop", admin("guest", true), "", "own-files"},
		{"shop", admin("Admin", true), "", "own-files"},
		{"shop", admin("admin ", true), "", "own-files"},
		{"shop", admin("admin,owner", true), "", "own-files"},
		{"shop", admin("admin", false), "", "own-files"},
		{"shop", admin("admin", "true"), "", "own-files"},
		{"shop", admin("admin", json.Number("1")), "", "own-files"},
		{"shop", admin("admin", nil), "", "own-files"},
		{"shop", holding("role", "admin"), "", "! IdentityNotUsable: the claim sub, which prefix {issuer}/{sub}/* needs, is not in the token"},
		{"shop", admin([]any{}, true), "", "own-files"},
		{"shop", admin([]any{[]any{"admin"}}, true), "", "own-files"},
		{"shop", admin(map[string]any{"admin": true}, true), "", "own-files"},
		{"mini", admin("admin", true), "", "own-files"}, // another issuer's admin

		// nested claims, names like addresses, numbers
		{"shop", levels(json.Number("7"), "red", []any{"g", "h"}), "", "levels"},
		{"shop", levels([]any{json.Number("1"), json.Number("8")}, "red", "g"), "", "levels"},
		{"shop", levels(json.Number("7.0"), "red", "g"), "", "own-files"},
		{"shop", levels("7", "red", "g"), "", "own-files"},
		{"shop", levels(7.0, "red", "g"), "", "own-files"},
		{"shop", levels(json.Number("7"), "blue", "g"), "", "own-files"},
		{"shop", map[string]any{"sub": "42", "profile.level": json.Number("7"), "https://example.com/team": "red", "cognito:groups": "g"}, "", "own-files"},

		// by name
		{"shop", admin("admin", true), "own-files", "own-files"},
		{"shop", admin("admin", true), "admins", "admins"},
		{"shop", holding("sub", "42"), "admins", "! NotEntitled: grant admins was asked for, and the login's claim role has none of the values that it wants"},
		{"shop", admin("root-of-all", true), "admins", "! NotEntitled: grant admins was asked for, and the login's claim role has none of the values that it wants"},
		{"mini", admin("admin", true), "admins", "! NotEntitled: grant admins was asked for, and it is not for logins of issuer mini"},
		{"shop", holding("sub", "42"), "Own-files", "! NotEntitled: a grant was asked for that the access file doesn't have"},
		{"nobody", holding("sub", "42"), "", "! NotEntitled: none of the 4 grants is for this login of issuer nobody: no issuers and when of a grant match it"},
		{"", holding("sub", "42"), "", "! NotEntitled: none of the 4 grants is for this login of issuer : no issuers and when of a grant match it"},

		// the first that matches is the default, even if it can't be filled
		{"shop", holding("sub", "a/b"), "", "! IdentityNotUsable: the claim sub, which prefix {issuer}/{sub}/* needs, can't stand in a prefix unencoded: a character after the first is none of letters, digits and ._@-; {claim|base64url} takes any string"},
		{"mini", holding("team", "red"), "teams", "! IdentityNotUsable: grant teams pins the client's address, and the event has none that can be read"},
	} {
		e, err := access.Entitle(Identity{Issuer: c.issuer, Claims: c.claims}, c.name, "")
		want, refused := strings.CutPrefix(c.want, "! ")
		if !refused {
			if err != nil || e.Grant != want {
				t.Errorf("%s %v %q: %v, %+v", c.issuer, c.claims, c.name, err, e)
			}
			continue
		}
		kinds := map[Kind]string{NotEntitled: "NotEntitled", IdentityNotUsable: "IdentityNotUsable", ScopeNotAllowed: "ScopeNotAllowed"}
		var refusal *Refusal
		if !errors.As(err, &refusal) || e != nil || kinds[refusal.Kind]+": "+refusal.Reason != want {
			t.Errorf("%s %v %q: %v, %+v", c.issuer, c.claims, c.name, err, e)
		}
	}
}

func TestEntitleFills(t *testing.T) {
	e, err := office(t).Entitle(Identity{Issuer: "mini", Claims: holding("sub", "42")}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(e.Prefixes, []string{"mini/42/*", "mini/42/avatar.png"}) || e.Prefix() != "mini/42/" ||
		e.Bucket != "a-1" || e.Region != "ap-guangzhou" || e.Duration != 15*time.Minute {
		t.Errorf("%+v", e)
	}
}

// Two templates that one login fills alike are one prefix.
func TestEntitleNamesAPrefixOnce(t *testing.T) {
	access, problems := load(t, `
issuers: [{name: shop, issuer: a, audiences: [x], secret: "${SECRET}"}]
grants: [{name: g, bucket: a-1, region: ap-guangzhou, allowPrefixes: ["{issuer}/{sub}/*", "shop/{sub}/*"], allowActions: [upload]}]
`)
	if problems != nil {
		t.Fatal(problems)
	}
	e, err := access.Entitle(Identity{Issuer: "shop", Claims: holding("sub", "42")}, "", "")
	if err != nil || !slices.Equal(e.Prefixes, []string{"shop/42/*"}) {
		t.Errorf("%v %+v", err, e)
	}
}

func TestNothingIsGrantedByZeroValues(t *testing.T) {
	if e, err := new(Access).Entitle(Identity{}, "", ""); err == nil {
		t.Errorf("%+v", e)
	}
	if e, err := (&Access{Grants: []Grant{{}}}).Entitle(Identity{}, "", ""); err == nil {
		t.Errorf("%+v", e)
	}
	if doc, err := new(Entitlement).Document(); err == nil {
		t.Errorf("%+v", doc)
	}
	if doc, err := (&Entitlement{Bucket: "a-1", Region: "ap-guangzhou", Prefixes: []string{"*"}}).Document(); err == nil {
		t.Errorf("%+v", doc)
	}
}

func TestLife(t *testing.T) {
	const grant = 30 * time.Minute
	for _, c := range []struct {
		asked, left time.Duration
		pastLogin   bool
		want        time.Duration // 0 for a refusal
	}{
		{0, time.Hour, false, grant},
		{0, 10 * time.Minute, false, 7*time.Minute + 30*time.Second}, // whole eighths of the grant's
		{0, 29*time.Minute + 59*time.Second, false, 26*time.Minute + 15*time.Second},
		{0, 7*time.Minute + 30*time.Second + 999*time.Millisecond, false, 7*time.Minute + 30*time.Second},
		{17 * time.Minute, time.Hour, false, 15 * time.Minute},
		{3 * time.Minute, time.Hour, false, time.Minute},
		{0, 59 * time.Second, false, time.Minute},
		{0, 0, false, time.Minute},
		{0, -20 * time.Second, false, time.Minute}, // within the leeway
		{0, 10 * time.Minute, true, grant},
		{0, -time.Hour, true, grant},
		{grant, time.Hour, false, grant},
		{15 * time.Minute, time.Hour, false, 15 * time.Minute},
		{15 * time.Minute, 10 * time.Minute, false, 7*time.Minute + 30*time.Second},
		{15 * time.Minute, 10 * time.Minute, true, 15 * time.Minute},
		{time.Minute, time.Hour, false, time.Minute},
		{grant + time.Second, time.Hour, false, 0},
		{grant + time.Second, time.Minute, false, 0},
		{grant + time.Second, time.Hour, true, 0},
	} {
		e := &Entitlement{Grant: "g", Duration: grant, pastLogin: c.pastLogin}
		got, err := e.Life(c.asked, c.left)
		var refusal *Refusal
		if c.want == 0 && (!errors.As(err, &refusal) || refusal.Kind != ScopeNotAllowed) || c.want > 0 && err != nil || got != c.want {
			t.Errorf("asked %v, %v left, past the login %v: %v, %v", c.asked, c.left, c.pastLogin, got, err)
		}
	}
}

// A key lives at most an eighth of the grant's life less than it might, and never longer; and there are no more than nine
// lives of one grant, so that a login that asks for each second meets its own keys.
func TestLivesComeInSteps(t *testing.T) {
	for _, grant := range []time.Duration{time.Minute, 7 * time.Minute, 30 * time.Minute, 36 * time.Hour} {
		e, lives := &Entitlement{Duration: grant}, map[time.Duration]bool{}
		for asked := time.Minute; asked <= grant; asked += time.Second {
			got, err := e.Life(asked, grant)
			if err != nil || got > asked || got < time.Minute || asked-got > grant/8+time.Second {
				t.Fatalf("asked %v of %v: %v, %v", asked, grant, got, err)
			}
			if again, _ := e.Life(got, grant); again != got && got%time.Second == 0 && grant%(8*time.Second) == 0 {
				t.Fatalf("%v of %v is cut again, to %v", got, grant, again)
			}
			lives[got] = true
		}
		if len(lives) > 9 || !lives[grant] {
			t.Errorf("%d lives of %v", len(lives), grant)
		}
	}
}

// limitToLogin is on unless the file says otherwise, and durationSeconds is the most in both ways.
func TestLimitToLogin(t *testing.T) {
	for line, want := range map[string]time.Duration{
		"limitToLogin: true":                                   225 * time.Second, // of five minutes
		"durationSeconds: 1200":                                5 * time.Minute,
		"limitToLogin: ${TRUE}":                                225 * time.Second,
		"limitToLogin: false":                                  30 * time.Minute,
		"limitToLogin: ${FALSE}":                               30 * time.Minute,
		"limitToLogin: false\n    durationSeconds: ${SECONDS}": 15 * time.Minute,
	} {
		e, err := own(t, "", folder, "allowActions: [upload]", line)
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Life(0, 5*time.Minute)
		if err != nil || got != want || e.OutlivesLogin() != strings.Contains(strings.ToLower(line), "false") {
			t.Errorf("%s: %v, outlives the login: %v, %v", line, got, e.OutlivesLogin(), err)
		}
	}
}

// holding is claims with one of them.
func holding(name string, value any) map[string]any { return map[string]any{name: value} }
