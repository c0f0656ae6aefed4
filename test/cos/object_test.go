package cos

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestUploads(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	used := w.store.used
	before := used()
	after := func(t *testing.T, _ answer, tried attempt) {
		if tried.want != "200" && used() != before {
			t.Error("refused, and something is kept")
		}
		before = used()
	}
	k.try(t, after, []attempt{
		{"as it is", "PUT /a", "body", nil, "200"},
		{"right MD5", "PUT /a", "body", headers{"Content-MD5", contentSum("body")}, "200"},
		{"MD5 of another body", "PUT /a", "body", headers{"Content-MD5", contentSum("bodx")}, "400 BadDigest"},
		{"MD5 that is none", "PUT /a", "body", headers{"Content-MD5", "x"}, "400 InvalidDigest"},
		{"MD5 that is too short", "PUT /a", "body", headers{"Content-MD5", "eA=="}, "400 InvalidDigest"},
		{"private", "PUT /a", "body", headers{"x-cos-acl", "private"}, "200"},
		{"encrypted", "PUT /a", "body", headers{"x-cos-server-side-encryption", "AES256"}, "501 NotImplemented"},
		{"much metadata", "PUT /a", "body", headers{"x-cos-meta-a", strings.Repeat("a", 2048)}, "400 MetadataTooLarge"},
		{"longest key", "PUT /" + strings.Repeat("k", 850), "body", nil, "200"},
		{"longer key", "PUT /" + strings.Repeat("k", 851), "body", nil, "400 KeyTooLong"},
		{"longer key, in bytes", "PUT /" + strings.Repeat("%E4%B8%AD", 284), "body", nil, "400 KeyTooLong"},
		{"slash in front", "PUT //a", "body", nil, "400 InvalidURI"},
		{"encoded slash in front", "PUT /%2Fa", "body", nil, "400 InvalidURI"},
		{"backslash in front", "PUT /%5Ca", "body", nil, "400 InvalidURI"},
		{"two slashes", "PUT /a//b", "body", nil, "200"},
		{"not UTF-8", "PUT /%ff", "body", nil, "400 InvalidURI"},
		{"NUL", "PUT /a%00b", "body", nil, "400 InvalidURI"},
		{"ESC", "PUT /a%1Bb", "body", nil, "400 InvalidURI"},
		{"two things at once", "PUT /a?acl&tagging", "body", nil, "400 InvalidArgument"},
		{"tagging", "PUT /a?tagging", "body", nil, "501 NotImplemented"},
		{"a version", "PUT /a?versionId=1", "body", nil, "501 NotImplemented"},
		{"a bucket", "PUT /", "body", nil, "501 NotImplemented"},
		{"PATCH", "PATCH /a", "body", nil, "405 MethodNotAllowed"},
		{"POST", "POST /a", "body", nil, "405 MethodNotAllowed"},
	}...)
	if !w.holds("a//b", "body") || !w.holds("a", "body") {
		t.Error("not there")
	}
}

func TestDownloads(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	k.do(t, "PUT /a", "0123456789", "Content-Encoding", "br").want(t, "200")
	k.do(t, "PUT /empty", "").want(t, "200")
	b := w.store.Objects["a"]
	etag, hour := quoted(b.ETag), time.Hour
	before, after := b.Stored.UTC().Add(-hour).Format(http.TimeFormat), b.Stored.UTC().Add(hour).Format(http.TimeFormat)
	for _, tt := range []struct {
		name, target string
		header       headers
		want         string
		body         string
	}{
		{"first", "/a", headers{"Range", "bytes=0-0"}, "206", "0"},
		{"over the end", "/a", headers{"Range", "bytes=8-100"}, "206", "89"},
		{"last", "/a", headers{"Range", "bytes=-3"}, "206", "789"},
		{"behind the end", "/a", headers{"Range", "bytes=10-"}, "416 InvalidRange", ""},
		{"of nothing", "/empty", headers{"Range", "bytes=0-"}, "200", ""},
		{"two", "/a", headers{"Range", "bytes=0-1,3-4"}, "200", "0123456789"},
		{"unreadable", "/a", headers{"Range", "lines=1"}, "200", "0123456789"},
		{"still the same", "/a", headers{"Range", "bytes=0-0", "If-Range", etag}, "206", "0"},
		{"changed", "/a", headers{"Range", "bytes=0-0", "If-Range", `"x"`}, "200", "0123456789"},
		{"if match", "/a", headers{"If-Match", `"x", ` + etag}, "200", "0123456789"},
		{"if match, not", "/a", headers{"If-Match", `"x"`}, "412 PreconditionFailed", ""},
		{"if none match", "/a", headers{"If-None-Match", etag}, "304", ""},
		{"if none match, not", "/a", headers{"If-None-Match", `"x"`}, "200", "0123456789"},
		{"if modified, not", "/a", headers{"If-Modified-Since", after}, "304", ""},
		{"if unmodified, not", "/a", headers{"If-Unmodified-Since", before}, "412 PreconditionFailed", ""},
		{"own headers", "/a?response-content-type=text/html&response-cache-control=x", nil, "200", "0123456789"},
		{"none", "/none", nil, "404 NoSuchKey", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := k.do(t, "GET "+tt.target, "", tt.header...).want(t, tt.want)
			if a.status < 400 && a.body != tt.body {
				t.Errorf("got %q", a.body)
			}
			h := a.header
			if strings.Contains(tt.target, "?") && (h.Get("Content-Type") != "text/html" || h.Get("Cache-Control") != "x") {
				t.Errorf("headers: %v", h)
			}
			head := k.do(t, "HEAD "+tt.target, "", tt.header...)
			if head.status != a.status || head.body != "" ||
				a.status < 400 && head.header.Get("Content-Length") != h.Get("Content-Length") {
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

func TestCopies(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	k.do(t, "PUT /a b", "body", "Content-Type", "text/plain", "x-cos-meta-x", "1").want(t, "200")
	here, inCloud := w.host+"/a%20b", bucket+".cos."+region+".myqcloud.com/a%20b"
	from := func(source string, more ...string) headers { return append(more, "x-cos-copy-source", source) }
	replaced := from(here, "x-cos-metadata-directive", "Replaced", "Content-Type", "image/png")
	after := func(t *testing.T, _ answer, tried attempt) {
		c := w.store.Objects["c"]
		kind := map[bool]string{true: "image/png", false: "text/plain"}[tried.name == "other metadata"]
		if (c != nil) != (tried.want == "200") || c != nil && (c.Header["Content-Type"] != kind || !w.holds("c", "body")) {
			t.Errorf("%+v", c)
		}
		w.store.put("c", nil, false)
	}
	k.try(t, after, []attempt{
		{"from here", "PUT /c", "", from(here), "200"},
		{"by the cloud's name", "PUT /c", "", from(inCloud), "200"},
		{"other metadata", "PUT /c", "", replaced, "200"},
		{"wrong directive", "PUT /c", "", from(here, "x-cos-metadata-directive", "x"), "400 InvalidArgument"},
		{"another bucket's", "PUT /c", "", from("other" + inCloud), "404 NoSuchBucket"},
		{"no key", "PUT /c", "", from(w.host), "400 InvalidURI"},
		{"none", "PUT /c", "", from(w.host + "/none"), "404 NoSuchKey"},
		{"a version", "PUT /c", "", from(here + "?versionId=1"), "501 NotImplemented"},
		{"changed", "PUT /c", "", from(here, "x-cos-copy-source-If-Match", `"x"`), "412 PreconditionFailed"},
		{"unchanged", "PUT /c", "", from(here, "x-cos-copy-source-If-None-Match", "*"), "412 PreconditionFailed"},
	}...)
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
	defer out.Body.Close()
	body, _ := io.ReadAll(out.Body)
	return answer{out.StatusCode, out.Header, string(body)}
}

func TestBodies(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	signed := k.request(t, "PUT /a", "").Header.Get("Authorization")
	head := "PUT /a HTTP/1.1\r\nHost: " + w.host + "\r\nAuthorization: " + signed + "\r\n" +
		tokenName + ": " + k.token + "\r\n"
	for _, tt := range []struct{ request, want string }{
		{head + "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n", "411 MissingContentLength"},
		{head + "Content-Length: 9\r\n\r\nbody", "400 IncompleteBody"},
		{head + "Content-Length: 600000000\r\n\r\nbody", "400 EntityTooLarge"},
		{strings.Replace(head, "/a", "/../a", 1) + "\r\n", "400 InvalidURI"},
	} {
		if sendRaw(t, w.host, tt.request).want(t, tt.want); len(w.store.Objects) != 0 {
			t.Errorf("%s, and it is kept", tt.want)
		}
	}
	sendRaw(t, w.host, head+"Content-Length: 4\r\n\r\nbody").want(t, "200")
}

func TestMemoryIsBounded(t *testing.T) {
	w := local(t)
	w.store.largest, w.store.most = 10, 30
	k := w.everything(t)
	k.try(t, nil, []attempt{
		{"a", "PUT /a", "0123456789", nil, "200"},
		{"b", "PUT /b", "0123456789", nil, "200"},
		{"an object is there until the next is whole", "PUT /b", "0123456789", nil, "200"},
		{"too large", "PUT /c", "01234567890", nil, "400 EntityTooLarge"},
		{"large enough", "PUT /c", "0123456789", nil, "200"},
		{"full", "PUT /d", "0", nil, "400 EntityTooLarge"},
		{"full, for what is there too", "PUT /a", "0", nil, "400 EntityTooLarge"},
		{"one less", "DELETE /a", "", nil, "204"},
		{"one more", "PUT /d", "0123456789", nil, "200"},
	}...)
	if !w.holds("b", "0123456789") || !w.holds("d", "0123456789") || w.holds("a", "0123456789") {
		t.Error("other objects are there")
	}
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
		"http://localhost:5173": true, "http://127.0.0.1:80": true, "http://localhost": true,
		"https://localhost": false, "http://localhost.evil.com": false, "http://evil.com": false, "null": false,
		"http://localhost:1@evil.com": false, "http://localhost/": false,
	} {
		a := preflight(origin, "PUT")
		if h := a.header; !allowed {
			a.want(t, "403 AccessForbidden")
		} else if a.want(t, "200"); h.Get("Access-Control-Allow-Headers") != "authorization,x-cos-security-token" ||
			!strings.Contains(h.Get("Access-Control-Allow-Methods"), "PUT") {
			t.Errorf("%v", h)
		}
		for _, line := range []string{"GET /none", "PUT /a"} {
			h := k.do(t, line, "", "Origin", origin).header
			exposes := strings.Contains(h.Get("Access-Control-Expose-Headers"), "ETag")
			if (h.Get("Access-Control-Allow-Origin") == origin && exposes) != allowed || h.Get("Vary") == "" {
				t.Errorf("%s: %v", origin, h)
			}
		}
	}
	preflight("http://localhost", "PATCH").want(t, "403 AccessForbidden")
}
