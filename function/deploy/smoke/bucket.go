package smoke

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"cos-credentials/policy/text"
)

// bucket is COS with one key.
type bucket struct {
	http                *http.Client
	name                string // BucketName-APPID
	base, host          string // https://HOST
	id, secret, session string // nothing: whoever comes along
}

// newBucket is the first user's bucket, for whoever comes along.
func (r *run) newBucket() *bucket {
	own := r.own[0]
	host := own.Bucket + ".cos." + own.Region + ".myqcloud.com"
	b := &bucket{http: r.http, name: own.Bucket, base: "https://" + host, host: host}
	if r.COSEndpoint != "" {
		b.base = strings.TrimSuffix(r.COSEndpoint, "/")
		b.host = strings.TrimPrefix(b.base, "http://")
	}
	return b
}

// operation is one request to COS.
type operation struct {
	method, key string
	query       map[string]string
	header      map[string]string
	body        string
	form        bool // by POST Object: the rest is in the form's fields then
}

// on is the object that it is about, or what a listing begins with.
func (o operation) on() string { return cmp.Or(o.key, o.query["prefix"]) }

// outcome is what COS said.
type outcome struct {
	status int
	code   string
	body   []byte
}

func (o *outcome) String() string {
	return strings.TrimSpace(fmt.Sprintf("COS answered %d %s", o.status, o.code))
}

func (o *outcome) done() bool { return o.status/100 == 2 }

// denied: COS knows who asked, and won't do it. Who deletes several objects at once is told of each.
func (o *outcome) denied() bool {
	body := string(o.body)
	return o.status == http.StatusForbidden ||
		o.done() && strings.Contains(body, "DeleteResult") && strings.Contains(body, "<Code>AccessDenied</Code>")
}

func (b *bucket) do(ctx context.Context, op operation) (*outcome, error) {
	if op.form {
		return b.postForm(ctx, op)
	}
	var query []string
	for _, name := range slices.Sorted(maps.Keys(op.query)) {
		query = append(query, text.Percent(name)+"="+text.Percent(op.query[name]))
	}
	path := "/" + text.PercentPath(op.key)
	if query != nil {
		path += "?" + strings.Join(query, "&")
	}
	header := maps.Clone(op.header)
	if b.id != "" {
		if header == nil {
			header = map[string]string{}
		}
		header["Authorization"] = b.sign(op, query, time.Now())
		header["x-cos-security-token"] = b.session
	}
	return b.send(ctx, op.method, path, header, op.body)
}

// send sends a request as it is.
func (b *bucket) send(
	ctx context.Context, method, path string, header map[string]string, body string,
) (*outcome, error) {
	request, err := http.NewRequestWithContext(ctx, method, b.base+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Host = b.host
	for name, value := range header {
		request.Header.Set(name, value)
	}
	got, err := b.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("COS can't be reached: %w", err)
	}
	defer got.Body.Close()
	out := &outcome{status: got.StatusCode}
	if out.body, err = io.ReadAll(io.LimitReader(got.Body, mostBytes)); err != nil {
		return nil, fmt.Errorf("COS's answer breaks off: %w", err)
	}
	var failure struct{ Code string }
	if !out.done() && xml.Unmarshal(out.body, &failure) == nil {
		out.code = failure.Code
	}
	return out, nil
}

// sign is the Authorization header: method, path, host and every query parameter are in it.
// https://cloud.tencent.com/document/product/436/7778
func (b *bucket) sign(op operation, query []string, now time.Time) string {
	var names, pairs []string
	for _, pair := range query {
		name, value, _ := strings.Cut(pair, "=")
		names, pairs = append(names, strings.ToLower(name)), append(pairs, strings.ToLower(name)+"="+value)
	}
	times := fmt.Sprintf("%d;%d", now.Add(-time.Minute).Unix(), now.Add(10*time.Minute).Unix())
	request := strings.Join([]string{
		strings.ToLower(op.method), "/" + op.key, strings.Join(pairs, "&"), "host=" + text.Percent(b.host), "",
	}, "\n")
	digest := sha1.Sum([]byte(request))
	signature := hmacSHA1(hmacSHA1(b.secret, times), "sha1\n"+times+"\n"+hex.EncodeToString(digest[:])+"\n")
	return "q-sign-algorithm=sha1&q-ak=" + b.id + "&q-sign-time=" + times + "&q-key-time=" + times +
		"&q-header-list=host&q-url-param-list=" + strings.Join(names, ";") + "&q-signature=" + signature
}

func hmacSHA1(key, message string) string {
	h := hmac.New(sha1.New, []byte(key))
	h.Write([]byte(message))
	return hex.EncodeToString(h.Sum(nil))
}
