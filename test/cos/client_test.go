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

// file is a file of so many bytes, and what is in it.
func file(t *testing.T, size int) (path string, data []byte) {
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
	name := "users/alice/a b+c&d/ü/中文%41.txt"
	read := func(options *sdk.ObjectGetOptions) (string, *sdk.Response) {
		r, err := c.Object.Get(ctx, name, options)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		body, _ := io.ReadAll(r.Body)
		return string(body), r
	}

	put, err := c.Object.Put(ctx, name, strings.NewReader("hello"), &sdk.ObjectPutOptions{
		ObjectPutHeaderOptions: &sdk.ObjectPutHeaderOptions{
			ContentType: "text/plain", CacheControl: "no-cache", XCosMetaXXX: &http.Header{"X-Cos-Meta-Who": {"alice"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	sum := md5.Sum([]byte("hello"))
	etag, h := `"`+hex.EncodeToString(sum[:])+`"`, put.Header
	if h.Get("ETag") != etag || h.Get("x-cos-request-id") == "" || h.Get("Server") != "tencent-cos" || h.Get("Date") == "" {
		t.Errorf("headers: %v", h)
	}
	got, r := read(nil)
	h = r.Header
	if got != "hello" || h.Get("Content-Type") != "text/plain" || h.Get("Cache-Control") != "no-cache" ||
		h.Get("X-Cos-Meta-Who") != "alice" {
		t.Errorf("%q: %v", got, h)
	}
	got, r = read(&sdk.ObjectGetOptions{Range: "bytes=1-3"})
	if got != "ell" || r.StatusCode != 206 || r.Header.Get("Content-Range") != "bytes 1-3/5" {
		t.Errorf("range: %q %d %s", got, r.StatusCode, r.Header.Get("Content-Range"))
	}
	head, err := c.Object.Head(ctx, name, nil)
	if err != nil || head.Header.Get("Content-Length") != "5" || head.Header.Get("ETag") != etag {
		t.Errorf("head: %v %v", err, head)
	}
	if ok, err := c.Object.IsExist(ctx, "users/alice/none"); ok || err != nil {
		t.Errorf("exists: %v %v", ok, err)
	}

	copied, _, err := c.Object.Copy(ctx, "users/alice/copy", w.host+"/"+name, nil)
	if err != nil || copied.ETag != etag || !w.holds("users/alice/copy", "hello") {
		t.Errorf("copy: %v %+v", err, copied)
	}
	if w.store.get("users/alice/copy").Header["Content-Type"] != "text/plain" {
		t.Error("the copy has another type")
	}
	for range 2 { // deleting what isn't there is no error
		if _, err := c.Object.Delete(ctx, name); err != nil {
			t.Error(err)
		}
		if _, err := c.Object.Get(ctx, name, nil); !sdk.IsNotFoundError(err) {
			t.Errorf("deleted, and got %v", err)
		}
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
	walk := func(prefix, delimiter, encoding string, most int) (keys, folders []string, pages int) {
		ask := &sdk.BucketGetOptions{Prefix: prefix, Delimiter: delimiter, MaxKeys: most, EncodingType: encoding}
		for more := true; more; pages++ {
			got, _, err := c.Bucket.Get(ctx, ask)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range got.Contents {
				keys = append(keys, o.Key)
			}
			folders = append(folders, got.CommonPrefixes...)
			more, ask.Marker = got.IsTruncated, got.NextMarker
		}
		return
	}
	if keys, folders, pages := walk("users/alice/", "", "", 4); len(keys) != 21 || len(folders) != 0 || pages != 6 {
		t.Errorf("all: %d keys, %v in %d pages", len(keys), folders, pages)
	}
	keys, folders, pages := walk("users/alice/", "/", "", 3)
	if len(keys) != 7 || fmt.Sprint(folders) != "[users/alice/b c/ users/alice/z/]" || pages != 3 {
		t.Errorf("folded: %v %v in %d pages", keys, folders, pages)
	}
	keys, folders, _ = walk("users/alice/b", "/", "url", 1000)
	if len(keys) != 0 || fmt.Sprint(folders) != "[users%2Falice%2Fb%20c%2F]" {
		t.Errorf("encoded: %v %v", keys, folders)
	}
	out, _, err := c.Object.DeleteMulti(ctx, &sdk.ObjectDeleteMultiOptions{Objects: []sdk.Object{
		{Key: "users/alice/0"}, {Key: "users/alice/none"}, {Key: "users/alice2/0"}, {Key: "users/alice/b c/0"},
	}})
	if err != nil || len(out.DeletedObjects) != 3 || len(out.Errors) != 1 || out.Errors[0].Key != "users/alice2/0" ||
		out.Errors[0].Code != "AccessDenied" {
		t.Errorf("batch: %v %+v", err, out)
	}
	if keys, _, _ := walk("users/alice/", "", "", 1000); len(keys) != 19 {
		t.Errorf("%d are left", len(keys))
	}
}

// In memory and in a folder.
func TestVendorClientMultipart(t *testing.T) {
	for _, folder := range []string{"", t.TempDir()} {
		w := local(t, func(o *Options) { o.Data = folder })
		c := w.issue(t, folderOf("alice")...).client()
		path, data := file(t, 12<<20+5)
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
		if len(w.store.uploads) != 0 || w.store.used() != 2*int64(len(data)) {
			t.Errorf("%d uploads and %d bytes are kept", len(w.store.uploads), w.store.used())
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
		if a := get(t, "GET "+link).want(t, "200"); a.body != "hello" {
			t.Error(a.body)
		}
		// As documented, what to call the download may be added to a signed URL.
		a := get(t, "GET "+link+"&response-content-disposition=attachment").want(t, "200")
		if a.header.Get("Content-Disposition") != "attachment" {
			t.Error(a.header)
		}
		get(t, "PUT "+link).want(t, "403 SignatureDoesNotMatch")
		get(t, spoilt("a%20b", "a%20c")).want(t, "403 SignatureDoesNotMatch")
		get(t, spoilt("x-cos-security-token=", "x-cos-security-token=x")).want(t, "403 AccessDenied")
		get(t, spoilt("x-cos-security-token=", "token=")).want(t, "403 InvalidAccessKeyId")
		get(t, "GET "+link+"&sign=q-ak%3Da").want(t, "400 InvalidArgument")
	}
	// The JS SDK leaves the semicolons of q-sign-time as they are.
	get(t, "GET "+strings.ReplaceAll(signed(false), "%3B", ";")).want(t, "200")
}

func TestManyClients(t *testing.T) {
	w := local(t)
	var all sync.WaitGroup
	for user := range 8 {
		name := fmt.Sprintf("user%d", user)
		c := w.issue(t, folderOf(name)...).client()
		for i := range 50 {
			all.Go(func() {
				folder := "users/" + name + "/"
				object := fmt.Sprint(folder, i%25) // each is written twice
				body := strings.Repeat(name, 1000+i)
				if _, err := c.Object.Put(ctx, object, strings.NewReader(body), nil); err != nil {
					t.Error(err)
				}
				if r, err := c.Object.Get(ctx, object, nil); err != nil {
					t.Error(err)
				} else if got, err := io.ReadAll(r.Body); err != nil || strings.Trim(string(got), name) != "" ||
					r.ContentLength != int64(len(got)) {
					t.Errorf("read %d bytes of another's, or half: %v", len(got), err)
				}
				if _, _, err := c.Bucket.Get(ctx, &sdk.BucketGetOptions{Prefix: folder}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	if n := len(w.all()); n != 200 {
		t.Errorf("%d objects", n)
	}
}
