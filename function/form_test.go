package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/test/cam"
)

const formsFile = shop + `
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
`

func formsWorld(t *testing.T) *world {
	return newWorld(t, map[string]string{"ACCESS_YAML": formsFile})
}

// policyOf is the document that a session token carries, ready to be asked.
func (w *world) policyOf(t *testing.T, session any) cam.Policy {
	t.Helper()
	grant, err := w.sts.OpenToken(session.(string))
	if err != nil {
		t.Fatal(err)
	}
	p, err := cam.Parse(grant.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func allows(p cam.Policy, action, key string) bool {
	return p.Allows(cam.Request{Action: "name/cos:" + action, Resource: "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/" + key,
		Context: map[string][]string{"cos:content-type": {"image/png"}, "cos:content-length": {"10"}}})
}

func TestPostPolicy(t *testing.T) {
	w := formsWorld(t)
	began := time.Now().Unix() // a kept key may be as old as that
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
		status, _, answer := w.ask(t, httpEvent("POST", "/api/post-policy", newToken(t, nil), c.body))
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
			get("qSignAlgorithm") != "sha1" || get("qAk") != grant.TmpSecretID || get("qKeyTime") != fmt.Sprintf("%d;%d", start, expires) || start > time.Now().Unix()-60 || start < began-60 {
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
	if _, headers, answer := w.ask(t, httpEvent("GET", "/post-policy", newToken(t, nil), "")); answer["codeDesc"] != "MethodNotAllowed" || headers["Allow"] != "POST, OPTIONS" {
		t.Errorf("GET: %v %v", answer, headers)
	}
	if _, _, answer := w.ask(t, httpEvent("POST", "/post-policy", newToken(t, jwt.MapClaims{"sub": "a/b"}), `{"filename":"a"}`)); answer["codeDesc"] != "IdentityNotUsable" {
		t.Error(answer)
	}
}
