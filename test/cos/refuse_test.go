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
	neighbour.do(t, "PUT", w.host, "/users/alice2/a", "hers").want(t, 200, "")
	begun := neighbour.do(t, "POST", w.host, "/users/alice2/b?uploads", "")
	_, id, _ := strings.Cut(begun.body, "<UploadId>")
	id, _, _ = strings.Cut(id, "<")
	xml := `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>`

	for _, tt := range []struct{ method, target, body string }{
		{"PUT", "/users/alice2/a", "mine"},
		{"PUT", "/users%2Falice2%2Fa", "mine"},
		{"PUT", "/users//alice/a", "mine"},
		{"GET", "/users/alice2/a", ""},
		{"DELETE", "/users/alice2/a", ""},
		{"POST", "/users/alice2/a?uploads", ""},
		{"PUT", "/users/alice2/b?partNumber=1&uploadId=" + id, "mine"},
		{"GET", "/users/alice2/b?uploadId=" + id, ""},
		{"POST", "/users/alice2/b?uploadId=" + id, xml},
		{"DELETE", "/users/alice2/b?uploadId=" + id, ""},
		{"GET", "/?prefix=users/alice2/", ""},
		{"GET", "/?prefix=users/alice", ""},
		{"GET", "/?prefix=", ""},
		{"GET", "/", ""},
		{"GET", "/?uploads&prefix=users/alice2/", ""},
		{"GET", "/?uploads", ""},
		{"GET", "/users/alice/a?acl", ""},
		{"PUT", "/users/alice/a?acl", ""},
		{"PUT", "/users/alice/a?tagging", ""},
		{"GET", "/?acl", ""},
		{"GET", "/?versions&prefix=users/alice/", ""},
		{"DELETE", "/", ""},
	} {
		t.Run(tt.method+" "+tt.target, func(t *testing.T) {
			alice.do(t, tt.method, w.host, tt.target, tt.body).want(t, 403, "AccessDenied")
		})
	}
	// net/http's client cleans no paths, but a signature for one path must not open another.
	r := alice.request(t, "PUT", w.host, "/users/alice/x", "mine")
	r.URL.Path = "/users/alice//x"
	send(t, r).want(t, 403, "SignatureDoesNotMatch")
	alice.do(t, "PUT", w.host, "/users/alice/../alice2/a", "mine").want(t, 400, "InvalidURI")
	alice.do(t, "PUT", w.host, "/users/alice/%2E%2E/alice2/a", "mine").want(t, 400, "InvalidURI")

	if a := alice.do(t, "HEAD", w.host, "/users/alice2/a", ""); a.status != 403 || a.body != "" {
		t.Errorf("head: %+v", a)
	}
	alice.do(t, "PUT", w.host, "/users/alice/stolen", "", "x-cos-copy-source", w.host+"/users/alice2/a").want(t, 403, "AccessDenied")
	alice.do(t, "PUT", w.host, "/users/alice2/a", "", "x-cos-copy-source", w.host+"/users/alice/a").want(t, 403, "AccessDenied")
	alice.do(t, "GET", w.host, "/?uploads&prefix=users/alice/", "").want(t, 200, "")
	w.issue(t, allow(nil, "", "ListMultipartUploads")).do(t, "GET", w.host, "/?uploads&prefix=users/alice/", "").want(t, 403, "AccessDenied")
	// Another's upload can't be joined under one's own key.
	alice.do(t, "PUT", w.host, "/users/alice/b?partNumber=1&uploadId="+id, "mine").want(t, 404, "NoSuchUpload")
	alice.do(t, "DELETE", w.host, "/users/alice/b?uploadId="+id, "").want(t, 404, "NoSuchUpload")
	if !w.holds("users/alice2/a", "hers") || len(w.store.sorted("")) != 1 || len(w.store.uploads[id].parts) != 0 {
		t.Error("the refused requests left something behind")
	}
}

// What is refused before it is known what the key may do.
func TestSignatures(t *testing.T) {
	w := local(t)
	k, other := w.everything(t), w.everything(t)
	k.do(t, "PUT", w.host, "/a", "body").want(t, 200, "")
	replace := func(from, to string) func(*http.Request) {
		return func(r *http.Request) {
			text := r.Header.Get("Authorization")
			if !strings.Contains(text, from) {
				t.Errorf("no %s in %s", from, text)
			}
			r.Header.Set("Authorization", strings.Replace(text, from, to, 1))
		}
	}
	again := func(change func(*http.Request, *sdk.AuthTime) key) func(*http.Request) {
		return func(r *http.Request) {
			at := sdk.NewAuthTime(time.Minute)
			r.Header.Del("Authorization")
			by := change(r, at)
			sdk.AddAuthorizationHeader(by.id, by.secret, by.token, r, at)
		}
	}
	for _, tt := range []struct {
		name   string
		spoil  func(*http.Request)
		status int
		code   string
	}{
		{"as it is", func(*http.Request) {}, 200, ""},
		{"not signed", func(r *http.Request) { r.Header.Del("Authorization") }, 403, "AccessDenied"},
		{"one digit", func(r *http.Request) {
			text := r.Header.Get("Authorization")
			last := "0"
			if strings.HasSuffix(text, "0") {
				last = "1"
			}
			r.Header.Set("Authorization", text[:len(text)-1]+last)
		}, 403, "SignatureDoesNotMatch"},
		{"cut", func(r *http.Request) {
			text := r.Header.Get("Authorization")
			r.Header.Set("Authorization", text[:len(text)-1])
		}, 403, "SignatureDoesNotMatch"},
		{"empty", replace("q-signature=", "q-signature=&q-signature="), 400, "InvalidArgument"},
		{"other key", func(r *http.Request) { r.URL.Path = "/b" }, 403, "SignatureDoesNotMatch"},
		{"other method", func(r *http.Request) { r.Method = "DELETE" }, 403, "SignatureDoesNotMatch"},
		{"other host", func(r *http.Request) { r.Host = "localhost" + r.Host[strings.Index(r.Host, ":"):] }, 403, "SignatureDoesNotMatch"},
		{"a host that isn't ours", func(r *http.Request) { r.Host = "example.com" }, 404, "NoSuchBucket"},
		{"an address that isn't ours", func(r *http.Request) { r.Host = "10.0.0.1" }, 404, "NoSuchBucket"},
		{"another bucket", func(r *http.Request) { r.Host = "other-1250000000.cos.ap-guangzhou.myqcloud.com" }, 404, "NoSuchBucket"},
		{"signed parameter changed", func(r *http.Request) { r.URL.RawQuery = "x=2" }, 403, "SignatureDoesNotMatch"},
		{"signed parameter left out", func(r *http.Request) { r.URL.RawQuery = "" }, 403, "SignatureDoesNotMatch"},
		{"signed parameter twice", func(r *http.Request) { r.URL.RawQuery = "x=1&x=2" }, 400, "InvalidArgument"},
		{"signed header changed", func(r *http.Request) { r.Header.Set("If-Match", "2") }, 403, "SignatureDoesNotMatch"},
		{"signed header left out", func(r *http.Request) { r.Header.Del("If-Match") }, 403, "SignatureDoesNotMatch"},
		{"signed header twice", func(r *http.Request) { r.Header.Add("If-Match", "2") }, 403, "SignatureDoesNotMatch"},
		{"host is left out of the list", replace("host;", ""), 403, "SignatureDoesNotMatch"},
		{"other algorithm", replace("sha1", "md5"), 400, "InvalidArgument"},
		{"unknown field", replace("q-ak", "q-a=1&q-ak"), 400, "InvalidArgument"},
		{"no q-key-time", replace("q-key-time", "q-sign-time"), 400, "InvalidArgument"},
		{"not a signature", func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, 400, "InvalidArgument"},
		{"two signatures", func(r *http.Request) { r.Header["Authorization"] = append(r.Header["Authorization"], "x") }, 400, "InvalidArgument"},
		{"ended", again(func(_ *http.Request, at *sdk.AuthTime) key {
			at.SignStartTime, at.SignEndTime = at.SignStartTime.Add(-time.Hour), at.SignStartTime.Add(-time.Second)
			at.KeyStartTime, at.KeyEndTime = at.SignStartTime, at.SignEndTime
			return k
		}), 403, "AccessDenied"},
		{"ahead", again(func(_ *http.Request, at *sdk.AuthTime) key {
			at.SignStartTime, at.SignEndTime = at.SignStartTime.Add(time.Minute), at.SignStartTime.Add(time.Hour)
			at.KeyStartTime, at.KeyEndTime = at.SignStartTime, at.SignEndTime
			return k
		}), 403, "RequestTimeTooSkewed"},
		{"two times", again(func(_ *http.Request, at *sdk.AuthTime) key {
			at.KeyEndTime = at.KeyEndTime.Add(time.Hour)
			return k
		}), 400, "InvalidArgument"},
		{"the permanent key", again(func(r *http.Request, _ *sdk.AuthTime) key {
			r.Header.Del(tokenName)
			return key{"AKIDpermanent", "permanent-key", ""}
		}), 403, "InvalidAccessKeyId"},
		{"no token", again(func(r *http.Request, _ *sdk.AuthTime) key { r.Header.Del(tokenName); return key{k.id, k.secret, ""} }), 403, "InvalidAccessKeyId"},
		{"token of another key", again(func(*http.Request, *sdk.AuthTime) key { return key{k.id, k.secret, other.token} }), 403, "InvalidAccessKeyId"},
		{"secret of another key", again(func(*http.Request, *sdk.AuthTime) key { return key{k.id, other.secret, k.token} }), 403, "SignatureDoesNotMatch"},
		{"unknown id", again(func(*http.Request, *sdk.AuthTime) key { return key{"AKIDx", k.secret, k.token} }), 403, "InvalidAccessKeyId"},
		{"tampered token", again(func(*http.Request, *sdk.AuthTime) key { return key{k.id, k.secret, "A" + k.token} }), 403, "AccessDenied"},
		{"token's seal cut off", again(func(*http.Request, *sdk.AuthTime) key { return key{k.id, k.secret, k.token[:len(k.token)-1]} }), 403, "AccessDenied"},
		{"two tokens", func(r *http.Request) { r.URL.RawQuery += "&" + tokenName + "=x" }, 400, "InvalidArgument"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := k.request(t, "GET", w.host, "/a?x=1", "", "If-Match", "*")
			tt.spoil(r)
			a := send(t, r)
			a.want(t, tt.status, tt.code)
			if strings.Contains(a.body, k.token) || strings.Contains(a.body, k.secret) {
				t.Error("the answer holds a secret")
			}
		})
	}
	if !w.holds("a", "body") {
		t.Error("the object is gone")
	}
}

// Signatures that are right in themselves, and that no SDK makes.
func TestOddSignatures(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	k.do(t, "PUT", w.host, "/a", "body").want(t, 200, "")
	now := time.Now().Unix()
	valid := fmt.Sprintf("%d;%d", now-1, now+60)
	sign := func(at, list, headers string) string {
		text := "sha1\n" + at + "\n" + sha1Hex("get\n/a\n\n"+headers+"\n") + "\n"
		return "q-sign-algorithm=sha1&q-ak=" + k.id + "&q-sign-time=" + at + "&q-key-time=" + at +
			"&q-header-list=" + list + "&q-url-param-list=&q-signature=" + hmacSHA1(hmacSHA1(k.secret, at), text)
	}
	host := "host=" + encode(w.host)
	for _, tt := range []struct {
		name, authorization string
		status              int
		code                string
	}{
		{"host only", sign(valid, "host", host), 200, ""},
		{"not even host", sign(valid, "", ""), 403, "SignatureDoesNotMatch"},
		{"another header", sign(valid, "x-cos-meta-a", "x-cos-meta-a=1"), 403, "SignatureDoesNotMatch"},
		{"sorted", sign(valid, "host;x-cos-meta-a", host+"&x-cos-meta-a=1"), 200, ""},
		{"not sorted", sign(valid, "x-cos-meta-a;host", "x-cos-meta-a=1&"+host), 403, "SignatureDoesNotMatch"},
		{"a header that was not sent", sign(valid, "host;x-none", host), 403, "SignatureDoesNotMatch"},
		{"an end before the start", sign(fmt.Sprintf("%d;%d", now+60, now-60), "host", host), 400, "InvalidArgument"},
		{"a time that is no number", sign(fmt.Sprintf("-1;%d", now+60), "host", host), 400, "InvalidArgument"},
		{"one time", sign(fmt.Sprint(now), "host", host), 400, "InvalidArgument"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, _ := http.NewRequest("GET", "http://"+w.host+"/a", nil)
			r.Header = http.Header{"Authorization": {tt.authorization}, "X-Cos-Meta-A": {"1"}, "X-Cos-Security-Token": {k.token}}
			send(t, r).want(t, tt.status, tt.code)
		})
	}
	u, err := k.client(w.host).Object.GetPresignedURL2(ctx, "GET", "a", time.Minute, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := http.NewRequest("GET", u.String(), nil)
	r.Header.Set("Authorization", sign(valid, "host", host))
	send(t, r).want(t, 400, "InvalidArgument") // two good signatures
}

// The vendor's worked example, with the example key of its documentation: https://cloud.tencent.com/document/product/436/7778
func TestKnownAnswer(t *testing.T) {
	const at = "1557989151;1557996351"
	r, _ := http.NewRequest("PUT", "http://examplebucket-1250000000.cos.ap-beijing.myqcloud.com/exampleobject(腾讯云)", nil)
	for name, value := range map[string]string{
		"Date": "Thu, 16 May 2019 06:45:51 GMT", "Content-Type": "text/plain", "Content-Length": "13", "Content-MD5": "mQ/fVh815F3k6TAUm8m0eg==",
		"x-cos-acl": "private", "x-cos-grant-read": `uin="100000000011"`,
	} {
		r.Header.Set(name, value)
	}
	s, bad := readSignature("q-sign-algorithm=sha1&q-ak=AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q&q-sign-time=" + at + "&q-key-time=" + at +
		"&q-header-list=content-length;content-md5;content-type;date;host;x-cos-acl;x-cos-grant-read&q-url-param-list=&q-signature=3b8851a11a569213c17ba8fa7dcf2abec6935172")
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
	k.do(t, "PUT", w.host, "/a", "body").want(t, 200, "")
	later := time.Now().Add(30 * time.Minute)
	host := serve(t, w.At(func() time.Time { return later }))
	r := k.request(t, "GET", host, "/a", "")
	r.Header.Del("Authorization")
	at := sdk.NewAuthTime(time.Hour)
	sdk.AddAuthorizationHeader(k.id, k.secret, k.token, r, at)
	a := send(t, r)
	a.want(t, 403, "AccessDenied")
	if a.header.Get("Date") != later.UTC().Format(http.TimeFormat) {
		t.Errorf("Date is %s", a.header.Get("Date"))
	}
	later = later.Add(-10 * time.Second)
	send(t, r).want(t, 200, "")
	if got := w.Records(); len(got) != 3 || got[1].Code != "AccessDenied" || got[2].Status != 200 {
		t.Errorf("%+v", got)
	}
}

func TestAnotherAccount(t *testing.T) {
	w := local(t)
	w.sts.Keys[0].AppID = "1250000001"
	k := w.issue(t, statement{Effect: "allow", Action: []string{"name/cos:*"}, Resource: []string{"*"}})
	k.do(t, "PUT", w.host, "/a", "").want(t, 403, "AccessDenied")
}

func TestConditions(t *testing.T) {
	type condition = map[string]map[string]any
	upload := func(c condition) statement {
		return allow(c, "u/*", "PutObject", "UploadPart", "InitiateMultipartUpload", "GetObject")
	}
	for _, tt := range []struct {
		name, method, target, body string
		condition                  condition
		header                     []string
		allowed                    bool
	}{
		{"short enough", "PUT", "/u/a", "12345", condition{"numeric_less_than_equal": {"cos:content-length": 5}}, nil, true},
		{"too long", "PUT", "/u/a", "123456", condition{"numeric_less_than_equal": {"cos:content-length": 5}}, nil, false},
		{"no length to look at", "GET", "/u/a", "", condition{"numeric_less_than_equal": {"cos:content-length": 5}}, nil, false},
		{"parts carry none", "PUT", "/u/a?partNumber=1&uploadId=x", "1", condition{"numeric_less_than_equal": {"cos:content-length": 5}}, nil, false},
		{"type", "PUT", "/u/a", "", condition{"string_like": {"cos:content-type": "image/*"}}, []string{"Content-Type", "image/png"}, true},
		{"other type", "PUT", "/u/a", "", condition{"string_like": {"cos:content-type": "image/*"}}, []string{"Content-Type", "text/html"}, false},
		{"no type", "PUT", "/u/a", "", condition{"string_like": {"cos:content-type": "image/*"}}, nil, false},
		{"type of multipart", "POST", "/u/a?uploads", "", condition{"string_like": {"cos:content-type": "image/*"}}, []string{"Content-Type", "image/png"}, true},
		{"address", "PUT", "/u/a", "", condition{"ip_equal": {"qcs:ip": []string{"127.0.0.0/8"}}}, nil, true},
		{"another's address", "PUT", "/u/a", "", condition{"ip_equal": {"qcs:ip": []string{"10.0.0.0/8"}}}, nil, false},
		{"address that is said", "PUT", "/u/a", "", condition{"ip_equal": {"qcs:ip": []string{"10.0.0.0/8"}}}, []string{"X-Forwarded-For", "10.0.0.1"}, false},
		{"plain HTTP", "PUT", "/u/a", "", condition{"bool_equal": {"cos:secure-transport": "true"}}, nil, false},
		{"time", "PUT", "/u/a", "", condition{"date_less_than": {"qcs:current_time": "2020-01-01T00:00:00Z"}}, nil, false},
		{"acl", "PUT", "/u/a", "", condition{"string_equal": {"cos:x-cos-acl": "private"}}, []string{"x-cos-acl", "private"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := local(t)
			a := w.issue(t, upload(tt.condition)).do(t, tt.method, w.host, tt.target, tt.body, tt.header...)
			if allowed := a.code() != "AccessDenied"; allowed != tt.allowed || allowed && a.status != 200 {
				t.Errorf("%d %s", a.status, a.body)
			}
			if b := w.store.get("u/a"); b != nil && !tt.allowed {
				t.Error("it was stored")
			}
		})
	}
}

// In which form cos:prefix is compared is a switch, because sources disagree.
func TestPrefixForms(t *testing.T) {
	list := func(prefix string) statement {
		return allow(map[string]map[string]any{"string_like": {"cos:prefix": prefix}}, "*", "GetBucket")
	}
	for _, form := range []PrefixForm{EncodedPrefix, RawPrefix} {
		w := local(t, func(o *Options) { o.Prefix = form })
		raw, encoded := w.issue(t, list("users/a b/*")), w.issue(t, list("users%2Fa%20b%2F*"))
		if form == EncodedPrefix {
			raw, encoded = encoded, raw
		}
		raw.do(t, "GET", w.host, "/?prefix=users%2Fa%20b%2F", "").want(t, 200, "")
		raw.do(t, "GET", w.host, "/?prefix=users/a+b/c", "").want(t, 200, "")
		raw.do(t, "GET", w.host, "/?prefix=users/a%20b2/", "").want(t, 403, "AccessDenied")
		encoded.do(t, "GET", w.host, "/?prefix=users/a%20b/", "").want(t, 403, "AccessDenied")
	}
}

// A listing is held to the bucket as well as to the prefix in it.
func TestListingNeedsBoth(t *testing.T) {
	w := local(t)
	w.issue(t, allow(nil, "u/*", "GetBucket")).do(t, "GET", w.host, "/?prefix=u/", "").want(t, 403, "AccessDenied")
	w.issue(t, allow(nil, "", "GetBucket", "HeadBucket")).do(t, "GET", w.host, "/?prefix=u/", "").want(t, 403, "AccessDenied")
	w.issue(t, allow(nil, "*", "GetBucket")).do(t, "GET", w.host, "/?prefix=u/", "").want(t, 200, "")
	w.issue(t, allow(nil, "", "HeadBucket")).do(t, "HEAD", w.host, "/", "").want(t, 200, "")
	w.issue(t, allow(nil, "u/*", "HeadBucket")).do(t, "HEAD", w.host, "/", "").want(t, 403, "")
}
