package cos

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"hash/crc64"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/tencentyun/cos-go-sdk-v5"
)

// tempFile is a file of so many bytes, and what is in it.
func tempFile(t *testing.T, size int) (path string, data []byte) {
	path, data = filepath.Join(t.TempDir(), "file"), make([]byte, size)
	rand.NewChaCha8([32]byte{1}).Read(data)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, data
}

// The vendor's client is the caller that the bucket must agree with.
func TestVendorClient(t *testing.T) {
	w := local(t)
	c := w.issue(t, folderOf("alice")...).client()
	name, copyName := "users/alice/a b+c&d/ü/中文%41.txt", "users/alice/copy"
	sum := md5.Sum([]byte("hello"))
	etag := `"` + hex.EncodeToString(sum[:]) + `"`
	said := &sdk.ObjectPutHeaderOptions{
		ContentType: "text/plain", CacheControl: "no-cache", XCosMetaXXX: &http.Header{"X-Cos-Meta-Who": {"alice"}},
	}
	put, err := c.Object.Put(ctx, name, strings.NewReader("hello"), &sdk.ObjectPutOptions{ObjectPutHeaderOptions: said})
	if err != nil || put.Header.Get("ETag") != etag || put.Header.Get("x-cos-request-id") == "" {
		t.Fatalf("put: %v %v", err, put)
	}
	twin, _, err := c.Object.Copy(ctx, copyName, w.host+"/"+name, nil)
	if err != nil || twin.ETag != etag {
		t.Errorf("copy: %v %+v", err, twin)
	}
	for _, name := range []string{name, copyName} {
		r, err := c.Object.Get(ctx, name, &sdk.ObjectGetOptions{Range: "bytes=1-3"})
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(r.Body)
		h := r.Header
		if string(body) != "ell" || r.StatusCode != 206 || h.Get("Content-Range") != "bytes 1-3/5" ||
			h.Get("Content-Type") != "text/plain" || h.Get("Cache-Control") != "no-cache" || h.Get("X-Cos-Meta-Who") != "alice" {
			t.Errorf("%d %q %v", r.StatusCode, body, h)
		}
		head, err := c.Object.Head(ctx, name, nil)
		if err != nil || head.Header.Get("Content-Length") != "5" || head.Header.Get("ETag") != etag {
			t.Errorf("head: %v %v", err, head)
		}
	}
	for range 2 { // deleting what isn't there is no error
		if _, err := c.Object.Delete(ctx, name); err != nil {
			t.Error(err)
		}
		if ok, err := c.Object.IsExist(ctx, name); ok || err != nil {
			t.Errorf("deleted, and got %v %v", ok, err)
		}
	}
	if _, err := c.Object.Get(ctx, name, nil); !sdk.IsNotFoundError(err) {
		t.Errorf("deleted, and got %v", err)
	}
}

func TestVendorClientLists(t *testing.T) {
	c := local(t).issue(t, folderOf("alice")...).client()
	for i := range 7 {
		for _, name := range []string{"users/alice/%d", "users/alice/b c/%d", "users/alice/z/%d"} {
			if _, err := c.Object.Put(ctx, fmt.Sprintf(name, i), strings.NewReader("x"), nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		ask  sdk.BucketGetOptions
		want string // keys, folders, pages
	}{
		{sdk.BucketGetOptions{Prefix: "users/alice/", MaxKeys: 4}, "21 [] 6"},
		{sdk.BucketGetOptions{Prefix: "users/alice/", MaxKeys: 3, Delimiter: "/"}, "7 [users/alice/b c/ users/alice/z/] 3"},
		{sdk.BucketGetOptions{Prefix: "users/alice/b", Delimiter: "/", EncodingType: "url"},
			"0 [users%2Falice%2Fb%20c%2F] 1"},
	} {
		keys, folders, pages := 0, []string(nil), 0
		for more := true; more; pages++ {
			got, _, err := c.Bucket.Get(ctx, &tt.ask)
			if err != nil {
				t.Fatal(err)
			}
			keys, folders = keys+len(got.Contents), append(folders, got.CommonPrefixes...)
			more, tt.ask.Marker = got.IsTruncated, got.NextMarker
		}
		if got := fmt.Sprint(keys, folders, pages); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	out, _, err := c.Object.DeleteMulti(ctx, &sdk.ObjectDeleteMultiOptions{Objects: []sdk.Object{
		{Key: "users/alice/0"}, {Key: "users/alice/none"}, {Key: "users/alice2/0"}, {Key: "users/alice/b c/0"},
	}})
	if err != nil || len(out.DeletedObjects) != 3 || len(out.Errors) != 1 || out.Errors[0].Key != "users/alice2/0" {
		t.Errorf("batch: %v %+v", err, out)
	}
}

// In memory and in a folder.
func TestVendorClientMultipart(t *testing.T) {
	for _, place := range []string{"", t.TempDir()} {
		w := local(t, func(o *Options) { o.Data = place })
		c := w.issue(t, folderOf("alice")...).client()
		path, data := tempFile(t, 12<<20+5)
		options := &sdk.MultiUploadOptions{PartSize: 1, ThreadPoolSize: 4}
		out, response, err := c.Object.Upload(ctx, "users/alice/large", path, options)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(out.ETag, `-13"`) || out.Bucket != bucket || out.Key != "users/alice/large" {
			t.Errorf("%+v", out)
		}
		if got := response.Header.Get("x-cos-hash-crc64ecma"); got != fmt.Sprint(crc64.Checksum(data, ecma)) {
			t.Errorf("crc: %s", got)
		}
		if _, _, err := c.Object.Copy(ctx, "users/alice/copy", w.host+"/users/alice/large", nil); err != nil {
			t.Fatal(err)
		}
		again := filepath.Join(t.TempDir(), "again")
		in := &sdk.MultiDownloadOptions{PartSize: 1, ThreadPoolSize: 4}
		if _, err := c.Object.Download(ctx, "users/alice/copy", again, in); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(again); !bytes.Equal(got, data) {
			t.Error("downloaded other bytes")
		}
		if len(w.store.Uploads) != 0 || w.store.used() != 2*int64(len(data)) {
			t.Errorf("%d uploads and %d bytes are kept", len(w.store.Uploads), w.store.used())
		}
	}
}

func TestVendorClientURLs(t *testing.T) {
	c := local(t).issue(t, folderOf("alice")...).client()
	if _, err := c.Object.Put(ctx, "users/alice/a b", strings.NewReader("hello"), nil); err != nil {
		t.Fatal(err)
	}
	signed := func(merged bool) string {
		options := &sdk.PresignedURLOptions{Query: &url.Values{}, Header: &http.Header{}, SignMerged: merged}
		u, err := c.Object.GetPresignedURL2(ctx, http.MethodGet, "users/alice/a b", time.Minute, options)
		if err != nil {
			t.Fatal(err)
		}
		return u.String()
	}
	for _, merged := range []bool{false, true} {
		link := signed(merged)
		spoilt := func(from, to string) string { return "GET " + strings.Replace(link, from, to, 1) }
		if a := bare(t, "GET "+link).want(t, "200"); a.body != "hello" {
			t.Error(a.body)
		}
		// As documented, what to call the download may be added to a signed URL.
		a := bare(t, "GET "+link+"&response-content-disposition=attachment").want(t, "200")
		if a.header.Get("Content-Disposition") != "attachment" {
			t.Error(a.header)
		}
		// Pictures are given out as they are.
		bare(t, "GET "+link+"&imageMogr2/thumbnail/200x").want(t, "200")
		bare(t, "GET "+link+"&imageView2/2/w/200").want(t, "200")
		bare(t, "PUT "+link).want(t, "403 SignatureDoesNotMatch")
		bare(t, spoilt("a%20b", "a%20c")).want(t, "403 SignatureDoesNotMatch")
		bare(t, spoilt("x-cos-security-token=", "x-cos-security-token=x")).want(t, "403 AccessDenied")
		bare(t, spoilt("x-cos-security-token=", "token=")).want(t, "403 InvalidAccessKeyId")
		bare(t, "GET "+link+"&sign=q-ak%3Da").want(t, "400 InvalidArgument")
	}
	// The JS SDK leaves the semicolons of q-sign-time as they are.
	bare(t, "GET "+strings.ReplaceAll(signed(false), "%3B", ";")).want(t, "200")
}

// Whoever reads meanwhile gets a whole object, one or the other.
func TestManyClients(t *testing.T) {
	w := local(t, func(o *Options) { o.Data = t.TempDir() })
	k := w.everything(t)
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			line, body := fmt.Sprint("PUT /", i%25), strings.Repeat(fmt.Sprint(i%25), 1000+i) // each is written eight times
			k.do(t, line, body).want(t, "200")
			got := k.do(t, strings.Replace(line, "PUT", "GET", 1), "").want(t, "200").body
			if n := len(got); n < 1000 || got != strings.Repeat(body[:2], n)[:n] && got != strings.Repeat(body[:1], n) {
				t.Errorf("read %d bytes of another's, or half", n)
			}
			k.do(t, "GET /?prefix=1", "").want(t, "200")
		})
	}
	all.Wait()
	if n := len(w.all()); n != 25 {
		t.Errorf("%d objects", n)
	}
}
