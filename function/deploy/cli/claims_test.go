package cli

import (
	"encoding/json"
	"reflect"
	"testing"
)

// Claims are where the access file looks for them: what it calls profile.openid is inside profile.
func TestClaims(t *testing.T) {
	got := Claims{}
	for _, s := range []string{
		"role=staff", "id:=9007199254740993", "profile.openid=x", "profile.union.id=y", `team:={"lead":true}`,
		"team.name=red",
		"https://example.com/role=admin", "note=a=b", "empty=",
	} {
		if err := got.Set(s); err != nil {
			t.Error(s, err)
		}
	}
	want := Claims{
		"role": "staff", "id": json.Number("9007199254740993"),
		"profile":                  map[string]any{"openid": "x", "union": map[string]any{"id": "y"}},
		"team":                     map[string]any{"lead": true, "name": "red"},
		"https://example.com/role": "admin", "note": "a=b", "empty": "",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%#v", got)
	}
	for _, s := range []string{"", "role", "=x", ":=1", "id:=", "id:=x", "id:=1 2", `id:={"a":1}}`} {
		if err := (Claims{}).Set(s); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}
