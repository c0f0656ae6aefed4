package test

import (
	"encoding/json"
	"strings"
	"testing"

	"cos-credentials/test/replay"
	"cos-credentials/test/sts"
)

// One instance, with the cache on as it is by default, as users come and go and STS has a bad day.
func TestCache(t *testing.T) {
	r := newRunner(t)
	on := "on"
	const (
		alice    = "${TOKEN}"
		bob      = "${TOKEN sub=bob}"
		ends     = "${TOKEN exp=+20m}" // alice's, before a key of 30 minutes
		wrong    = "${TOKEN secret=wrong}"
		expired  = "${TOKEN exp=-5m}"
		file     = "[SCOPE]"
		filename = `{"filename":"a.jpg"}`
		key      = `{"key":"users/alice/a.jpg"}`
	)
	scope := strings.NewReplacer("SCOPE", item("PutObject", "users/alice/a.jpg"))
	keys := map[string]string{} // the latest by name
	for i, step := range []struct {
		about, token, path, body string
		want                     string // the status, and how the key came about: asked, cached or neither
		as                       string // the name of an earlier key that this one must be, or must not be with a !
		name                     string
		sts                      *sts.Fault
	}{
		{about: "the first request", token: alice, want: "200 asked", name: "alice"},
		{about: "the same user again", token: alice, want: "200 cached", as: "alice"},
		{about: "another token of the same login", token: "${TOKEN nonce=another}", want: "200 cached", as: "alice"},
		{about: "another user", token: bob, want: "200 asked", as: "!alice", name: "bob"},
		{about: "that user again", token: bob, want: "200 cached", as: "bob"},
		{about: "a narrower request", token: alice, body: file, want: "200 asked", as: "!alice", name: "scope"},
		{about: "the same scope", token: alice, body: file, want: "200 cached", as: "scope"},
		{about: "the same scope, in an object", token: alice, body: `{"scope":` + file + `}`, want: "200 cached", as: "scope"},
		{about: "the whole again", token: alice, want: "200 cached", as: "alice"},
		{about: "a shorter life", token: alice, body: `{"durationSeconds":600}`, want: "200 asked", as: "!alice"},
		{about: "a login that ends before the key", token: ends, want: "200 asked", as: "!alice", name: "ends"},
		{about: "a chosen key is never another's", token: alice, body: filename, want: "200 asked", name: "chosen"},
		{about: "nor the same user's", token: alice, body: filename, want: "200 asked", as: "!chosen"},
		{about: "a form", token: alice, path: "/post-policy", body: key, want: "200 asked", as: "!scope"},
		{about: "the same form", token: alice, path: "/post-policy", body: key, want: "200 cached"},
		{about: "no credential is in the cache for who has no login", token: wrong, want: "401 neither"},
		{about: "nor for who had one", token: expired, want: "401 neither"},
		{about: "nor for what was never granted", token: bob, body: file, want: "403 neither"},
		{about: "STS is down, and the key is as good as it was", token: alice, want: "200 cached", as: "alice", sts: &sts.Fault{Reset: true}},
		{about: "STS is down for those who come first", token: "${TOKEN sub=carol}", want: "502 asked", sts: &sts.Fault{Status: 500, Body: "no"}},
		{about: "a failure is not kept", token: "${TOKEN sub=carol}", want: "200 asked"},
	} {
		event := map[string]any{"httpMethod": "GET", "path": "/", "headers": map[string]string{"authorization": "Bearer " + step.token}, "body": scope.Replace(step.body)}
		if step.body != "" {
			event["httpMethod"] = "POST"
		}
		if step.path != "" {
			event["path"] = step.path
		}
		before := len(r.STS.Records())
		o, err := r.Run(t.Context(), replay.Case{Name: step.about, Env: map[string]*string{"STS_CACHE": &on}, Event: []byte(asJSON(event)), STS: step.sts})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range o.Differences {
			t.Errorf("%d %s: %s: want %s, got %s", i, step.about, d.What, d.Want, d.Got)
		}
		got := "neither"
		switch {
		case len(r.STS.Records()) > before:
			got = "asked"
		case strings.Contains(strings.Join(o.Log, "\n"), `"cached":true`):
			got = "cached"
		}
		if got = strings.Join([]string{asJSON(o.Status), got}, " "); got != step.want {
			t.Errorf("%d %s: %s, want %s\n%s", i, step.about, got, step.want, strings.Join(o.Log, "\n"))
		}
		id := secretID(o)
		if other, not := strings.CutPrefix(step.as, "!"); step.as != "" && (id == keys[other]) == not {
			t.Errorf("%d %s: the key is %s, and %s is %s", i, step.about, id, other, keys[other])
		}
		if step.name != "" {
			keys[step.name] = id
		}
	}
	if n := r.Started(); n != 1 {
		t.Errorf("%d processes: it should have been one cache", n)
	}
}

func secretID(o replay.Outcome) string {
	var answer struct{ Body string }
	var body struct {
		QAk         string
		Credentials struct{ TmpSecretID string }
	}
	json.Unmarshal(o.Response, &answer)
	json.Unmarshal([]byte(answer.Body), &body)
	return body.QAk + body.Credentials.TmpSecretID
}
