package test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cos-credentials/test/cam"
	"cos-credentials/test/replay"
)

// asker sends bodies of alice's to the real binary, with the access file of the events.
type asker struct {
	*replay.Runner
	t *testing.T
	c replay.Case
}

func newAsker(t *testing.T) *asker {
	c, err := replay.Load("../events/ok-scope-array.json")
	if err != nil {
		t.Fatal(err)
	}
	return &asker{newRunner(t), t, c}
}

// ask sends the body as it is, and returns the status and name of the answer, and what the key opens.
func (a *asker) ask(path, query, body string) (answer, policy string) {
	a.t.Helper()
	event := map[string]any{
		"httpMethod": "POST", "path": path, "headers": map[string]string{"authorization": "Bearer ${TOKEN}"}, "queryString": map[string]string{"grant": query},
		"body": base64.StdEncoding.EncodeToString([]byte(body)), "isBase64Encoded": true,
	}
	if query == "" {
		event["queryString"] = nil
	}
	a.c.Event, a.c.Answer = []byte(asJSON(event)), nil
	before := len(a.STS.Records())
	o, err := a.Run(a.t.Context(), a.c)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, d := range o.Differences {
		a.t.Errorf("%.200s: %s: want %s, got %s", body, d.What, d.Want, d.Got)
	}
	asked := a.STS.Records()[before:]
	if o.Status != 200 && len(asked) > 0 {
		a.t.Errorf("%.200s: refused, and STS was asked", body)
	}
	for _, r := range asked {
		policy = r.Policy
	}
	return strings.TrimSpace(fmt.Sprint(o.Status, " ", o.Code)), policy
}

func item(action, prefix string) string {
	return asJSON(map[string]string{"action": "name/cos:" + action, "bucket": "examplebucket-1250000000", "region": "ap-guangzhou", "prefix": prefix})
}

// No spelling of a prefix reaches another user's folder, whoever resolves it.
func TestPrefixesThatTryToLeave(t *testing.T) {
	t.Parallel()
	a := newAsker(t)
	others := []string{
		"users/bob/a", "users/alice2/a", "users/alic/a", "users/aliceb", "users/alice.png", "Users/alice/a", "users/Alice/a", " users/alice/a", "users /alice/a",
		"users/*", "users/a*", "users/alice*", "user*", "*", "**", "/*", "//users/alice/a", "///", "users//alice/a", "users/alice//a", "users/alice/a//b", "users/alice//*",
		"users/alice/../bob/a", "users/alice/..", "users/alice/../*", "users/alice/./a", "users/alice/.", "./users/alice/a", "../users/alice/a", "users/bob/../alice/a", "/../users/alice/a",
		"users/alice/*a", "users/alice/*/", "users/alice/a**", "users/*/a", "*/alice/a", "users/alice/?", "?sers/alice/a", "users/alice/$", "${sub}", "users/${uin}/a", "users/alice/${filename}",
		"users%2Falice%2Fa", "users/alice/%2e%2e/bob/a", "users/alice/%2F", "users/alice/%", `users\alice\a`, `users/alice/..\bob`,
		"users/alice/a\x00", "users/alice\x00/a", "users/alice/\r\n", "users/alice/\t", "users/alice/\x7f", "users/alice/\u0085", "users/alice/\u009f",
		"users/\u0430lice/a", "users/alice\u200b/a", "users\u2215alice/a", "users\uff0falice/a", // letters and slashes that look alike
		"avatars/alice.png/a", "avatars/alice.png*", "avatars/alice", "avatars/alice.png ", "avatars/*", "pictures/alice/a", "invoices/alice/1.pdf",
		"users/alice/" + strings.Repeat("a", 839), "users/alice/" + strings.Repeat("é", 420), "users/alice/" + strings.Repeat("a/", 420) + "*",
	}
	for _, action := range []string{"PutObject", "GetObject", "DeleteObject", "GetBucket"} {
		for _, prefix := range others {
			if got, _ := a.ask("/", "", "["+item(action, prefix)+"]"); got != "403 ScopeNotAllowed" {
				t.Errorf("%s %q: %s", action, prefix, got)
			}
			// One that is good beside it makes it no better, before it or after.
			good := item(action, "users/alice/good/*")
			for _, scope := range []string{"[" + good + "," + item(action, prefix) + "]", "[" + item(action, prefix) + "," + good + "]"} {
				if got, _ := a.ask("/", "", scope); got != "403 ScopeNotAllowed" {
					t.Errorf("%s: %s", scope, got)
				}
			}
		}
	}
	for _, prefix := range others { // a form's key is held to the same
		if got, _ := a.ask("/post-policy", "", asJSON(map[string]string{"key": prefix})); got != "403 ScopeNotAllowed" {
			t.Errorf("form for %q: %s", prefix, got)
		}
	}
}

// What looks odd and is fine opens exactly itself.
func TestOddKeysAreKept(t *testing.T) {
	t.Parallel()
	a := newAsker(t)
	for _, key := range []string{
		"users/alice/a", "users/alice/a/", "users/alice/", "users/alice/...", "users/alice/..a", "users/alice/a..", "users/alice/ ", "users/alice/a b", "users/alice/+", "users/alice/&=#",
		"users/alice/é", "users/alice/e\u0301", "users/alice/中文/🎉", "users/alice/{sub}", "users/alice/\"'`<>|^~", "users/alice/:,;!@()[]", "users/alice/users/bob/a",
		"users/alice/\u2028", "users/alice/" + strings.Repeat("a", 838), "users/alice/" + strings.Repeat("é", 419), "avatars/alice.png",
	} {
		got, policy := a.ask("/", "", "["+item("PutObject", key)+"]")
		p, err := cam.Parse(policy)
		if got != "200" || err != nil || !slices.Equal(opened(p, "name/cos:PutObject"), []string{key}) ||
			slices.ContainsFunc(p.Statements, func(s cam.Statement) bool { return !slices.Equal(s.Actions, []string{"name/cos:PutObject"}) }) {
			t.Errorf("%q: %s %v %s", key, got, err, policy)
		}
		if got, policy := a.ask("/post-policy", "", asJSON(map[string]string{"key": key})); got != "200" || !strings.Contains(policy, "PostObject") {
			t.Errorf("form for %q: %s %s", key, got, policy)
		}
	}
}

// Bodies that say two things, nothing, or what this resource doesn't know.
func TestBodiesThatContradictThemselves(t *testing.T) {
	t.Parallel()
	a := newAsker(t)
	put := item("PutObject", "users/alice/a")
	with := func(from, to string) string { return "[" + strings.Replace(put, from, to, 1) + "]" }
	many := func(n int) string { return "[" + strings.Repeat(put+",", n-1) + put + "]" }
	for _, tt := range []struct{ path, query, body, want string }{
		{"/", "", many(1000), "200"},
		{"/", "", many(1001), "400 InvalidRequest"},
		{"/", "", "[]", "400 InvalidRequest"},
		{"/", "", `{"scope":[]}`, "400 InvalidRequest"},
		{"/", "", `{"scope":null}`, "400 InvalidRequest"},
		{"/", "", `{"scope":` + put + `}`, "400 InvalidRequest"},
		{"/", "", `{"scope":"[]"}`, "400 InvalidRequest"},
		{"/", "", "[" + put + ",]", "400 InvalidRequest"},
		{"/", "", "[" + put + "][" + put + "]", "400 InvalidRequest"},
		{"/", "", "[[" + put + "]]", "400 InvalidRequest"},
		{"/", "", "[" + put + ",null]", "400 InvalidRequest"},
		{"/", "", with(`"action"`, `"Action"`), "400 InvalidRequest"},
		{"/", "", with(`{`, `{"prefix":"users/alice/b",`), "400 InvalidRequest"},
		{"/", "", with(`{`, `{"pre\u0066ix":"users/alice/b",`), "400 InvalidRequest"},
		{"/", "", with(`{`, `{"effect":"deny",`), "400 InvalidRequest"},
		{"/", "", with(`"users/alice/a"`, `1`), "400 InvalidRequest"},
		{"/", "", with(`"users/alice/a"`, `"users/alice/\ud800"`), "400 InvalidRequest"},
		{"/", "", with(`"users/alice/a"`, "\"users/alice/\xff\""), "400 InvalidRequest"},
		{"/", "", with(`"users/alice/a"`, `"users/alice/\ufffd"`), "400 InvalidRequest"},
		{"/", "", with(`"users/alice/a"`, `null`), "403 ScopeNotAllowed"},
		{"/", "", with(`"ap-guangzhou"`, `""`), "403 ScopeNotAllowed"},
		{"/", "", with(`"name/cos:PutObject"`, `"name/cos:PutObject "`), "403 ScopeNotAllowed"},
		{"/", "", with(`"name/cos:PutObject"`, `"name/cos:name/cos:PutObject"`), "403 ScopeNotAllowed"},
		{"/", "", with(`"name/cos:PutObject"`, `"cos:cos:PutObject"`), "403 ScopeNotAllowed"},
		{"/", "", with(`"name/cos:PutObject"`, `"name/sts:AssumeRole"`), "403 ScopeNotAllowed"},
		{"/", "own-files", "[" + put + "]", "200"},
		{"/", "pictures", "[" + put + "]", "403 ScopeNotAllowed"},
		{"/", "nothing", "[" + put + "]", "403 NotEntitled"},
		{"/", "own-files", `{"grant":"pictures","scope":[` + put + `]}`, "400 InvalidRequest"},
		{"/", "own-files", `{"grant":"own-files","scope":[` + put + `]}`, "200"},
		{"/", "", `{"scope":[` + put + `],"bucket":"otherbucket-1250000000"}`, "403 ScopeNotAllowed"},
		{"/", "", `{"scope":[` + put + `],"filename":"a"}`, "400 InvalidRequest"},
		{"/", "", `{"scope":[` + put + `],"key":"users/alice/a"}`, "400 InvalidRequest"},
		{"/", "", `{"filename":"a","contentType":"image/png"}`, "400 InvalidRequest"},
		{"/", "", `{"filename":null}`, "400 InvalidRequest"},
		{"/", "", `{"filename":"a","durationSeconds":59}`, "400 InvalidRequest"},
		{"/", "", `{"filename":"a","durationSeconds":6e1}`, "400 InvalidRequest"},
		{"/", "", `{"filename":"a","durationSeconds":"60"}`, "400 InvalidRequest"},
		{"/", "", `{"filename":"a","durationSeconds":1801}`, "403 ScopeNotAllowed"},
		{"/", "", `{"filename":"` + strings.Repeat("é", 127) + `"}`, "200"},
		{"/", "", `{"filename":"` + strings.Repeat("é", 128) + `"}`, "400 InvalidRequest"},
		{"/post-policy", "", "", "400 InvalidRequest"},
		{"/post-policy", "", "{}", "400 InvalidRequest"},
		{"/post-policy", "", "[" + put + "]", "400 InvalidRequest"},
		{"/post-policy", "", `{"scope":[` + put + `],"key":"users/alice/a"}`, "400 InvalidRequest"},
		{"/post-policy", "", `{"key":"users/alice/a","filename":"a"}`, "400 InvalidRequest"},
		{"/post-policy", "", `{"key":"users/alice/a","acl":"public-read"}`, "400 InvalidRequest"},
		{"/post-policy", "", `{"key":"users/alice/a","maxBytes":1}`, "400 InvalidRequest"},
		{"/post-policy", "", `{"key":"users/alice/*"}`, "403 ScopeNotAllowed"},
		{"/post-policy", "", `{"key":"users/alice/a*"}`, "403 ScopeNotAllowed"},
		{"/post-policy", "pictures", `{"key":"pictures/alice/a"}`, "200"},
		{"/post-policy", "pictures", `{"key":"users/alice/a"}`, "403 ScopeNotAllowed"},
		{"/post-policy", "invoices", `{"key":"invoices/alice/a"}`, "403 NotEntitled"},
		{"/post-policy", "", `{"key":"users/alice/a","contentType":""}`, "400 InvalidRequest"},
		{"/post-policy", "", `{"key":"users/alice/a","contentType":"text/html\r\nx: y"}`, "400 InvalidRequest"},
		{"/post-policy", "", `{"key":"users/alice/a","contentType":"text/plain;charset=utf-8;x=y"}`, "400 InvalidRequest"},
		{"/post-policy", "", `{"key":"users/alice/a","contentType":"text/plain; boundary=x"}`, "400 InvalidRequest"},
		{"/post-policy", "pictures", `{"filename":"a","contentType":"image/png;charset=utf-8"}`, "200"},
		{"/post-policy", "avatar", `{"key":"avatars/alice.png","contentType":"image/png;charset=utf-8"}`, "403 ScopeNotAllowed"},
		{"/post-policy", "avatar", `{"key":"avatars/alice.png","contentType":"image/pngx"}`, "403 ScopeNotAllowed"},
		{"/post-policy", "", `{"key":"users/alice/a","durationSeconds":1801}`, "403 ScopeNotAllowed"},
	} {
		if got, _ := a.ask(tt.path, tt.query, tt.body); got != tt.want {
			t.Errorf("%s %s %.120s: %s, want %s", tt.path, tt.query, tt.body, got, tt.want)
		}
	}
}
