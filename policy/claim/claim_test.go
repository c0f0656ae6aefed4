package claim

import (
	"encoding/json"
	"testing"
)

func TestMet(t *testing.T) {
	claims := map[string]any{
		"scope": "openid user  files", "scp": "a b", "role": []any{"member", json.Number("5"), true},
		"https://x.example/role": "staff", "a": map[string]any{"b": "c", "scope": "d e"}, "a.b": "not this", "none": nil,
	}
	for _, c := range []struct {
		claim string
		value any
		met   bool
	}{
		{"scope", "user", true}, // each word is a value
		{"scope", "openid", true},
		{"scope", "files", true},
		{"scope", "openid user  files", false},
		{"scope", "open", false},
		{"scope", "User", false},
		{"scp", "a", false}, // and of no other claim
		{"scp", "a b", true},
		{"a.scope", "d", false},
		{"role", "member", true},
		{"role", json.Number("5"), true},
		{"role", true, true},
		{"role", "5", false},
		{"role", "true", false},
		{"https://x.example/role", "staff", true},
		{"a.b", "c", true},
		{"a.b", "not this", false},
		{"none", "", false},
		{"absent", "x", false},
	} {
		if got := (Requirement{c.claim, []any{"other", c.value}}).Met(claims); got != c.met {
			t.Errorf("%s, %v: %v", c.claim, c.value, got)
		}
	}
	// Words are parted by spaces, and by nothing that looks like one; in an array each element is a value.
	for _, scope := range []any{
		"a\tuser", "a\nuser", "a\u00a0user", "a,user", "a+user", []any{"a user"}, json.Number("1"), map[string]any{"user": true},
	} {
		if (Requirement{Scope, []any{"user"}}).Met(map[string]any{"scope": scope}) {
			t.Errorf("%q holds user", scope)
		}
	}
	if !(Requirement{Scope, []any{"user"}}).Met(map[string]any{"scope": []any{"a", "user"}}) {
		t.Error("an array is no longer one")
	}
}

func TestIsInteger(t *testing.T) {
	for text, want := range map[string]bool{
		"0": true, "7": true, "9999999999999999999": true, "10000000000000000000": false, "": false, "00": false,
		"01": false, "-0": false, "-1": false, "1.0": false, "1e3": false, "٣": false, " 1": false,
	} {
		if IsInteger(text) != want {
			t.Errorf("%q", text)
		}
	}
}
