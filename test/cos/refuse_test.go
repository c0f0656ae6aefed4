package cos

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/tencentyun/cos-go-sdk-v5"
)

// alice and alice2: a folder that begins like another is another's.
func TestNeighbour(t *testing.T) {
	w := local(t)
	alice, neighbour := w.issue(t, folderOf("alice")...), w.issue(t, folderOf("alice2")...)
	neighbour.do(t, "PUT /users/alice2/a", "hers").want(t, "200")
	id := w.begin(t, neighbour, "/users/alice2/b")
	for _, line := range []string{
		"PUT /users/alice2/a",
		"PUT /users%2Falice2%2Fa",
		"PUT /users//alice/a",
		"GET /users/alice2/a",
		"DELETE /users/alice2/a",
		"POST /users/alice2/a?uploads",
		"PUT /users/alice2/b?partNumber=1&uploadId=" + id,
		"GET /users/alice2/b?uploadId=" + id,
		"POST /users/alice2/b?uploadId=" + id,
		"DELETE /users/alice2/b?uploadId=" + id,
		"GET /?prefix=users/alice2/",
		"GET /?prefix=users/alice",
		"GET /?prefix=",
		"GET /",
		"GET /?uploads&prefix=users/alice2/",
		"GET /?uploads",
		"GET /users/alice/a?acl",
		"PUT /users/alice/a?acl",
		"PUT /users/alice/a?tagging",
		"GET /?acl",
		"GET /?versions&prefix=users/alice/",
		"DELETE /",
	} {
		t.Run(line, func(t *testing.T) { alice.do(t, line, partsXML(1, "x")).want(t, "403 AccessDenied") })
	}
	// net/http's client cleans no paths, but a signature for one path must not open another.
	r := alice.request(t, "PUT /users/alice/x", "mine")
	r.URL.Path = "/users/alice//x"
	send(t, r).want(t, "403 SignatureDoesNotMatch")
	alice.do(t, "PUT /users/alice/../alice2/a", "mine").want(t, "400 InvalidURI")
	hers, mine := w.host+"/users/alice2/a", w.host+"/users/alice/a"
	alice.do(t, "PUT /users/alice/a", "", "x-cos-copy-source", hers).want(t, "403 AccessDenied")
	alice.do(t, "PUT /users/alice2/a", "", "x-cos-copy-source", mine).want(t, "403 AccessDenied")
	const uploads = "GET /?uploads&prefix=users/alice/"
	alice.do(t, uploads, "").want(t, "200")
	w.issue(t, allow(nil, "", "ListMultipartUploads")).do(t, uploads, "").want(t, "403 AccessDenied")
	// Another's upload can't be joined under one's own key.
	alice.do(t, "PUT /users/alice/b?partNumber=1&uploadId="+id, "mine").want(t, "404 NoSuchUpload")
	alice.do(t, "DELETE /users/alice/b?uploadId="+id, "").want(t, "404 NoSuchUpload")
	if !w.holds("users/alice2/a", "hers") || len(w.all()) != 1 || len(w.store.Uploads[id].Parts) != 0 {
		t.Error("the refused requests left something behind")
	}
}

// What is refused before it is known what the key may do.
func TestSignatures(t *testing.T) {
	w := local(t)
	k, other := w.everything(t), w.everything(t)
	k.do(t, "PUT /a", "body").want(t, "200")
	text := func(change func(string) string) func(*http.Request) {
		return func(r *http.Request) {
			before := r.Header.Get("Authorization")
			r.Header.Set("Authorization", change(before))
			if r.Header.Get("Authorization") == before {
				t.Errorf("not changed: %s", before)
			}
		}
	}
	replace := func(from, to string) func(*http.Request) {
		return text(func(s string) string { return strings.Replace(s, from, to, 1) })
	}
	by := func(id, secret, token string) func(*http.Request) {
		return func(r *http.Request) { holder{id, secret, token, k.host}.sign(r, sdk.NewAuthTime(time.Minute)) }
	}
	at := func(from, to, keyTo time.Duration) func(*http.Request) {
		return func(r *http.Request) {
			now := time.Now()
			k.sign(r, &sdk.AuthTime{
				SignStartTime: now.Add(from), SignEndTime: now.Add(to), KeyStartTime: now.Add(from), KeyEndTime: now.Add(keyTo),
			})
		}
	}
	host := func(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }
	query := func(text string) func(*http.Request) { return func(r *http.Request) { r.URL.RawQuery = text } }
	// odd is right in itself, and no SDK makes it.
	now := time.Now().Unix()
	valid := fmt.Sprintf("%d;%d", now-1, now+60)
	odd := func(at, list, signed string) func(*http.Request) {
		return text(func(string) string {
			canonicalText := "sha1\n" + at + "\n" + sha1Hex("get\n/a\n\n"+signed+"\n") + "\n"
			return "q-sign-algorithm=sha1&q-ak=" + k.id + "&q-sign-time=" + at + "&q-key-time=" + at +
				"&q-header-list=" + list + "&q-url-param-list=&q-signature=" + hmacSHA1(hmacSHA1(k.secret, at), canonicalText)
		})
	}
	own := "host=" + encode(w.host)
	_, port, _ := strings.Cut(w.host, ":")
	for _, tt := range []struct {
		name  string
		spoil func(*http.Request)
		want  string
	}{
		{"as it is", func(*http.Request) {}, "200"},
		{"not signed", func(r *http.Request) { r.Header.Del("Authorization") }, "403 AccessDenied"},
		{"one digit", text(func(s string) string {
			return s[:len(s)-1] + map[bool]string{true: "1", false: "0"}[strings.HasSuffix(s, "0")]
		}), "403 SignatureDoesNotMatch"},
		{"cut", text(func(s string) string { return s[:len(s)-1] }), "403 SignatureDoesNotMatch"},
		{"empty", replace("q-signature=", "q-signature=&q-signature="), "400 InvalidArgument"},
		{"other key", func(r *http.Request) { r.URL.Path = "/b" }, "403 SignatureDoesNotMatch"},
		{"other method", func(r *http.Request) { r.Method = "DELETE" }, "403 SignatureDoesNotMatch"},
		{"other host", host("localhost:" + port), "403 SignatureDoesNotMatch"},
		{"a host that isn't ours", host("example.com"), "404 NoSuchBucket"},
		{"an address that isn't ours", host("10.0.0.1"), "404 NoSuchBucket"},
		{"another bucket", host("other-1250000000.cos.ap-guangzhou.myqcloud.com"), "404 NoSuchBucket"},
		{"signed parameter changed", query("x=2"), "403 SignatureDoesNotMatch"},
		{"signed parameter left out", query(""), "403 SignatureDoesNotMatch"},
		{"signed parameter twice", query("x=1&x=2"), "400 InvalidArgument"},
		{"signed header changed", func(r *http.Request) { r.Header.Set("If-Match", "2") }, "403 SignatureDoesNotMatch"},
		{"signed header left out", func(r *http.Request) { r.Header.Del("If-Match") }, "403 SignatureDoesNotMatch"},
		{"signed header twice", func(r *http.Request) { r.Header.Add("If-Match", "2") }, "403 SignatureDoesNotMatch"},
		{"host is left out of the list", replace("host;", ""), "403 SignatureDoesNotMatch"},
		{"other algorithm", replace("sha1", "md5"), "400 InvalidArgument"},
		{"unknown field", replace("q-ak", "q-a=1&q-ak"), "400 InvalidArgument"},
		{"q-sign-time twice", replace("q-key-time", "q-sign-time"), "400 InvalidArgument"},
		{"no q-url-param-list", replace("q-url-param-list=x&", ""), "400 InvalidArgument"},
		{"not a signature", text(func(string) string { return "Bearer x" }), "400 InvalidArgument"},
		{"two signatures", func(r *http.Request) { r.Header.Add("Authorization", "x") }, "400 InvalidArgument"},
		{"two tokens", query("x=1&" + tokenName + "=x"), "400 InvalidArgument"},
		{"ended", at(-time.Hour, -time.Second, -time.Second), "403 AccessDenied"},
		{"ahead", at(time.Minute, time.Hour, time.Hour), "403 RequestTimeTooSkewed"},
		{"two times", at(0, time.Minute, time.Hour), "400 InvalidArgument"},
		{"the permanent key", by("AKIDpermanent", "permanent-key", ""), "403 InvalidAccessKeyId"},
		{"no token", by(k.id, k.secret, ""), "403 InvalidAccessKeyId"},
		{"token of another key", by(k.id, k.secret, other.token), "403 InvalidAccessKeyId"},
		{"secret of another key", by(k.id, other.secret, k.token), "403 SignatureDoesNotMatch"},
		{"unknown id", by("AKIDx", k.secret, k.token), "403 InvalidAccessKeyId"},
		{"tampered token", by(k.id, k.secret, "A"+k.token), "403 AccessDenied"},
		{"token's seal cut off", by(k.id, k.secret, k.token[:len(k.token)-1]), "403 AccessDenied"},
		{"host only", odd(valid, "host", own), "200"},
		{"not even host", odd(valid, "", ""), "403 SignatureDoesNotMatch"},
		{"another header", odd(valid, "if-match", "if-match=%2A"), "403 SignatureDoesNotMatch"},
		{"sorted", odd(valid, "host;if-match", own+"&if-match=%2A"), "200"},
		{"not sorted", odd(valid, "if-match;host", "if-match=%2A&"+own), "403 SignatureDoesNotMatch"},
		{"a header that was not sent", odd(valid, "host;x-none", own), "403 SignatureDoesNotMatch"},
		{"an end before the start", odd(fmt.Sprintf("%d;%d", now+60, now-60), "host", own), "400 InvalidArgument"},
		{"a time that is no number", odd(fmt.Sprintf("-1;%d", now+60), "host", own), "400 InvalidArgument"},
		{"one time", odd(fmt.Sprint(now), "host", own), "400 InvalidArgument"},
		{"two good signatures", func(r *http.Request) {
			u, _ := k.client().Object.GetPresignedURL2(ctx, "GET", "a", time.Minute, nil)
			r.URL.RawQuery = u.RawQuery
			odd(valid, "host", own)(r)
		}, "400 InvalidArgument"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := k.request(t, "GET /a?x=1", "", "If-Match", "*")
			tt.spoil(r)
			a := send(t, r).want(t, tt.want)
			if strings.Contains(a.body, k.token) || strings.Contains(a.body, k.secret) {
				t.Error("the answer holds a secret")
			}
		})
	}
	if !w.holds("a", "body") {
		t.Error("the object is gone")
	}
}

// The vendor's worked example, with the example key of its documentation:
// https://cloud.tencent.com/document/product/436/7778
func TestKnownAnswer(t *testing.T) {
	const at = "1557989151;1557996351"
	const there = "http://examplebucket-1250000000.cos.ap-beijing.myqcloud.com/exampleobject(腾讯云)"
	r, _ := http.NewRequest("PUT", there, nil)
	for name, value := range map[string]string{
		"Date": "Thu, 16 May 2019 06:45:51 GMT", "Content-Type": "text/plain", "Content-Length": "13",
		"Content-MD5": "mQ/fVh815F3k6TAUm8m0eg==", "x-cos-acl": "private", "x-cos-grant-read": `uin="100000000011"`,
	} {
		r.Header.Set(name, value)
	}
	s, bad := readSignature("q-sign-algorithm=sha1&q-ak=AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q&q-sign-time=" + at +
		"&q-key-time=" + at + "&q-header-list=content-length;content-md5;content-type;date;host;x-cos-acl;x-cos-grant-read" +
		"&q-url-param-list=&q-signature=3b8851a11a569213c17ba8fa7dcf2abec6935172")
	if bad != nil {
		t.Fatal(bad)
	}
	if bad := s.matches(r, nil, "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz"); bad != nil {
		t.Error(bad.message)
	}
	if s.matches(r, nil, "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlx") == nil {
		t.Error("another key's signature is the same")
	}
}

func TestExpiredKey(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	k.do(t, "PUT /a", "body").want(t, "200")
	later := time.Now().Add(30 * time.Minute)
	k.host = serve(t, w.At(func() time.Time { return later }).Serve)
	r := k.sign(k.request(t, "GET /a", ""), sdk.NewAuthTime(time.Hour))
	if a := send(t, r).want(t, "403 AccessDenied"); a.header.Get("Date") != later.UTC().Format(http.TimeFormat) {
		t.Errorf("Date is %s", a.header.Get("Date"))
	}
	later = later.Add(-10 * time.Second)
	send(t, r).want(t, "200")
	if got := w.Records(); len(got) != 3 || got[1].Code != "AccessDenied" || got[2].Status != 200 {
		t.Errorf("%+v", got)
	}
}

func TestAnotherAccount(t *testing.T) {
	w := local(t)
	w.sts.Keys[0].AppID = "1250000001"
	k := w.issue(t, statement{Effect: "allow", Action: []string{"name/cos:*"}, Resource: []string{"*"}})
	k.do(t, "PUT /a", "").want(t, "403 AccessDenied")
}

func TestConditions(t *testing.T) {
	w := local(t)
	short := where{"numeric_less_than_equal": {"cos:content-length": 5}}
	image := where{"string_like": {"cos:content-type": "image/*"}}
	from := func(block string) where { return where{"ip_equal": {"qcs:ip": block}} }
	for _, tt := range []struct {
		name, line, body string
		in               where
		header           headers
		allowed          bool
	}{
		{"short enough", "PUT /u/a", "12345", short, nil, true},
		{"too long", "PUT /u/a", "123456", short, nil, false},
		{"no length to look at", "GET /u/a", "", short, nil, false},
		{"parts carry none", "PUT /u/a?partNumber=1&uploadId=x", "1", short, nil, false},
		{"type", "PUT /u/a", "", image, headers{"Content-Type", "image/png"}, true},
		{"other type", "PUT /u/a", "", image, headers{"Content-Type", "text/html"}, false},
		{"no type", "PUT /u/a", "", image, nil, false},
		{"type of multipart", "POST /u/a?uploads", "", image, headers{"Content-Type", "image/png"}, true},
		{"address", "PUT /u/a", "", from("127.0.0.0/8"), nil, true},
		{"another's address", "PUT /u/a", "", from("10.0.0.0/8"), nil, false},
		{"address that is said", "PUT /u/a", "", from("10.0.0.0/8"), headers{"X-Forwarded-For", "10.0.0.1"}, false},
		{"plain HTTP", "PUT /u/a", "", where{"bool_equal": {"cos:secure-transport": "true"}}, nil, false},
		{"time", "PUT /u/a", "", where{"date_less_than": {"qcs:current_time": "2020-01-01T00:00:00Z"}}, nil, false},
		{"acl", "PUT /u/a", "", where{"string_equal": {"cos:x-cos-acl": "private"}}, headers{"x-cos-acl", "private"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.store.put("u/a", nil, false)
			k := w.issue(t, allow(tt.in, "u/*", "PutObject", "UploadPart", "InitiateMultipartUpload", "GetObject"))
			want := map[bool]string{true: "200", false: "403 AccessDenied"}[tt.allowed]
			if k.do(t, tt.line, tt.body, tt.header...).want(t, want); w.store.Objects["u/a"] != nil && !tt.allowed {
				t.Error("it was stored")
			}
		})
	}
}

// In which form cos:prefix is compared is a switch, because sources disagree.
func TestPrefixForms(t *testing.T) {
	list := func(prefix string) statement {
		return allow(where{"string_like": {"cos:prefix": prefix}}, "*", "GetBucket")
	}
	for _, asItStands := range []bool{false, true} {
		w := local(t, func(o *Options) { o.RawPrefix = asItStands })
		right, wrong := w.issue(t, list("users%2Fa%20b%2F*")), w.issue(t, list("users/a b/*"))
		if asItStands {
			right, wrong = wrong, right
		}
		right.do(t, "GET /?prefix=users%2Fa%20b%2F", "").want(t, "200")
		right.do(t, "GET /?prefix=users/a+b/c", "").want(t, "200")
		right.do(t, "GET /?prefix=users/a%20b2/", "").want(t, "403 AccessDenied")
		wrong.do(t, "GET /?prefix=users/a%20b/", "").want(t, "403 AccessDenied")
	}
}

// A listing is held to the bucket as well as to the prefix in it.
func TestListingNeedsBoth(t *testing.T) {
	w := local(t)
	for resource, want := range map[string]string{"u/*": "403 AccessDenied", "": "403 AccessDenied", "*": "200"} {
		w.issue(t, allow(nil, resource, "GetBucket")).do(t, "GET /?prefix=u/", "").want(t, want)
	}
	for resource, want := range map[string]string{"u/*": "403", "": "200"} {
		w.issue(t, allow(nil, resource, "HeadBucket")).do(t, "HEAD /", "").want(t, want)
	}
}
