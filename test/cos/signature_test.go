package cos

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	sdk "github.com/tencentyun/cos-go-sdk-v5"

	"cos-credentials/policy/text"
)

// What is refused before it is known what the key may do.
func TestSignatures(t *testing.T) {
	w := local(t)
	k, other := w.everything(t), w.everything(t)
	k.do(t, "PUT /a", "body").want(t, "200")
	header := func(change func(string) string) func(*http.Request) {
		return func(r *http.Request) {
			before := r.Header.Get("Authorization")
			r.Header.Set("Authorization", change(before))
			if r.Header.Get("Authorization") == before {
				t.Errorf("not changed: %s", before)
			}
		}
	}
	replace := func(from, to string) func(*http.Request) {
		return header(func(s string) string { return strings.Replace(s, from, to, 1) })
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
	query := func(raw string) func(*http.Request) { return func(r *http.Request) { r.URL.RawQuery = raw } }
	// odd is right in itself, and no SDK makes it.
	now := time.Now().Unix()
	valid := fmt.Sprintf("%d;%d", now-1, now+60)
	odd := func(at, list, signed string) func(*http.Request) {
		return header(func(string) string {
			canonicalText := "sha1\n" + at + "\n" + sha1Hex("get\n/a\n\n"+signed+"\n") + "\n"
			return "q-sign-algorithm=sha1&q-ak=" + k.id + "&q-sign-time=" + at + "&q-key-time=" + at +
				"&q-header-list=" + list + "&q-url-param-list=&q-signature=" + hmacSHA1(hmacSHA1(k.secret, at), canonicalText)
		})
	}
	own := "host=" + text.Percent(w.host)
	_, port, _ := strings.Cut(w.host, ":")
	for _, tt := range []struct {
		name  string
		spoil func(*http.Request)
		want  string
	}{
		{"as it is", func(*http.Request) {}, "200"},
		{"not signed", func(r *http.Request) { r.Header.Del("Authorization") }, "403 AccessDenied"},
		{"one digit", header(func(s string) string {
			return s[:len(s)-1] + map[bool]string{true: "1", false: "0"}[strings.HasSuffix(s, "0")]
		}), "403 SignatureDoesNotMatch"},
		{"other key", func(r *http.Request) { r.URL.Path = "/b" }, "403 SignatureDoesNotMatch"},
		{"other method", func(r *http.Request) { r.Method = "DELETE" }, "403 SignatureDoesNotMatch"},
		{"other host", host("localhost:" + port), "403 SignatureDoesNotMatch"},
		{"a host that isn't ours", host("example.com"), "404 NoSuchBucket"},
		{"signed parameter changed", query("x=2"), "403 SignatureDoesNotMatch"},
		{"signed parameter twice", query("x=1&x=2"), "400 InvalidArgument"},
		{"signed header changed", func(r *http.Request) { r.Header.Set("If-Match", "2") }, "403 SignatureDoesNotMatch"},
		{"signed header twice", func(r *http.Request) { r.Header.Add("If-Match", "2") }, "403 SignatureDoesNotMatch"},
		{"no q-url-param-list", replace("q-url-param-list=x&", ""), "400 InvalidArgument"},
		{"two signatures", func(r *http.Request) { r.Header.Add("Authorization", "x") }, "400 InvalidArgument"},
		{"two tokens", query("x=1&" + tokenName + "=x"), "400 InvalidArgument"},
		{"ended", at(-time.Hour, -time.Second, -time.Second), "403 AccessDenied"},
		{"ahead", at(time.Minute, time.Hour, time.Hour), "403 RequestTimeTooSkewed"},
		{"two times", at(0, time.Minute, time.Hour), "400 InvalidArgument"},
		{"the permanent key", by("AKIDpermanent", "permanent-key", ""), "403 InvalidAccessKeyId"},
		{"no token", by(k.id, k.secret, ""), "403 InvalidAccessKeyId"},
		{"token of another key", by(k.id, k.secret, other.token), "403 InvalidAccessKeyId"},
		{"tampered token", by(k.id, k.secret, "A"+k.token), "403 AccessDenied"},
		{"not even host", odd(valid, "", ""), "403 SignatureDoesNotMatch"},
		{"not sorted", odd(valid, "if-match;host", "if-match=%2A&"+own), "403 SignatureDoesNotMatch"},
		{"a header that was not sent", odd(valid, "host;x-none", own), "403 SignatureDoesNotMatch"},
		{"an end before the start", odd(fmt.Sprintf("%d;%d", now+60, now-60), "host", own), "400 InvalidArgument"},
		{"a good one in the URL too", func(r *http.Request) {
			r.URL.RawQuery = r.Header.Get("Authorization")
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
	r.Header = http.Header{
		"Date": {"Thu, 16 May 2019 06:45:51 GMT"}, "Content-Type": {"text/plain"}, "Content-Length": {"13"},
		"Content-MD5": {"mQ/fVh815F3k6TAUm8m0eg=="}, "X-Cos-Acl": {"private"}, "X-Cos-Grant-Read": {`uin="100000000011"`},
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
	later := time.Now().Add(30 * time.Minute)
	k.host = serve(t, w.At(func() time.Time { return later }).Serve)
	r := k.sign(k.request(t, "GET /?prefix=a", ""), sdk.NewAuthTime(time.Hour))
	if a := send(t, r).want(t, "403 AccessDenied"); a.header.Get("Date") != later.UTC().Format(http.TimeFormat) {
		t.Errorf("Date is %s", a.header.Get("Date"))
	}
	later = later.Add(-10 * time.Second)
	send(t, r).want(t, "200")
	got := w.Records()
	if len(got) != 2 || got[0].Code != "AccessDenied" || got[1].Status != 200 || got[1].Action != "name/cos:GetBucket" {
		t.Errorf("%+v", got)
	}
}

func TestAnotherAccount(t *testing.T) {
	w := local(t)
	w.sts.Keys[0].AppID = "1250000001"
	k := w.issue(t, statement{Effect: "allow", Action: []string{"name/cos:*"}, Resource: []string{"*"}})
	k.do(t, "PUT /a", "").want(t, "403 AccessDenied")
}

// Links, signed by the vendor's client.
func TestSignedLinks(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	k.do(t, "PUT /a%20b", "hello").want(t, "200")
	u := &url.URL{Scheme: "http", Host: k.host}
	client := sdk.NewClient(&sdk.BaseURL{BucketURL: u}, &http.Client{
		Transport: &sdk.AuthorizationTransport{SecretID: k.id, SecretKey: k.secret, SessionToken: k.token},
	})
	made, err := client.Object.GetPresignedURL2(t.Context(), http.MethodGet, "a b", time.Minute, nil)
	if err != nil {
		t.Fatal(err)
	}
	link := strings.TrimPrefix(made.String(), "http://"+w.host)
	nobody := holder{host: w.host}
	for _, tt := range []struct{ from, to, want string }{
		{"", "", "200"},
		{"&", "&response-content-disposition=attachment&", "200"}, // as documented, it may be added
		{"?", "?imageMogr2/thumbnail/200x&", "200"},               // pictures are given out as they are
		{"?", "?imageView2/2/w/200&", "200"},
		{"%3B", ";", "200"}, // the JS SDK leaves the semicolons of q-sign-time as they are
		{"a%20b", "a%20c", "403 SignatureDoesNotMatch"},
		{"x-cos-security-token=", "x-cos-security-token=x", "403 AccessDenied"},
		{"x-cos-security-token=", "token=", "403 InvalidAccessKeyId"},
		{"q-ak=", "q-a=", "400 InvalidArgument"},
	} {
		a := nobody.do(t, "GET "+strings.Replace(link, tt.from, tt.to, 1), "").want(t, tt.want)
		kind := a.header.Get("Content-Disposition")
		if a.status == 200 && (a.body != "hello" || (kind != "") != strings.Contains(tt.to, "attachment")) {
			t.Errorf("%s: %q %s", tt.to, a.body, kind)
		}
	}
	nobody.do(t, "PUT "+link, "").want(t, "403 SignatureDoesNotMatch")
}
