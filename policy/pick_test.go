package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A request picks an element of the verified claim, and nothing that the claim doesn't hold.
func TestPick(t *testing.T) {
	access, problems := load(t, `
issuers: [{name: shop, issuer: shop, audiences: [x], secret: "${SECRET}"}]
grants:
  - name: teams
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allow:
      - {prefixes: ["users/{sub}/*"], actions: [upload]}
      - {prefixes: ["teams/{profile.teams[]}/*", "logos/{profile.teams[]}.png"], actions: [download]}
  - name: encoded
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["encoded/{profile.teams[]|base64url}/*"]
    allowActions: [download]
  - name: own
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["own/{sub}/*"]
    allowActions: [download]
`)
	if problems != nil {
		t.Fatal(problems)
	}
	type list = []any
	many := make(list, 1001)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for _, c := range []struct {
		grant string
		teams any
		pick  string
		want  string // the prefixes, or ! and what it is refused as
	}{
		{"teams", list{"red"}, "", "users/42/* teams/red/* logos/red.png"},
		{"teams", list{"red"}, "red", "users/42/* teams/red/* logos/red.png"},
		{"teams", list{"red", "blue"}, "blue", "users/42/* teams/blue/* logos/blue.png"},
		{"teams", list{"red", "red"}, "", "users/42/* teams/red/* logos/red.png"},
		{"teams", many[:1000], "999", "users/42/* teams/999/* logos/999.png"},
		{"encoded", list{"a/b", "red"}, "a/b", "encoded/YS9i/*"},
		{"own", list{"red"}, "", "own/42/*"},

		{"teams", list{"red", "blue"}, "", "! InvalidRequest"},
		{"own", list{"red"}, "red", "! InvalidRequest"},

		{"teams", list{"red"}, "blue", "! ScopeNotAllowed"},
		{"teams", list{"red", "blue"}, "Red", "! ScopeNotAllowed"},
		{"teams", list{"red"}, "red ", "! ScopeNotAllowed"},
		{"teams", list{"red"}, "red/../blue", "! ScopeNotAllowed"},
		{"teams", list{"red"}, "*", "! ScopeNotAllowed"},
		{"teams", list{"red"}, "42", "! ScopeNotAllowed"}, // not the subject either

		{"teams", list{}, "", "! IdentityNotUsable"},
		{"teams", list{}, "red", "! IdentityNotUsable"},
		{"teams", nil, "red", "! IdentityNotUsable"},
		{"teams", "red", "red", "! IdentityNotUsable"},
		{"teams", map[string]any{"red": true}, "red", "! IdentityNotUsable"},
		{"teams", list{"red", json.Number("7")}, "red", "! IdentityNotUsable"},
		{"teams", list{"red", nil}, "red", "! IdentityNotUsable"},
		{"teams", list{list{"red"}}, "red", "! IdentityNotUsable"},
		{"teams", many, "7", "! IdentityNotUsable"},
		{"teams", list{""}, "", "! IdentityNotUsable"},
		{"teams", list{"a/b"}, "a/b", "! IdentityNotUsable"},
		{"teams", list{"..", "red"}, "..", "! IdentityNotUsable"},
		{"teams", list{"*"}, "*", "! IdentityNotUsable"},
	} {
		claims := map[string]any{"sub": "42", "profile": map[string]any{"teams": c.teams}}
		e, err := access.Entitle(Identity{Issuer: "shop", Claims: claims}, c.grant, c.pick)
		kind, refused := strings.CutPrefix(c.want, "! ")
		if !refused {
			picks := c.grant != "own"
			if err != nil || strings.Join(e.Prefixes, " ") != c.want || (e.Pick != "") != picks {
				t.Errorf("%v, %q: %v, %+v", c.teams, c.pick, err, e)
			}
			continue
		}
		kinds := []string{"", "NotEntitled", "IdentityNotUsable", "ScopeNotAllowed", "ScopeTooLarge", "InvalidRequest"}
		var refusal *Refusal
		if !errors.As(err, &refusal) || e != nil || refusal.Kind != Kind(slices.Index(kinds, kind)) {
			t.Errorf("%v, %q: %v, %+v", c.teams, c.pick, err, e)
			continue
		}
		told := refusal.Reason + refusal.Message
		if strings.Contains(told, `"`) || strings.Contains(told, " red") || strings.Contains(told, "blue") {
			t.Errorf("%v, %q: a value is told: %s", c.teams, c.pick, told)
		}
	}
}
