package cos

import (
	"strings"
	"testing"
	"time"

	sdk "github.com/tencentyun/cos-go-sdk-v5"

	"cos-credentials/test/sts"
)

func TestUploads(t *testing.T) {
	w := local(t)
	w.largest = 10
	after := func(t *testing.T, _ answer, tried attempt) {
		if (tried.want == "200") != (len(w.store.objects) == 1) {
			t.Error("refused and kept, or the other way about")
		}
		clear(w.store.objects)
	}
	k := w.everything(t)
	r := k.request(t, "PUT /a", "body")
	r.ContentLength = -1
	r.Header.Del("Content-Length") // which the signer leaves there
	send(t, k.sign(r, sdk.NewAuthTime(time.Minute))).want(t, "411 MissingContentLength")
	k.try(t, after, []attempt{
		{"too large", "PUT /a", "01234567890", nil, "400 EntityTooLarge"},
		{"right MD5", "PUT /a", "body", headers{"Content-MD5", contentSum("body")}, "200"},
		{"MD5 of another body", "PUT /a", "body", headers{"Content-MD5", contentSum("bodx")}, "400 BadDigest"},
		{"MD5 that is too short", "PUT /a", "body", headers{"Content-MD5", "eA=="}, "400 InvalidDigest"},
		{"encrypted", "PUT /a", "body", headers{"x-cos-server-side-encryption", "AES256"}, "501 NotImplemented"},
		{"longer key", "PUT /" + strings.Repeat("k", 851), "body", nil, "400 KeyTooLong"},
		{"slash in front", "PUT //a", "body", nil, "400 InvalidURI"},
		{"backslash in front", "PUT /%5Ca", "body", nil, "400 InvalidURI"},
		{"two slashes", "PUT /a//b", "body", nil, "200"},
		{"not UTF-8", "PUT /%ff", "body", nil, "400 InvalidURI"},
		{"NUL", "PUT /a%00b", "body", nil, "400 InvalidURI"},
		{"a bucket's ACL", "PUT /a", "", headers{"x-cos-acl", "public-read-write"}, "400 InvalidArgument"},
		{"a grantee that is none", "PUT /a", "", headers{"x-cos-grant-read", "everybody"}, "400 InvalidArgument"},
		{"a class that is none", "PUT /a", "", headers{"x-cos-storage-class", "COLD"}, "400 InvalidArgument"},
		{"neither true nor false", "PUT /a", "", headers{"x-cos-forbid-overwrite", "yes"}, "400 InvalidArgument"},
		{"too early", "POST /a?uploads", "", headers{"x-cos-forbid-overwrite", "true"}, "501 NotImplemented"},
		{"two things at once", "PUT /a?acl&tagging", "body", nil, "400 InvalidArgument"},
		{"tagging", "PUT /a?tagging", "body", nil, "501 NotImplemented"},
		{"POST", "POST /a", "body", nil, "405 MethodNotAllowed"},
	}...)
}

func TestDownloads(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	k.do(t, "PUT /a", "0123456789", "Content-Encoding", "br", "x-cos-meta-who", "alice").want(t, "200")
	k.do(t, "PUT /empty", "").want(t, "200")
	etag := quoted(w.store.object("a").etag)
	for _, tt := range []struct {
		name, target string
		header       headers
		want         string
		body         string
	}{
		{"last", "/a", headers{"Range", "bytes=-3"}, "206", "789"},
		{"behind the end", "/a", headers{"Range", "bytes=10-"}, "416 InvalidRange", ""},
		{"of nothing", "/empty", headers{"Range", "bytes=0-"}, "200", ""},
		{"two", "/a", headers{"Range", "bytes=0-1,3-4"}, "200", "0123456789"},
		{"changed", "/a", headers{"Range", "bytes=0-0", "If-Range", `"x"`}, "200", "0123456789"},
		{"if none match", "/a", headers{"If-None-Match", etag}, "304", ""},
		{"own headers", "/a?response-content-type=text/html&response-cache-control=x", nil, "200", "0123456789"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := k.do(t, "GET "+tt.target, "", tt.header...).want(t, tt.want)
			h := a.header
			if a.status < 400 && a.body != tt.body || a.status == 206 && h.Get("x-cos-meta-who") != "alice" {
				t.Errorf("got %q %v", a.body, h)
			}
			if strings.Contains(tt.target, "?") && (h.Get("Content-Type") != "text/html" || h.Get("Cache-Control") != "x") {
				t.Errorf("headers: %v", h)
			}
			head := k.do(t, "HEAD "+tt.target, "", tt.header...)
			if head.status != a.status || a.status < 400 && head.header.Get("Content-Length") != h.Get("Content-Length") {
				t.Errorf("HEAD: %d %v", head.status, head.header)
			}
		})
	}
}

func TestCORS(t *testing.T) {
	nobody := holder{host: local(t).host}
	for origin, allowed := range map[string]bool{
		"http://localhost:5173": true, "http://127.0.0.1:80": true,
		"https://localhost": false, "http://localhost.evil.com": false, "null": false, "http://localhost:1@evil.com": false,
	} {
		preflight := func(method string) answer {
			return nobody.do(t, "OPTIONS /a", "", "Origin", origin, "Access-Control-Request-Method", method,
				"Access-Control-Request-Headers", "authorization")
		}
		want := map[bool]string{true: "200", false: "403 AccessForbidden"}[allowed]
		h := preflight("PUT").want(t, want).header
		if (h.Get("Access-Control-Allow-Headers") == "authorization") != allowed || h.Get("Vary") == "" {
			t.Errorf("%v", h)
		}
		preflight("PATCH").want(t, "403 AccessForbidden")
		h = nobody.do(t, "GET /none", "", "Origin", origin).header
		exposes := strings.Contains(h.Get("Access-Control-Expose-Headers"), "ETag")
		if (h.Get("Access-Control-Allow-Origin") == origin && exposes) != allowed {
			t.Errorf("%v", h)
		}
	}
}

func TestFaults(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	for _, tt := range []struct {
		fault sts.Fault
		want  string
	}{
		{sts.Fault{Delay: sts.Duration(time.Millisecond)}, "200"},
		{sts.Fault{Status: 503}, "503 SlowDown"},
		{sts.Fault{Code: "InternalError", Status: 502}, "502 InternalError"},
	} {
		w.store.remove("a")
		w.Play(func(Record) *sts.Fault { return &tt.fault })
		k.do(t, "PUT /a", "body").want(t, tt.want)
		if w.holds("a", "body") != (tt.want == "200") {
			t.Errorf("%s, and the object is there or not", tt.want)
		}
	}
	// A fault never hides a mistake.
	w.Play(func(Record) *sts.Fault { t.Error("asked about a refused request"); return nil })
	k.do(t, "GET /a?acl", "").want(t, "501 NotImplemented")
	w.folderOf(t, "alice").do(t, "PUT /x", "").want(t, "403 AccessDenied")
}
