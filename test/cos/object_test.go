package cos

import (
	"bufio"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func contentSum(body string) string {
	sum := md5.Sum([]byte(body))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func TestUploads(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	for _, tt := range []struct {
		name, target, body string
		header             []string
		status             int
		code               string
	}{
		{"empty", "/a", "", nil, 200, ""},
		{"right MD5", "/a", "body", []string{"Content-MD5", contentSum("body")}, 200, ""},
		{"MD5 of another body", "/a", "body", []string{"Content-MD5", contentSum("bodx")}, 400, "BadDigest"},
		{"MD5 that is none", "/a", "body", []string{"Content-MD5", "x"}, 400, "InvalidDigest"},
		{"MD5 that is too short", "/a", "body", []string{"Content-MD5", "eA=="}, 400, "InvalidDigest"},
		{"private", "/a", "body", []string{"x-cos-acl", "private"}, 200, ""},
		{"public", "/a", "body", []string{"x-cos-acl", "public-read"}, 501, "NotImplemented"},
		{"encrypted", "/a", "body", []string{"x-cos-server-side-encryption", "AES256"}, 501, "NotImplemented"},
		{"much metadata", "/a", "body", []string{"x-cos-meta-a", strings.Repeat("a", 2048)}, 400, "MetadataTooLarge"},
		{"longest key", "/" + strings.Repeat("k", 850), "body", nil, 200, ""},
		{"longer key", "/" + strings.Repeat("k", 851), "body", nil, 400, "KeyTooLong"},
		{"longer key, in bytes", "/" + strings.Repeat("%E4%B8%AD", 284), "body", nil, 400, "KeyTooLong"},
		{"slash in front", "//a", "body", nil, 400, "InvalidURI"},
		{"encoded slash in front", "/%2Fa", "body", nil, 400, "InvalidURI"},
		{"backslash in front", "/%5Ca", "body", nil, 400, "InvalidURI"},
		{"two slashes", "/a//b", "body", nil, 200, ""},
		{"not UTF-8", "/%ff", "body", nil, 400, "InvalidURI"},
		{"NUL", "/a%00b", "body", nil, 400, "InvalidURI"},
		{"ESC", "/a%1Bb", "body", nil, 400, "InvalidURI"},
		{"two things at once", "/a?acl&tagging", "body", nil, 400, "InvalidArgument"},
		{"ACL", "/a?acl", "body", nil, 501, "NotImplemented"},
		{"tagging", "/a?tagging", "body", nil, 501, "NotImplemented"},
		{"a version", "/a?versionId=1", "body", nil, 501, "NotImplemented"},
		{"a bucket", "/", "", nil, 501, "NotImplemented"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := w.store.used
			k.do(t, "PUT", w.host, tt.target, tt.body, tt.header...).want(t, tt.status, tt.code)
			if tt.code != "" && w.store.used != before {
				t.Error("refused, and something is kept")
			}
		})
	}
	k.do(t, "PATCH", w.host, "/a", "").want(t, 405, "MethodNotAllowed")
	k.do(t, "POST", w.host, "/a", "").want(t, 405, "MethodNotAllowed")
	if !w.holds("a//b", "body") || !w.holds("a", "body") {
		t.Error("not there")
	}
}

func TestDownloads(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	k.do(t, "PUT", w.host, "/a", "0123456789").want(t, 200, "")
	k.do(t, "PUT", w.host, "/empty", "").want(t, 200, "")
	b := w.store.get("a")
	etag, stored := quoted(b.ETag), b.Stored.UTC()
	before, after := stored.Add(-time.Hour).Format(http.TimeFormat), stored.Add(time.Hour).Format(http.TimeFormat)
	for _, tt := range []struct {
		name, target string
		header       []string
		status       int
		body         string // or the error's code
	}{
		{"first", "/a", []string{"Range", "bytes=0-0"}, 206, "0"},
		{"middle", "/a", []string{"Range", "bytes=3-5"}, 206, "345"},
		{"to the end", "/a", []string{"Range", "bytes=8-"}, 206, "89"},
		{"over the end", "/a", []string{"Range", "bytes=8-100"}, 206, "89"},
		{"last", "/a", []string{"Range", "bytes=-3"}, 206, "789"},
		{"more than all", "/a", []string{"Range", "bytes=-30"}, 206, "0123456789"},
		{"behind the end", "/a", []string{"Range", "bytes=10-"}, 416, "InvalidRange"},
		{"none of the last", "/a", []string{"Range", "bytes=-0"}, 416, "InvalidRange"},
		{"of nothing", "/empty", []string{"Range", "bytes=0-"}, 416, "InvalidRange"},
		{"backwards", "/a", []string{"Range", "bytes=5-3"}, 200, "0123456789"},
		{"two", "/a", []string{"Range", "bytes=0-1,3-4"}, 200, "0123456789"},
		{"unreadable", "/a", []string{"Range", "lines=1"}, 200, "0123456789"},
		{"still the same", "/a", []string{"Range", "bytes=0-0", "If-Range", etag}, 206, "0"},
		{"changed", "/a", []string{"Range", "bytes=0-0", "If-Range", `"x"`}, 200, "0123456789"},
		{"if match", "/a", []string{"If-Match", `"x", ` + etag}, 200, "0123456789"},
		{"if match, not", "/a", []string{"If-Match", `"x"`}, 412, "PreconditionFailed"},
		{"if none match", "/a", []string{"If-None-Match", etag}, 304, ""},
		{"if none match, not", "/a", []string{"If-None-Match", `"x"`}, 200, "0123456789"},
		{"if modified", "/a", []string{"If-Modified-Since", before}, 200, "0123456789"},
		{"if modified, not", "/a", []string{"If-Modified-Since", after}, 304, ""},
		{"if unmodified", "/a", []string{"If-Unmodified-Since", after}, 200, "0123456789"},
		{"if unmodified, not", "/a", []string{"If-Unmodified-Since", before}, 412, "PreconditionFailed"},
		{"headers of one's own", "/a?response-content-type=text/html&response-cache-control=x", nil, 200, "0123456789"},
		{"nothing", "/empty", nil, 200, ""},
		{"none", "/none", nil, 404, "NoSuchKey"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := k.do(t, "GET", w.host, tt.target, "", tt.header...)
			if a.status != tt.status || a.body != tt.body && (a.code() != tt.body || a.status < 400) {
				t.Errorf("got %d %q", a.status, a.body)
			}
			if strings.Contains(tt.target, "?") && (a.header.Get("Content-Type") != "text/html" || a.header.Get("Cache-Control") != "x") {
				t.Errorf("headers: %v", a.header)
			}
			if h := k.do(t, "HEAD", w.host, tt.target, "", tt.header...); h.status != tt.status || h.body != "" ||
				a.status < 400 && h.header.Get("Content-Length") != a.header.Get("Content-Length") {
				t.Errorf("HEAD: %d %v", h.status, h.header)
			}
		})
	}
}

func TestErrorsAreCOSs(t *testing.T) {
	w := local(t)
	a := w.everything(t).do(t, "GET", w.host, "/no<ne>", "")
	id := a.header.Get("x-cos-request-id")
	want := "<?xml version='1.0' encoding='utf-8' ?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Resource>" +
		w.host + "/no%3Cne%3E</Resource><RequestId>" + id + "</RequestId><TraceId>" + id + "</TraceId></Error>"
	if a.body != want || a.header.Get("Content-Type") != "application/xml" || a.header.Get("Server") != "tencent-cos" || id == "" {
		t.Errorf("got %s\nwant %s\n%v", a.body, want, a.header)
	}
}

func TestCopies(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	k.do(t, "PUT", w.host, "/a b", "body", "Content-Type", "text/plain", "x-cos-meta-x", "1").want(t, 200, "")
	here, cloud := w.host+"/a%20b", bucket+".cos."+region+".myqcloud.com/a%20b"
	for _, tt := range []struct {
		name   string
		header []string
		status int
		code   string
		kind   string // the copy's type
	}{
		{"from here", []string{"x-cos-copy-source", here}, 200, "", "text/plain"},
		{"by the cloud's name", []string{"x-cos-copy-source", cloud}, 200, "", "text/plain"},
		{"other metadata", []string{"x-cos-copy-source", here, "x-cos-metadata-directive", "Replaced", "Content-Type", "image/png"}, 200, "", "image/png"},
		{"wrong directive", []string{"x-cos-copy-source", here, "x-cos-metadata-directive", "x"}, 400, "InvalidArgument", ""},
		{"another bucket's", []string{"x-cos-copy-source", "other-1250000000.cos.ap-guangzhou.myqcloud.com/a"}, 404, "NoSuchBucket", ""},
		{"no key", []string{"x-cos-copy-source", w.host}, 400, "InvalidURI", ""},
		{"none", []string{"x-cos-copy-source", w.host + "/none"}, 404, "NoSuchKey", ""},
		{"a version", []string{"x-cos-copy-source", here + "?versionId=1"}, 501, "NotImplemented", ""},
		{"changed", []string{"x-cos-copy-source", here, "x-cos-copy-source-If-Match", `"x"`}, 412, "PreconditionFailed", ""},
		{"unchanged", []string{"x-cos-copy-source", here, "x-cos-copy-source-If-None-Match", "*"}, 412, "PreconditionFailed", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.store.delete("c")
			k.do(t, "PUT", w.host, "/c", "", tt.header...).want(t, tt.status, tt.code)
			c := w.store.get("c")
			if (c != nil) != (tt.code == "") || c != nil && (c.Header["Content-Type"] != tt.kind || !w.holds("c", "body")) {
				t.Errorf("%+v", c)
			}
		})
	}
}

// raw writes a request as it stands: clients that keep to the protocol can't send all that must be refused.
func raw(t *testing.T, host, request string) answer {
	t.Helper()
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	io.WriteString(conn, request)
	conn.(*net.TCPConn).CloseWrite()
	out, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	body, _ := io.ReadAll(out.Body)
	return answer{out.StatusCode, out.Header, string(body)}
}

func TestBodies(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	r := k.request(t, "PUT", w.host, "/a", "")
	head := fmt.Sprintf("PUT /a HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\n%s: %s\r\n", w.host, r.Header.Get("Authorization"), tokenName, k.token)
	raw(t, w.host, head+"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n").want(t, 411, "MissingContentLength")
	raw(t, w.host, head+"Content-Length: 9\r\n\r\nbody").want(t, 400, "IncompleteBody")
	raw(t, w.host, head+"Content-Length: 600000000\r\n\r\nbody").want(t, 400, "EntityTooLarge")
	raw(t, w.host, strings.Replace(head, "/a", "/../a", 1)+"\r\n").want(t, 400, "InvalidURI")
	if w.store.used != 0 || len(w.store.objects) != 0 {
		t.Errorf("%d bytes are kept", w.store.used)
	}
	raw(t, w.host, head+"Content-Length: 4\r\n\r\nbody").want(t, 200, "")
}

func TestMemoryIsBounded(t *testing.T) {
	w := local(t)
	w.store.largest, w.store.most = 10, 30
	k := w.everything(t)
	for _, name := range []string{"/a", "/b", "/b"} { // an object is there until the next is whole
		k.do(t, "PUT", w.host, name, "0123456789").want(t, 200, "")
	}
	k.do(t, "PUT", w.host, "/c", "01234567890").want(t, 400, "EntityTooLarge")
	k.do(t, "PUT", w.host, "/c", "0123456789").want(t, 200, "")
	k.do(t, "PUT", w.host, "/d", "0").want(t, 400, "EntityTooLarge")
	k.do(t, "PUT", w.host, "/a", "0").want(t, 400, "EntityTooLarge")
	k.do(t, "DELETE", w.host, "/a", "").want(t, 204, "")
	k.do(t, "PUT", w.host, "/d", "0123456789").want(t, 200, "")
	if !w.holds("b", "0123456789") || !w.holds("d", "0123456789") || w.holds("a", "0123456789") {
		t.Error("other objects are there")
	}
}

func TestCORS(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	preflight := func(host, origin, method string) answer {
		r, _ := http.NewRequest("OPTIONS", "http://"+host+"/a", nil)
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Method", method)
		r.Header.Set("Access-Control-Request-Headers", "authorization,x-cos-security-token")
		return send(t, r)
	}
	for origin, allowed := range map[string]bool{
		"http://localhost:5173": true, "http://127.0.0.1:80": true, "http://localhost": true,
		"https://localhost": false, "http://localhost.evil.com": false, "http://evil.com": false, "null": false,
		"http://localhost:1@evil.com": false, "http://localhost/": false,
	} {
		a := preflight(w.host, origin, "PUT")
		if got := a.status == 200 && a.header.Get("Access-Control-Allow-Origin") == origin; got != allowed {
			t.Errorf("%s: %d %v", origin, a.status, a.header)
		}
		if !allowed {
			a.want(t, 403, "AccessForbidden")
		} else if a.header.Get("Access-Control-Allow-Headers") != "authorization,x-cos-security-token" || !strings.Contains(a.header.Get("Access-Control-Allow-Methods"), "PUT") {
			t.Errorf("%v", a.header)
		}
		for _, a := range []answer{k.do(t, "GET", w.host, "/none", "", "Origin", origin), k.do(t, "PUT", w.host, "/a", "", "Origin", origin)} {
			if got := a.header.Get("Access-Control-Allow-Origin") == origin && strings.Contains(a.header.Get("Access-Control-Expose-Headers"), "ETag"); got != allowed || a.header.Get("Vary") == "" {
				t.Errorf("%s: %v", origin, a.header)
			}
		}
	}
	preflight(w.host, "http://localhost", "PATCH").want(t, 403, "AccessForbidden")
	own := local(t, func(o *Options) { o.Origin = func(s string) bool { return s == "https://example.com" } })
	preflight(own.host, "https://example.com", "PUT").want(t, 200, "")
	preflight(own.host, "http://localhost", "PUT").want(t, 403, "AccessForbidden")
}
