package main

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// The users of an issuer are numbers, or strings, and whichever they are, the others get in nowhere: neither by the
// prefix, nor by another filter, nor by what the token itself calls sub. A filter that takes the others only is refused
// at start.
func TestSubjectsCantMeet(t *testing.T) {
	opened := map[string]string{} // the prefix, and which user of which kind it is
	for _, integer := range []bool{true, false} {
		for _, filter := range []string{"", "|int", "|base64url", "|hex", "|sha256"} {
			w := newWorld(t, map[string]string{"ACCESS_YAML": fmt.Sprintf(`
issuers:
  - name: shop
    issuer: https://login.example.com/
    audiences: [cos-credentials]
    secret: ${JWT_SECRET}
    subject: {claim: uid, integer: %v}
grants:
  - name: g
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["users/{sub%s}/*"]
    allowActions: [upload]
`, integer, filter)})
			if fits := integer == (filter == "|int"); w.broken == fits {
				t.Fatalf("integer %v, {sub%s}: %s", integer, filter, w.log)
			}
			for uid, claims := range map[string]jwt.MapClaims{
				"number 42": {"uid": 42}, "number 43": {"uid": 43, "sub": "42"},
				"string 42": {"uid": "42"}, "string 43": {"uid": "43", "sub": 42},
				"no uid": {"sub": "42"}, "no uid, sub a number": {"sub": 42},
			} {
				status, _, body := w.ask(t, httpEvent("GET", "/credentials", newToken(t, claims), ""))
				may := !w.broken && (integer && strings.HasPrefix(uid, "number") || !integer && strings.HasPrefix(uid, "string"))
				if (status == 200) != may {
					t.Errorf("integer %v, {sub%s}, %s: %d %v", integer, filter, uid, status, body)
				}
				if may {
					prefix := body["prefix"].(string)
					user := uid[len("number "):]
					if other := opened[filter+prefix]; cmp.Or(other, user) != user {
						t.Errorf("%s is opened to %s and to %s", prefix, other, user)
					}
					opened[filter+prefix] = user
				}
			}
		}
	}
	if len(opened) != 2*5 {
		t.Errorf("%v", opened)
	}
}

// The subject is the user wherever one is named: in the prefix, the log, and what STS is told.
func TestSubjectIsTheUserEverywhere(t *testing.T) {
	yaml := strings.Replace(accessFile, "    secret:", "    subject: {claim: profile.uid}\n    secret:", 1)
	w := newWorld(t, map[string]string{"ACCESS_YAML": yaml})
	token := newToken(t, jwt.MapClaims{"sub": "mallory", "profile": map[string]any{"uid": "alice"}})
	_, _, body := w.ask(t, httpEvent("GET", "/credentials", token, ""))
	said := w.log.String()
	if body["prefix"] != "users/alice/" || !strings.Contains(said, userOf("alice")) || strings.Contains(said, userOf("mallory")) {
		t.Errorf("%v %s", body, said)
	}
	plain := newWorld(t, nil)
	plain.ask(t, httpEvent("GET", "/credentials", newToken(t, nil), ""))
	one, other := w.sts.Records(), plain.sts.Records()
	if len(one) != 1 || len(other) != 1 || fmt.Sprint(one[0].Params["Name"]) != fmt.Sprint(other[0].Params["Name"]) {
		t.Errorf("STS was told %v, and of a plain login %v", one, other)
	}

	// And BLOCKED means the same user.
	w = newWorld(t, map[string]string{"ACCESS_YAML": yaml, "BLOCKED": userOf("alice")})
	if status, _, _ := w.ask(t, httpEvent("GET", "/credentials", token, "")); status != 403 {
		t.Error(status)
	}
}
