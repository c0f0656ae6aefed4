package cos

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cos-credentials/test/sts"
)

func TestUploads(t *testing.T) {
	w := local(t)
	free := w.store.free()
	after := func(t *testing.T, _ answer, tried attempt) {
		if (tried.want == "200") == (w.store.free() == free) {
			t.Error("refused and kept, or the other way about")
		}
		clear(w.store.objects)
	}
	w.everything(t).try(t, after, []attempt{
		{"right MD5", "PUT /a", "body", headers{"Content-MD5", contentSum("body")}, "200"},
		{"MD5 of another body", "PUT /a", "body", headers{"Content-MD5", contentSum("bodx")}, "400 BadDigest"},
		{"MD5 that is none", "PUT /a", "body", headers{"Content-MD5", "x"}, "400 InvalidDigest"},
		{"MD5 that is too short", "PUT /a", "body", headers{"Content-MD5", "eA=="}, "400 InvalidDigest"},
		{"encrypted", "PUT /a", "body", headers{"x-cos-server-side-encryption", "AES256"}, "501 NotImplemented"},
		{"longest key", "PUT /" + strings.Repeat("k", 850), "body", nil, "200"},
		{"longer key", "PUT /" + strings.Repeat("k", 851), "body", nil, "400 KeyTooLong"},
		{"slash in front", "PUT //a", "body", nil, "400 InvalidURI"},
		{"encoded slash in front", "PUT /%2Fa", "body", nil, "400 InvalidURI"},
		{"backslash in front", "PUT /%5Ca", "body", nil, "400 InvalidURI"},
		{"two slashes", "PUT /a//b", "body", nil, "200"},
		{"not UTF-8", "PUT /%ff", "body", nil, "400 InvalidURI"},
		{"NUL", "PUT /a%00b", "body", nil, "400 InvalidURI"},
		{"two things at once", "PUT /a?acl&tagging", "body", nil, "400 InvalidArgument"},
		{"tagging", "PUT /a?tagging", "body", nil, "501 NotImplemented"},
		{"a bucket", "DELETE /", "", nil, "501 NotImplemented"},
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
		{"over the end", "/a", headers{"Range", "bytes=8-100"}, "206", "89"},
		{"last", "/a", headers{"Range", "bytes=-3"}, "206", "789"},
		{"behind the end", "/a", headers{"Range", "bytes=10-"}, "416 InvalidRange", ""},
		{"of nothing", "/empty", headers{"Range", "bytes=0-"}, "200", ""},
		{"two", "/a", headers{"Range", "bytes=0-1,3-4"}, "200", "0123456789"},
		{"changed", "/a", headers{"Range", "bytes=0-0", "If-Range", `"x"`}, "200", "0123456789"},
		{"if none match", "/a", headers{"If-None-Match", etag}, "304", ""},
		{"own headers", "/a?response-content-type=text/html&response-cache-control=x", nil, "200", "0123456789"},
		{"none", "/none", nil, "404 NoSuchKey", ""},
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

func TestErrorsAreCOSs(t *testing.T) {
	w := local(t)
	a := w.everything(t).do(t, "GET /no<ne>", "")
	id := a.header.Get("x-cos-request-id")
	want := "<?xml version='1.0' encoding='utf-8' ?>\n<Error><Code>NoSuchKey</Code>" +
		"<Message>The specified key does not exist.</Message><Resource>" + w.host + "/no%3Cne%3E</Resource>" +
		"<RequestId>" + id + "</RequestId><TraceId>" + id + "</TraceId></Error>"
	h := a.header
	if a.body != want || h.Get("Content-Type") != "application/xml" || h.Get("Server") != "tencent-cos" || id == "" {
		t.Errorf("got %s\nwant %s\n%v", a.body, want, h)
	}
}

// sendRaw writes a request as it stands: clients that keep to the protocol can't send all that must be refused.
func sendRaw(t *testing.T, host, request string) answer {
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
	return read(t, out)
}

func TestBodies(t *testing.T) {
	w := local(t)
	w.store.most = 10
	k := w.everything(t)
	signed := k.request(t, "PUT /a", "").Header.Get("Authorization")
	head := "PUT /a HTTP/1.1\r\nHost: " + w.host + "\r\nAuthorization: " + signed + "\r\n" +
		tokenName + ": " + k.token + "\r\n"
	for _, tt := range []struct{ request, want string }{
		{head + "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n", "411 MissingContentLength"},
		{head + "Content-Length: 9\r\n\r\nbody", "400 IncompleteBody"},
		{head + "Content-Length: 11\r\n\r\n01234567890", "400 EntityTooLarge"},
		{strings.Replace(head, "/a", "/../a", 1) + "\r\n", "400 InvalidURI"},
	} {
		if sendRaw(t, w.host, tt.request).want(t, tt.want); len(w.store.objects) != 0 {
			t.Errorf("%s, and it is kept", tt.want)
		}
	}
	sendRaw(t, w.host, head+"Content-Length: 4\r\n\r\nbody").want(t, "200")
	k.do(t, "PUT /b", "1234567").want(t, "400 EntityTooLarge") // memory is bounded
	k.do(t, "DELETE /a", "").want(t, "204")
	k.do(t, "PUT /b", "1234567").want(t, "200")
}

// Whoever reads meanwhile gets a whole object, one or the other.
func TestManyClients(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			line, body := fmt.Sprint("PUT /", i%10), strings.Repeat(fmt.Sprint(i%10), 1000+i) // each is written ten times
			k.do(t, line, body).want(t, "200")
			got := k.do(t, strings.Replace(line, "PUT", "GET", 1), "").want(t, "200").body
			if n := len(got); n < 1000 || got != strings.Repeat(body[:1], n) {
				t.Errorf("read %d bytes of another's, or half", n)
			}
			k.do(t, "GET /?prefix=1", "").want(t, "200")
		})
	}
	all.Wait()
}

func TestCORS(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	preflight := func(origin, method string) answer {
		r, _ := http.NewRequest("OPTIONS", "http://"+w.host+"/a", nil)
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Method", method)
		r.Header.Set("Access-Control-Request-Headers", "authorization,x-cos-security-token")
		return send(t, r)
	}
	for origin, allowed := range map[string]bool{
		"http://localhost:5173": true, "http://127.0.0.1:80": true,
		"https://localhost": false, "http://localhost.evil.com": false, "null": false, "http://localhost:1@evil.com": false,
	} {
		a := preflight(origin, "PUT").want(t, map[bool]string{true: "200", false: "403 AccessForbidden"}[allowed])
		if h := a.header; allowed && (h.Get("Access-Control-Allow-Headers") != "authorization,x-cos-security-token" ||
			!strings.Contains(h.Get("Access-Control-Allow-Methods"), "PUT")) {
			t.Errorf("%v", h)
		}
		h := k.do(t, "GET /none", "", "Origin", origin).header
		exposes := strings.Contains(h.Get("Access-Control-Expose-Headers"), "ETag")
		if (h.Get("Access-Control-Allow-Origin") == origin && exposes) != allowed || h.Get("Vary") == "" {
			t.Errorf("%v", h)
		}
	}
	preflight("http://localhost", "PATCH").want(t, "403 AccessForbidden")
}

func TestFaults(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	for _, tt := range []struct {
		fault sts.Fault
		want  string
	}{
		{sts.Fault{Delay: sts.Duration(time.Millisecond)}, "200"},
		{sts.Fault{Code: "SlowDown"}, "503 SlowDown"},
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
	w.issue(t, folderOf("alice")...).do(t, "PUT /x", "").want(t, "403 AccessDenied")
}
