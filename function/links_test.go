package main

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const linksFile = shop + `
  - name: own-files
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["avatars/{sub}.png", "users/{sub}/*"]
    allowActions: [upload, download, list]
  - name: drop-box
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["drops/{sub}/*"]
    allowActions: [upload]
  - name: keyless
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["albums/{sub}/*"]
    allowActions: [upload, download]
    keys: false
  - name: sealed
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["safes/{sub}/*"]
    allowActions: [upload, download]
    sealedOnly: true
  - name: outliving
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["long/{sub}/*"]
    allowActions: [download]
    limitToLogin: false
`

func linksWorld(t *testing.T) *world {
	return newWorld(t, map[string]string{"ACCESS_YAML": linksFile})
}

// links asks for links, and returns what came of it.
func (w *world) links(t *testing.T, token, body string) (status int, answer map[string]any) {
	t.Helper()
	status, _, answer = w.ask(t, httpEvent("POST", "/links", token, body))
	return status, answer
}

func TestLinks(t *testing.T) {
	w := linksWorld(t)
	status, answer := w.links(t, newToken(t, nil), `{"keys":["users/alice/a b/小.jpg","/avatars/alice.png","avatars/alice.png"],"process":"imageMogr2/thumbnail/!50p|imageMogr2/format/webp"}`)
	links, _ := answer["links"].([]any)
	if status != 200 || len(links) != 3 || answer["requestId"] == nil || len(answer) != 4 {
		t.Fatalf("%d %v", status, answer)
	}
	for i, key := range []string{"users/alice/a b/小.jpg", "avatars/alice.png", "avatars/alice.png"} {
		link := links[i].(map[string]any)
		u, err := url.Parse(link["url"].(string))
		if err != nil || link["key"] != key || u.Scheme != "https" || u.Host != "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com" ||
			u.Path != "/"+key || !strings.HasPrefix(u.RawQuery, "imageMogr2/thumbnail/!50p|imageMogr2/format/webp&q-sign-algorithm=sha1&") {
			t.Errorf("%d: %v", i, link)
		}
		p := w.policyOf(t, u.Query().Get("x-cos-security-token"))
		if !allows(p, "GetObject", "users/alice/other") || allows(p, "PutObject", "users/alice/other") || allows(p, "GetBucket", "") || allows(p, "GetObject", "users/bob/x") {
			t.Error("the links' key does not open the login's downloads and nothing else")
		}
	}
	asked := len(w.sts.Records())
	if w.links(t, newToken(t, nil), `{"keys":["users/alice/z"],"expires":60}`); len(w.sts.Records()) != asked {
		t.Error("another request for links does not find the key of the first")
	}
}

func TestLinksRefuse(t *testing.T) {
	w := linksWorld(t)
	many := `"users/alice/x"` + strings.Repeat(`,"users/alice/x"`, 99)
	for body, want := range map[string]string{
		`{"keys":[` + many + `]}`:                 "",
		`{"keys":[` + many + `,"users/alice/x"]}`: "InvalidRequest",
		``:                             "InvalidRequest",
		`{}`:                           "InvalidRequest",
		`{"keys":[]}`:                  "InvalidRequest",
		`{"keys":"users/alice/x"}`:     "InvalidRequest",
		`{"keys":["users/alice/x",1]}`: "InvalidRequest",
		`{"keys":[""]}`:                "InvalidRequest",
		`["users/alice/x"]`:            "InvalidRequest",
		`{"keys":["users/alice/x"],"filename":"a"}`:                                          "InvalidRequest",
		`{"keys":["users/bob/x"]}`:                                                           "ScopeNotAllowed",
		`{"keys":["users/alice/x","users/bob/x"]}`:                                           "ScopeNotAllowed",
		`{"keys":["users/alice/*"]}`:                                                         "ScopeNotAllowed",
		`{"keys":["users/alice/../bob/x"]}`:                                                  "ScopeNotAllowed",
		`{"keys":["users/alice"]}`:                                                           "ScopeNotAllowed",
		`{"keys":["users/alice/50%.pdf"]}`:                                                   "ScopeNotAllowed",
		`{"keys":["users/alice/x"],"expires":60}`:                                            "",
		`{"keys":["users/alice/x"],"expires":59}`:                                            "InvalidRequest",
		`{"keys":["users/alice/x"],"expires":"90"}`:                                          "InvalidRequest",
		`{"keys":["users/alice/x"],"expires":1800}`:                                          "",
		`{"keys":["users/alice/x"],"expires":1801}`:                                          "ScopeNotAllowed",
		`{"keys":["drops/alice/x"],"grant":"drop-box"}`:                                      "NotEntitled",
		`{"keys":["albums/alice/x"],"grant":"keyless"}`:                                      "",
		`{"keys":["safes/alice/x"],"grant":"sealed"}`:                                        "SealRequired",
		`{"keys":["users/alice/x"],"process":"imageView2/1/w/200"}`:                          "",
		`{"keys":["users/alice/x"],"process":"imageMogr2/a%20b"}`:                            "",
		`{"keys":["users/alice/x"],"process":"imageMogr2/a%2"}`:                              "InvalidRequest",
		`{"keys":["users/alice/x"],"process":""}`:                                            "InvalidRequest",
		`{"keys":["users/alice/x"],"process":"watermark/2"}`:                                 "InvalidRequest",
		`{"keys":["users/alice/x"],"process":"imageMogr2/x&acl"}`:                            "InvalidRequest",
		`{"keys":["users/alice/x"],"process":"imageMogr2/x#"}`:                               "InvalidRequest",
		`{"keys":["users/alice/x"],"process":"imageMogr2/x=1"}`:                              "InvalidRequest",
		`{"keys":["users/alice/x"],"process":"imageMogr2/小"}`:                                "InvalidRequest",
		`{"keys":["users/alice/x"],"process":"imageMogr2/` + strings.Repeat("x", 502) + `"}`: "InvalidRequest",
	} {
		status, answer := w.links(t, newToken(t, nil), body)
		if code, _ := answer["codeDesc"].(string); code != want || (want == "") != (status == 200) {
			t.Errorf("%.90s: %d %v, want %q", body, status, answer, want)
		}
	}
}

// A link works no longer than it was asked for, than its key, or, unless the grant says so, than the login.
func TestLinksEnd(t *testing.T) {
	w := linksWorld(t)
	ends := func(grant, more string, login time.Duration) int64 {
		token := newToken(t, jwt.MapClaims{"exp": time.Now().Add(login).Unix()})
		_, answer := w.links(t, token, `{"grant":"`+grant+`","keys":["`+map[string]string{"own-files": "users", "outliving": "long"}[grant]+`/alice/x"]`+more+`}`)
		end, _ := answer["expiredTime"].(float64)
		return int64(end) - time.Now().Unix()
	}
	for _, c := range []struct {
		name, grant, more string
		login             time.Duration
		least, most       int64
	}{
		{"asked for", "own-files", `,"expires":300`, 2 * time.Hour, 290, 300},
		{"the key's", "own-files", ``, 2 * time.Hour, 1790, 1800},
		{"the login's", "own-files", ``, 20 * time.Second, 5, 20},
		{"outliving", "outliving", ``, 20 * time.Second, 1790, 1800},
	} {
		if end := ends(c.grant, c.more, c.login); end < c.least || end > c.most {
			t.Errorf("%s: ends in %d s", c.name, end)
		}
	}
}

// A login past its end, but within the leeway, has keys of a minute and forms still. A link ends with the login, so
// there is none, and STS is not asked; but where the grant lets keys outlive the login.
func TestLinksOfALoginThatIsOver(t *testing.T) {
	w := linksWorld(t)
	token := newToken(t, jwt.MapClaims{"exp": time.Now().Unix() - 5})
	status, answer := w.links(t, token, `{"keys":["users/alice/x"]}`)
	if status != 401 || answer["codeDesc"] != "TokenExpired" || len(w.sts.Records()) != 0 {
		t.Errorf("%d %v, %d calls of STS", status, answer, len(w.sts.Records()))
	}
	for path, body := range map[string]string{
		"/links":       `{"grant":"outliving","keys":["long/alice/x"]}`,
		"/post-policy": `{"filename":"a.jpg"}`,
		"/credentials": ``,
	} {
		status, _, answer := w.ask(t, httpEvent("POST", path, token, body))
		if end, _ := answer["expiredTime"].(float64); status != 200 || int64(end) < time.Now().Unix()+30 {
			t.Errorf("%s: %d %v", path, status, answer)
		}
	}
}

func TestGrantThatHandsOutNoKeys(t *testing.T) {
	w := linksWorld(t)
	asked := len(w.sts.Records())
	for _, body := range []string{`{"grant":"keyless"}`, `{"grant":"keyless","filename":"a.jpg"}`} {
		status, _, answer := w.ask(t, httpEvent("POST", "/credentials", newToken(t, nil), body))
		if status != 403 || answer["codeDesc"] != "NotEntitled" || len(w.sts.Records()) != asked {
			t.Errorf("%s: %d %v", body, status, answer)
		}
	}
	status, _, answer := w.ask(t, httpEvent("POST", "/post-policy", newToken(t, nil), `{"grant":"keyless","filename":"a.jpg"}`))
	if status != 200 {
		t.Errorf("%d %v", status, answer)
	}
}
