package prefix

import (
	"strings"
	"testing"
)

// Two templates of one bucket, of one issuer unless one says "@other", and which rule of the contract lets them be:
// a, b, c, d, or - for none.
func TestMeet(t *testing.T) {
	for _, c := range []struct{ one, other, rule string }{
		// (a) literal text that no value can make equal
		{"a/{sub}/*", "b/{nick}/*", "a"},
		{"{sub}.png", "{sub}.jpg", "a"},
		{"{sub}.png", "{nick}.jpg", "a"},
		{"{nick}/a.txt", "{tenant}/b.txt", "a"},
		{"{nick}/a/*", "{tenant}/b/*", "a"},
		{"u-{nick}/*", "t-{nick}/*", "a"},
		{"u-{nick}/*", "u_{tenant}/*", "a"},
		{"{nick}-u/*", "{tenant}-t/*", "a"},
		{"{nick}/x", "{nick}/y", "a"},
		{"shop/{sub}/*", "mini/{sub}/* @other", "a"},
		{"{issuer}/{sub}/*", "{issuer}/{sub}/* @other", "a"},
		{"{issuer|hex}/{sub}/*", "{issuer|hex}/{sub}/* @other", "a"},
		{"{issuer}/{sub}/*", "mini/{sub}/* @other", "a"},
		{"{issuer}.d/{sub}/*", "{issuer}.d/{nick}/* @other", "a"},
		{"{sub}/*", "_shared/*", "a"}, // no plain value begins so
		{"{sub}/*", ".shared/*", "a"},
		{"{sub}/*", "a b/*", "a"},
		{"{sub}/*", "用户/*", "a"},
		{"{sub}/*", "a..b/*", "a"},
		{"{sub}.png", "photo.jpg", "a"},
		{"u-{sub}/*", "u-/*", "a"}, // a value is never empty
		{"u-{sub}/*", "u-_/*", "a"},
		{"{sub}/*", strings.Repeat("a", 129) + "/*", "a"},
		{"{id|int}/*", "admin/*", "a"},
		{"{id|int}/*", "007/*", "a"},
		{"{id|int}/*", strings.Repeat("1", 20) + "/*", "a"},
		{"{id|int}/*", "x{id|int}/*", "a"},
		{"u{id|int}/*", "u{sub}x/*", "a"},
		{"u{id|int}a/*", "u{nick|int}b/*", "a"},
		{"{sub|hex}/*", "public/*", "a"},
		{"{sub|hex}/*", "abc/*", "a"},
		{"{sub|hex}/*", "AB/*", "a"},
		{"{sub|hex}/*", "g{nick|int}/*", "a"},
		{"{sub|base64url}/*", "admin/*", "a"}, // five characters are no base64
		{"{sub|base64url}/*", "a.b/*", "a"},
		{"{sub|base64url}/*", "{nick}.d/*", "a"},
		{"{sub|sha256}/*", "abcd/*", "a"},
		{"{sub|sha256}/*", "{id|int}/*", "a"},
		{"{sub|sha256}/*", "x{id|sha256}/*", "a"},
		{"a*", "b/{sub}/*", "a"},
		{"ab*", "a/{sub}/*", "a"},
		{"x{sub}/*", "y*", "a"},
		{"{nick}/a", "{tenant}/b/{sub}", "a"},

		// (b) the same user
		{"users/{sub}/*", "users/{sub}/*", "b"},
		{"users/{sub}/*", "users/{sub}/avatar.png", "b"},
		{"{sub}/{nick}/*", "{sub}/{tenant}/*", "b"},
		{"{sub}/public/*", "{sub}/{nick}/*", "b"},
		{"{tenant}/{sub}/*", "{team}/{sub}/*", "b"},
		{"{tenant}/{sub}/a", "acme/{sub}/*", "b"},
		{"{sub|sha256}/*", "{sub|sha256}/*", "b"},
		{"u-{sub}.d/{x}", "u-{sub}.d/{y}", "b"},
		{"avatars/{sub}.png", "avatars/{sub}.png", "b"},

		// (c) one covers the other on purpose
		{"*", "users/{sub}/*", "c"},
		{"*", "{sub}/*", "c"},
		{"*", "{sub}/* @other", "c"},
		{"*", "*", "c"},
		{"* @other", "*", "c"},
		{"*", "robots.txt", "c"},
		{"users/*", "users/{sub}/*", "c"},
		{"users/*", "users/{sub}/* @other", "c"},
		{"users/*", "users/{sub}.png", "c"},
		{"users/*", "users/*", "c"},
		{"users/a*", "users/*", "c"},
		{"{tenant}/*", "{tenant}/{sub}/*", "c"},
		{"{tenant}/*", "{tenant}/*", "c"},
		{"{tenant}/*", "{tenant}/index.html", "c"},
		{"{issuer}/*", "shop/{sub}/*", "c"},
		{"{issuer}/*", "shop/{sub}/* @other", "c"},
		{"a*", "ab/{sub}/*", "c"},
		{"a*", "a-{sub}/*", "c"},
		{"a*", "abc", "c"},
		{"a*", "ab*", "c"},
		{"{tenant|int}/*", "{tenant|int}/{sub}", "c"},

		// (d) a single object, and the other is deeper
		{"users", "users/{sub}/*", "d"},
		{"{nick}", "{sub}/*", "d"},
		{"{nick}", "{sub}/* @other", "d"},
		{"{nick}", "{tenant}/{sub}/x", "d"},
		{"a/{nick}", "{tenant}/{sub}/x.png", "d"},
		{"a", "a/b*", "d"},

		// everything else
		{"users/{sub}/*", "users/{nick}/*", "-"},
		{"users/{sub}/*", "users/admin/*", "-"},
		{"users/{sub}/*", "users/admin/x.png", "-"},
		{"{sub}/*", "{tenant}/*", "-"},
		{"users/{sub}/*", "users/{sub}/* @other", "-"},
		{"users/{sub|hex}/*", "users/{sub|hex}/* @other", "-"},
		{"{issuer}/{sub}/*", "shop/{sub}/* @other", "-"},
		{"{issuer}/{sub}/*", "{nick}/{sub}/* @other", "-"},
		{"{tenant}/*", "{tenant}/* @other", "-"},
		{"{tenant}/*", "{tenant}/{sub}/* @other", "-"},
		{"{tenant}/*", "{team}/{sub}/*", "-"},
		{"{tenant}/{sub}/*", "{sub}/{tenant}/*", "-"},
		{"{tenant}/{nick}/*", "{tenant}/{sub}/*", "-"},
		{"users/{sub}/*", "users/{sub|hex}/*", "-"},
		{"users/{sub}/*", "users/{sub|base64url}/*", "-"},
		{"users/{sub}/*", "users/{id|int}/*", "-"},
		{"users/{sub|hex}/*", "users/{id|int}/*", "-"},
		{"users/{sub|hex}/*", "users/{sub|sha256}/*", "-"},
		{"users/{sub|base64url}/*", "users/{sub|sha256}/*", "-"},
		{"users/{sub|base64url}/*", "users/{id|int}/*", "-"},
		{"users/{sub|base64url}/*", "users/a-{nick}/*", "-"},
		{"users/{sub|base64url}/*", "users/a_{nick}/*", "-"},
		{"users/{sub}/*", "users/" + hexDigest("a") + "/*", "-"},
		{"users/{sub|sha256}/*", "users/" + hexDigest("a") + "/*", "-"},
		{"users/{sub|hex}/*", "users/61/*", "-"},
		{"users/{sub|base64url}/*", "users/YQ/*", "-"},
		{"users/{id|int}/*", "users/2026/*", "-"},
		{"u-{sub}/*", "{nick}/*", "-"},
		{"u-{sub}/*", "u-{nick}/*", "-"},
		{"u-{sub}/*", "{sub}/*", "-"},
		{"{sub}-u/*", "u-{nick}/*", "-"},
		{"{sub}-u/*", "u-u/*", "-"},
		{"a{sub}/*", "a{sub}b/*", "-"},
		{"a*", "{sub}/*", "-"},
		{"abc*", "a{sub}/*", "-"},
		{"users/a*", "users/{sub}/*", "-"},
		{"users/a*", "{tenant}/{sub}/*", "-"},
		{"{sub}/*", "acme*", "-"},
		{"{sub}/*", "acme/*", "-"},
		{"{sub}/*", "acme/logo.png", "-"},
		{"{tenant}/{sub}.png", "acme/logo.png", "-"},
		{"{tenant}.png", "{nick}.png", "-"},
		{"{tenant}", "{tenant}", "-"},
		{"robots.txt", "robots.txt", "-"}, // to the letter: an object of everyone's in two grants
		{"robots.txt", "robots.txt @other", "-"},
	} {
		one, other := reach(t, c.one), reach(t, c.other)
		for range 2 {
			if got := Meet(one, other); got != (c.rule == "-") {
				t.Errorf("%s and %s: meet says %v, the rule is %s", c.one, c.other, got, c.rule)
			}
			one, other = other, one
		}
	}
}

// reach reads "template" or "template @other".
func reach(t testing.TB, s string) Reached {
	t.Helper()
	source, foreign := strings.CutSuffix(s, " @other")
	issuer := "shop"
	if foreign {
		issuer = "mini"
	}
	return mustCompile(t, source).ReachedBy(issuer)
}
