package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/policy"
	"cos-credentials/test/cam"
)

const narrowFile = `
issuers:
  - name: shop
    issuer: https://login.example.com/
    audiences: [cos-credentials]
    secret: ${JWT_SECRET}
grants:
  - name: own-files
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["avatars/{sub}.png", "users/{sub}/*"]
    allowActions: [upload, download, list, delete, "name/cos:PostObjectRestore"]
  - name: pictures
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["pictures/{sub}/*"]
    allowActions: [simpleUpload, formUpload]
    maxBytes: 1000
    contentTypes: [image/*]
  - name: two-types
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["types/{sub}/*"]
    allowActions: [formUpload]
    contentTypes: [image/png, video/*]
  - name: read
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["read/{sub}/*"]
    allowActions: [download]
  - name: avatar
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["avatar/{sub}.png"]
    allowActions: [upload]
`

func narrowWorld(t *testing.T) *world {
	return newWorld(t, map[string]string{"ACCESS_YAML": narrowFile})
}

func item(action, prefix string) string {
	return fmt.Sprintf(`{"action":"name/cos:%s","bucket":"examplebucket-1250000000","region":"ap-guangzhou","prefix":%q}`, action, prefix)
}

// policyOf is the document that a session token carries, ready to be asked.
func (w *world) policyOf(t *testing.T, token any) cam.Policy {
	t.Helper()
	grant, err := w.sts.OpenToken(token.(string))
	if err != nil {
		t.Fatal(err)
	}
	p, err := cam.Parse(grant.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func sessionToken(answer map[string]any) any {
	return answer["credentials"].(map[string]any)["sessionToken"]
}

func allows(p cam.Policy, action, key string) bool {
	return p.Allows(cam.Request{Action: "name/cos:" + action, Resource: "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/" + key,
		Context: map[string][]string{"cos:content-type": {"image/png"}, "cos:content-length": {"10"}}})
}

func TestScope(t *testing.T) {
	w := narrowWorld(t)
	for name, c := range map[string]struct {
		body     string
		prefixes string
		allowed  []string // action key
		denied   []string
	}{
		"one put": {`[` + item("PutObject", "users/alice/a.txt") + `]`, "users/alice/a.txt",
			[]string{"PutObject users/alice/a.txt"}, []string{"PutObject users/alice/b.txt", "GetObject users/alice/a.txt", "PutObject users/alice/a.txt2"}},
		"in an object": {`{"scope":[` + item("PutObject", "users/alice/a.txt") + `],"durationSeconds":900}`, "users/alice/a.txt",
			[]string{"PutObject users/alice/a.txt"}, []string{"PutObject users/alice/b.txt"}},
		"leading slash": {`[` + item("PutObject", "/users/alice/a.txt") + `]`, "users/alice/a.txt", []string{"PutObject users/alice/a.txt"}, nil},
		"prefix":        {`[` + item("GetObject", "users/alice/sub/*") + `]`, "users/alice/sub/*", []string{"GetObject users/alice/sub/x"}, []string{"GetObject users/alice/x"}},
		"no cross": {`[` + item("PutObject", "users/alice/a") + `,` + item("GetObject", "users/alice/b") + `]`, "users/alice/a users/alice/b",
			[]string{"PutObject users/alice/a", "GetObject users/alice/b"}, []string{"PutObject users/alice/b", "GetObject users/alice/a"}},
		"exact object": {`[` + item("PutObject", "avatars/alice.png") + `]`, "avatars/alice.png", []string{"PutObject avatars/alice.png"}, []string{"PutObject users/alice/a"}},
		"Android names": {`[` + item("GetObjectBytes", "users/alice/a") + `,` + item("OptionObject", "users/alice/a") + `,` + item("ListMultiUploads", "users/alice/a") + `,` + item("Restore", "users/alice/a") + `]`,
			"users/alice/a", []string{"GetObject users/alice/a", "OptionsObject users/alice/a", "ListMultipartUploads users/alice/a", "PostObjectRestore users/alice/a"}, []string{"HeadObject users/alice/a"}},
		"short form": {`[` + strings.Replace(item("RestoreObject", "users/alice/a"), "name/cos:", "cos:", 1) + `]`, "users/alice/a", []string{"PostObjectRestore users/alice/a"}, nil},
		"strange names": {`[` + item("PutObject", "users/alice/a b+c&<d>'\u5c0f{x}.txt") + `]`, "users/alice/a b+c&<d>'\u5c0f{x}.txt",
			[]string{"PutObject users/alice/a b+c&<d>'\u5c0f{x}.txt"}, []string{"PutObject users/alice/a+b+c&<d>'\u5c0f{x}.txt"}},
	} {
		status, _, body := w.ask(t, event("POST", "/sts", token(t, nil), c.body))
		if status != 200 {
			t.Errorf("%s: %d %v", name, status, body)
			continue
		}
		var prefixes []string
		for _, p := range body["prefixes"].([]any) {
			prefixes = append(prefixes, p.(string))
		}
		if got := strings.Join(prefixes, " "); got != c.prefixes {
			t.Errorf("%s: prefixes %s, want %s", name, got, c.prefixes)
		}
		p := w.policyOf(t, sessionToken(body))
		for _, want := range c.allowed {
			if action, key, _ := strings.Cut(want, " "); !allows(p, action, key) {
				t.Errorf("%s: %s is denied", name, want)
			}
		}
		for _, want := range c.denied {
			if action, key, _ := strings.Cut(want, " "); allows(p, action, key) {
				t.Errorf("%s: %s is allowed", name, want)
			}
		}
	}
}

func TestScopeOfListings(t *testing.T) {
	w := narrowWorld(t)
	absent := `{"action":"name/cos:GetBucket","bucket":"examplebucket-1250000000","region":"ap-guangzhou"}`
	for body, want := range map[string]string{
		`[` + item("GetBucket", "") + `]`:                              "[users/alice/*]",
		`[` + item("GetBucket", "/") + `]`:                             "[users/alice/*]",
		`[` + absent + `]`:                                             "[users/alice/*]",
		`[` + strings.Replace(absent, `}`, `,"prefix":null}`, 1) + `]`: "[users/alice/*]",
		`[` + item("GetBucket", "users/alice/2026/") + `]`:             "[users/alice/2026/*]",
		`[` + item("GetBucket", "users/alice/2026/*") + `]`:            "[users/alice/2026/*]",
		`[` + item("GetBucket", "users/alice/20") + `]`:                "[users/alice/20*]",
	} {
		status, _, answer := w.ask(t, event("POST", "/", token(t, nil), body))
		if status != 200 || fmt.Sprint(answer["prefixes"]) != want {
			t.Errorf("%s: %d %v, want %s", body, status, answer, want)
		}
	}
}

func TestScopeIsRefused(t *testing.T) {
	w := narrowWorld(t)
	other := strings.Replace(item("PutObject", "users/alice/a"), "examplebucket-1250000000", "other-1250000000", 1)
	region := strings.Replace(item("PutObject", "users/alice/a"), "ap-guangzhou", "ap-beijing", 1)
	many := func(n int) string {
		return `[` + strings.Repeat(item("DeleteObject", "users/alice/a")+`,`, n-1) + item("DeleteObject", "users/alice/a") + `]`
	}
	for body, want := range map[string]string{
		`[]`:             "InvalidRequest",
		`{"scope":[]}`:   "InvalidRequest",
		`{"scope":{}}`:   "InvalidRequest",
		`{"scope":null}`: "InvalidRequest",
		`[null]`:         "InvalidRequest",
		`[[]]`:           "InvalidRequest",
		`["x"]`:          "InvalidRequest",
		`[{}]`:           "InvalidRequest",
		many(1001):       "InvalidRequest",
		`[` + strings.Replace(item("PutObject", "users/alice/a"), `}`, `,"effect":"allow"}`, 1) + `]`:                  "InvalidRequest",
		`[{"action":1,"bucket":"examplebucket-1250000000","region":"ap-guangzhou","prefix":"users/alice/a"}]`:          "InvalidRequest",
		`[{"action":"name/cos:PutObject","bucket":"examplebucket-1250000000","region":"ap-guangzhou","prefix":["a"]}]`: "InvalidRequest",
		`{"scope":[` + item("PutObject", "users/alice/a") + `],"filename":"a.jpg"}`:                                    "InvalidRequest",
		`[` + other + `]`:                                                                                      "ScopeNotAllowed",
		`[` + region + `]`:                                                                                     "ScopeNotAllowed",
		`[` + item("PutObject", "") + `]`:                                                                      "ScopeNotAllowed",
		`[` + item("PutObject", "*") + `]`:                                                                     "ScopeNotAllowed",
		`[` + item("PutObject", "users/*") + `]`:                                                               "ScopeNotAllowed",
		`[` + item("PutObject", "users/alice*") + `]`:                                                          "ScopeNotAllowed",
		`[` + item("PutObject", "users/alice") + `]`:                                                           "ScopeNotAllowed",
		`[` + item("PutObject", "users/alice2/a") + `]`:                                                        "ScopeNotAllowed",
		`[` + item("PutObject", "users/bob/a") + `]`:                                                           "ScopeNotAllowed",
		`[` + item("PutObject", "users/alice/../bob/a") + `]`:                                                  "ScopeNotAllowed",
		`[` + item("PutObject", "users/alice/./a") + `]`:                                                       "ScopeNotAllowed",
		`[` + item("PutObject", "users/alice//a") + `]`:                                                        "ScopeNotAllowed",
		`[` + item("PutObject", "//users/alice/a") + `]`:                                                       "ScopeNotAllowed",
		`[` + item("PutObject", "users/alice/a*b") + `]`:                                                       "ScopeNotAllowed",
		`[` + item("PutObject", "users/alice/**") + `]`:                                                        "ScopeNotAllowed",
		`[` + item("PutObject", "users/alice/a?") + `]`:                                                        "ScopeNotAllowed",
		`[` + item("PutObject", "users/alice/${uin}") + `]`:                                                    "ScopeNotAllowed",
		`[` + item("PutObject", "users/alice/%2e%2e/a") + `]`:                                                  "ScopeNotAllowed",
		`[` + item("PutObject", `users/alice/\a`) + `]`:                                                        "ScopeNotAllowed",
		`[` + item("PutObject", "users/alice/"+strings.Repeat("x", 840)) + `]`:                                 "ScopeNotAllowed",
		`[` + item("PutObject", "avatars/alice.png/*") + `]`:                                                   "ScopeNotAllowed",
		`[` + item("PutObject", "avatars/alice.png*") + `]`:                                                    "ScopeNotAllowed",
		`[` + item("GetBucket", "avatars/alice.png") + `]`:                                                     "ScopeNotAllowed",
		`[` + item("GetBucket", "users/") + `]`:                                                                "ScopeNotAllowed",
		`[` + item("GetBucket", "users/alice") + `]`:                                                           "ScopeNotAllowed",
		`[` + item("PutBucket", "users/alice/a") + `]`:                                                         "ScopeNotAllowed",
		`[` + item("*", "users/alice/a") + `]`:                                                                 "ScopeNotAllowed",
		`[` + item("putObject", "users/alice/a") + `]`:                                                         "ScopeNotAllowed",
		`[{"action":"","bucket":"examplebucket-1250000000","region":"ap-guangzhou","prefix":"users/alice/a"}]`: "ScopeNotAllowed",
		`[{"action":"PutObject","bucket":"examplebucket-1250000000","region":"ap-guangzhou","prefix":"users/alice/a"}]`: "ScopeNotAllowed",
		`[` + item("GetObject", "users/alice/a") + `,` + item("PutObject", "users/bob/a") + `]`:                         "ScopeNotAllowed",
	} {
		if _, _, answer := w.ask(t, event("POST", "/", token(t, nil), body)); answer["codeDesc"] != want {
			t.Errorf("%.200s: %v, want %s", body, answer, want)
		}
	}
	if n := len(w.sts.Records()); n != 0 {
		t.Errorf("STS was asked %d times", n)
	}
}

func TestLargeScopeIsFolded(t *testing.T) {
	w := narrowWorld(t)
	var items []string
	for i := range 500 {
		items = append(items, item("DeleteObject", fmt.Sprintf("users/alice/album/2026/%04d.jpg", i)))
	}
	items = append(items, item("GetObject", "users/alice/other/a.jpg"))
	status, _, body := w.ask(t, event("POST", "/", token(t, nil), `[`+strings.Join(items, ",")+`]`))
	if status != 200 || fmt.Sprint(body["prefixes"]) != "[users/alice/album/2026/* users/alice/other/a.jpg]" {
		t.Fatalf("%d %v", status, body)
	}
	p := w.policyOf(t, sessionToken(body))
	if !allows(p, "DeleteObject", "users/alice/album/2026/0499.jpg") || !allows(p, "GetObject", "users/alice/other/a.jpg") ||
		allows(p, "DeleteObject", "users/alice/album/2025/a.jpg") || allows(p, "GetObject", "users/alice/album/2026/0001.jpg") || allows(p, "DeleteObject", "users/alice/other/a.jpg") {
		t.Error("the folded policy opens too much or too little")
	}
	if !strings.Contains(w.log.String(), `"folded":true`) {
		t.Errorf("the log doesn't say so: %s", w.log)
	}
}

func TestChosenKey(t *testing.T) {
	w := narrowWorld(t)
	seen := map[string]bool{}
	today := time.Now().UTC().Format("2006/01/02/")
	for filename, extension := range map[string]string{
		"a.jpg": ".jpg", "A.JPG": ".jpg", "archive.tar.gz": ".gz", "noext": "", "dot.": "", "../../x.png": ".png", "a.jp/g": "", "a.p\u4e2d": "",
		"a.abcdefghijklmnop": ".abcdefghijklmnop", "a.abcdefghijklmnopq": "", strings.Repeat("\u4e2d", 85): "", "a.jpg*": "", "a.j p": "", "a.\u212ag": "",
	} {
		body, _ := json.Marshal(map[string]string{"filename": filename})
		status, _, answer := w.ask(t, event("POST", "/", token(t, nil), string(body)))
		if status != 200 {
			t.Errorf("%s: %v", filename, answer)
			continue
		}
		key := answer["key"].(string)
		form := regexp.MustCompile(`^users/alice/` + today + `[a-z2-7]{26}` + regexp.QuoteMeta(extension) + `$`)
		if !form.MatchString(key) || seen[key] || fmt.Sprint(answer["prefixes"]) != "["+key+"]" || answer["prefix"] != key {
			t.Errorf("%s: %v", filename, answer)
		}
		seen[key] = true
		p := w.policyOf(t, sessionToken(answer))
		for action, want := range map[string]bool{"PutObject": true, "PostObject": true, "InitiateMultipartUpload": true, "UploadPart": true, "GetObject": false, "DeleteObject": false} {
			if allows(p, action, key) != want || allows(p, action, key+"x") || allows(p, action, "users/alice/a") {
				t.Errorf("%s: %s is not as it should be", filename, action)
			}
		}
	}
	for body, want := range map[string]string{
		`{"filename":""}`: "InvalidRequest", `{"filename":"` + strings.Repeat("x", 256) + `"}`: "InvalidRequest", `{"filename":1}`: "InvalidRequest",
		`{"filename":"a","grant":"read"}`: "ScopeNotAllowed", `{"filename":"a","grant":"avatar"}`: "ScopeNotAllowed",
		`{"filename":"a","key":"users/alice/a"}`: "InvalidRequest",
	} {
		if _, _, answer := w.ask(t, event("POST", "/", token(t, nil), body)); answer["codeDesc"] != want {
			t.Errorf("%.80s: %v, want %s", body, answer, want)
		}
	}
}

func TestPostPolicy(t *testing.T) {
	w := narrowWorld(t)
	for name, c := range map[string]struct {
		body, key string // key "" for a chosen one
		condition string // that the form policy must have beside those of all
	}{
		"key":             {`{"key":"users/alice/a.jpg"}`, "users/alice/a.jpg", ``},
		"leading slash":   {`{"key":"/users/alice/a.jpg"}`, "users/alice/a.jpg", ``},
		"filename":        {`{"filename":"a.jpg"}`, "", ``},
		"type":            {`{"key":"users/alice/a.jpg","contentType":"text/plain; charset=utf-8"}`, "users/alice/a.jpg", `{"Content-Type":"text/plain; charset=utf-8"}`},
		"limits":          {`{"key":"pictures/alice/a.jpg","grant":"pictures"}`, "pictures/alice/a.jpg", `["content-length-range",0,1000],["starts-with","$Content-Type","image/"]`},
		"limits and type": {`{"key":"pictures/alice/a.jpg","grant":"pictures","contentType":"image/png"}`, "pictures/alice/a.jpg", `["content-length-range",0,1000],{"Content-Type":"image/png"}`},
		"one of two":      {`{"filename":"a","grant":"two-types","contentType":"video/mp4"}`, "", `{"Content-Type":"video/mp4"}`},
	} {
		before := time.Now().Unix()
		status, _, answer := w.ask(t, event("POST", "/api/post-policy", token(t, nil), c.body))
		if status != 200 {
			t.Errorf("%s: %d %v", name, status, answer)
			continue
		}
		get := func(k string) string { v, _ := answer[k].(string); return v }
		if c.key == "" {
			c.key = get("key")
		}
		grant, err := w.sts.OpenToken(get("securityToken"))
		if err != nil {
			t.Fatal(err)
		}
		start, expires := int64(answer["startTime"].(float64)), int64(answer["expiredTime"].(float64))
		if get("key") != c.key || get("cosKey") != c.key || get("cosHost") != "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com" ||
			get("bucket") != "examplebucket-1250000000" || get("region") != "ap-guangzhou" || get("requestId") != "req-1" ||
			get("qSignAlgorithm") != "sha1" || get("qAk") != grant.TmpSecretID || get("qKeyTime") != fmt.Sprintf("%d;%d", start, expires) || start > before-60+2 || start < before-60 {
			t.Errorf("%s: %v", name, answer)
		}
		if text, _ := json.Marshal(answer); strings.Contains(string(text), grant.TmpSecretKey) {
			t.Errorf("%s: the secret key is in the answer", name)
		}
		document, _ := base64.StdEncoding.DecodeString(get("policy"))
		want := fmt.Sprintf(`{"expiration":%q,"conditions":[{"q-sign-algorithm":"sha1"},{"q-ak":%q},{"q-sign-time":"%d;%d"},{"bucket":"examplebucket-1250000000"},{"key":%q}`,
			time.Unix(expires, 0).UTC().Format("2006-01-02T15:04:05.000Z"), grant.TmpSecretID, start, expires, c.key)
		if c.condition != "" {
			want += "," + c.condition
		}
		if want += "]}"; string(document) != want {
			t.Errorf("%s: form policy\n%s, want\n%s", name, document, want)
		}
		mac := func(key, text string) string {
			h := hmac.New(sha1.New, []byte(key))
			h.Write([]byte(text))
			return hex.EncodeToString(h.Sum(nil))
		}
		digest := sha1.Sum(document)
		if get("qSignature") != mac(mac(grant.TmpSecretKey, get("qKeyTime")), hex.EncodeToString(digest[:])) {
			t.Errorf("%s: the signature doesn't match", name)
		}
		p := w.policyOf(t, answer["securityToken"])
		if !allows(p, "PostObject", c.key) || allows(p, "PutObject", c.key) || allows(p, "PostObject", c.key+"x") || allows(p, "GetObject", c.key) {
			t.Errorf("%s: the key behind the form opens %s", name, grant.Policy)
		}
	}
	asked := len(w.sts.Records())
	for body, want := range map[string]string{
		``:   "InvalidRequest",
		`{}`: "InvalidRequest",
		`[` + item("PostObject", "users/alice/a") + `]`:                           "InvalidRequest",
		`{"key":"users/alice/a","filename":"a"}`:                                  "InvalidRequest",
		`{"key":""}`:                                                              "InvalidRequest",
		`{"key":"users/alice/a","scope":[]}`:                                      "InvalidRequest",
		`{"key":"users/alice/a","contentType":"image"}`:                           "InvalidRequest",
		`{"key":"users/alice/a","contentType":"image/png, text/html"}`:            "InvalidRequest",
		`{"key":"users/alice/a","contentType":"image/*"}`:                         "InvalidRequest",
		`{"key":"users/alice/a","contentType":"image/png;x=y"}`:                   "InvalidRequest",
		`{"key":"types/alice/a","grant":"two-types"}`:                             "InvalidRequest",
		`{"key":"types/alice/a","grant":"two-types","contentType":"image/jpeg"}`:  "ScopeNotAllowed",
		`{"key":"pictures/alice/a","grant":"pictures","contentType":"text/html"}`: "ScopeNotAllowed",
		`{"key":"users/bob/a"}`:                                                   "ScopeNotAllowed",
		`{"key":"users/alice/*"}`:                                                 "ScopeNotAllowed",
		`{"key":"users/alice/../bob/a"}`:                                          "ScopeNotAllowed",
		`{"key":"users/alice/${filename}"}`:                                       "ScopeNotAllowed",
		`{"key":"users/alice/a","durationSeconds":1801}`:                          "ScopeNotAllowed",
		`{"filename":"a","grant":"read"}`:                                         "NotEntitled",
		`{"key":"read/alice/a","grant":"read"}`:                                   "NotEntitled",
		`{"filename":"a","grant":"avatar"}`:                                       "ScopeNotAllowed",
	} {
		if _, _, answer := w.ask(t, event("POST", "/post-policy", token(t, nil), body)); answer["codeDesc"] != want {
			t.Errorf("%s: %v, want %s", body, answer, want)
		}
	}
	if _, headers, answer := w.ask(t, event("GET", "/post-policy", token(t, nil), "")); answer["codeDesc"] != "MethodNotAllowed" || headers["Allow"] != "POST, OPTIONS" {
		t.Errorf("GET: %v %v", answer, headers)
	}
	if _, _, answer := w.ask(t, event("POST", "/post-policy", token(t, jwt.MapClaims{"sub": "a/b"}), `{"filename":"a"}`)); answer["codeDesc"] != "IdentityNotUsable" {
		t.Error(answer)
	}
	if n := len(w.sts.Records()); n != asked {
		t.Errorf("STS was asked %d times for refused forms", n-asked)
	}
}

func TestKeysAreNotGuessable(t *testing.T) {
	e := &policy.Entitlement{Prefixes: []string{"users/alice/*"}}
	folder, err := e.UploadFolder(maxChosen)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for range 1000 {
		seen[chooseKey(folder, "a.jpg", time.Unix(0, 0))] = true
	}
	if len(seen) != 1000 {
		t.Error("keys repeat")
	}
}

// That a folder is too long for a key in it is the login's doing, not the request's.
func TestChosenKeysFit(t *testing.T) {
	longest := len(chooseKey("", "."+strings.Repeat("x", maxExtension), time.Now()))
	if longest != maxChosen {
		t.Fatalf("a chosen key has up to %d bytes, not %d", longest, maxChosen)
	}
	for room, fits := range map[int]bool{longest: true, longest - 1: false} {
		e := &policy.Entitlement{Prefixes: []string{strings.Repeat("u", 849-room) + "/*"}}
		_, err := e.UploadFolder(maxChosen)
		var refused *policy.Refusal
		if fits != (err == nil) || !fits && (!errors.As(err, &refused) || refused.Kind != policy.IdentityNotUsable) {
			t.Errorf("room for %d bytes: %v", room, err)
		}
	}
}
