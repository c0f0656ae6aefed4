package cos

import (
	"bytes"
	"context"
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
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/tencentyun/cos-go-sdk-v5"
)

var ctx = context.Background()

func read(t *testing.T, r *sdk.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// The vendor's client is the caller that the bucket must agree with.
func TestVendorClient(t *testing.T) {
	w := local(t)
	c := w.issue(t, folderOf("alice")...).client(w.host)
	name := "users/alice/a b+c&d/ü/中文%41.txt"

	put, err := c.Object.Put(ctx, name, strings.NewReader("hello"), &sdk.ObjectPutOptions{
		ObjectPutHeaderOptions: &sdk.ObjectPutHeaderOptions{ContentType: "text/plain", CacheControl: "no-cache", XCosMetaXXX: &http.Header{"X-Cos-Meta-Who": {"alice"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	sum := md5.Sum([]byte("hello"))
	if got := put.Header.Get("ETag"); got != `"`+hex.EncodeToString(sum[:])+`"` {
		t.Errorf("ETag: %s", got)
	}
	if put.Header.Get("x-cos-request-id") == "" || put.Header.Get("Server") != "tencent-cos" || put.Header.Get("Date") == "" {
		t.Errorf("headers: %v", put.Header)
	}

	r, err := c.Object.Get(ctx, name, nil)
	if got := read(t, r, err); got != "hello" {
		t.Errorf("got %q", got)
	}
	if h := r.Header; h.Get("Content-Type") != "text/plain" || h.Get("Cache-Control") != "no-cache" || h.Get("X-Cos-Meta-Who") != "alice" {
		t.Errorf("headers: %v", h)
	}
	r, err = c.Object.Get(ctx, name, &sdk.ObjectGetOptions{Range: "bytes=1-3"})
	if got := read(t, r, err); got != "ell" || r.StatusCode != 206 || r.Header.Get("Content-Range") != "bytes 1-3/5" {
		t.Errorf("range: %q %d %s", got, r.StatusCode, r.Header.Get("Content-Range"))
	}
	head, err := c.Object.Head(ctx, name, nil)
	if err != nil || head.Header.Get("Content-Length") != "5" || head.Header.Get("ETag") != put.Header.Get("ETag") {
		t.Errorf("head: %v %v", err, head)
	}
	if ok, err := c.Object.IsExist(ctx, "users/alice/none"); ok || err != nil {
		t.Errorf("exists: %v %v", ok, err)
	}

	copied, _, err := c.Object.Copy(ctx, "users/alice/copy", w.host+"/"+name, nil)
	if err != nil || copied.ETag != put.Header.Get("ETag") || !w.holds("users/alice/copy", "hello") {
		t.Errorf("copy: %v %+v", err, copied)
	}
	if h := head.Header; w.store.get("users/alice/copy").Header["Content-Type"] != h.Get("Content-Type") {
		t.Error("the copy has another type")
	}

	if _, err := c.Object.Delete(ctx, name); err != nil {
		t.Error(err)
	}
	if _, err := c.Object.Get(ctx, name, nil); !sdk.IsNotFoundError(err) {
		t.Errorf("deleted, and got %v", err)
	}
	if _, err := c.Object.Delete(ctx, name); err != nil {
		t.Errorf("deleted twice: %v", err)
	}
}

func TestVendorClientLists(t *testing.T) {
	w := local(t)
	c := w.issue(t, folderOf("alice")...).client(w.host)
	var want []string
	for i := range 7 {
		want = append(want, fmt.Sprintf("users/alice/%d", i), fmt.Sprintf("users/alice/b c/%d", i), fmt.Sprintf("users/alice/z/%d", i))
	}
	for _, name := range want {
		if _, err := c.Object.Put(ctx, name, strings.NewReader(name), nil); err != nil {
			t.Fatal(err)
		}
	}
	walk := func(prefix, delimiter, encoding string, most int) (keys, folders []string, pages int) {
		marker := ""
		for {
			got, _, err := c.Bucket.Get(ctx, &sdk.BucketGetOptions{Prefix: prefix, Delimiter: delimiter, Marker: marker, MaxKeys: most, EncodingType: encoding})
			if err != nil {
				t.Fatal(err)
			}
			pages++
			for _, o := range got.Contents {
				keys = append(keys, o.Key)
			}
			folders = append(folders, got.CommonPrefixes...)
			if !got.IsTruncated {
				return
			}
			if marker = got.NextMarker; encoding == "url" {
				marker, _ = url.QueryUnescape(marker)
			}
		}
	}
	if keys, folders, pages := walk("users/alice/", "", "", 4); len(keys) != 21 || len(folders) != 0 || pages != 6 {
		t.Errorf("all: %d keys, %v in %d pages", len(keys), folders, pages)
	}
	keys, folders, pages := walk("users/alice/", "/", "", 3)
	if len(keys) != 7 || fmt.Sprint(folders) != "[users/alice/b c/ users/alice/z/]" || pages != 3 {
		t.Errorf("folded: %v %v in %d pages", keys, folders, pages)
	}
	if keys, folders, _ := walk("users/alice/b", "/", "url", 1000); len(keys) != 0 || fmt.Sprint(folders) != "[users%2Falice%2Fb%20c%2F]" {
		t.Errorf("encoded: %v %v", keys, folders)
	}

	out, _, err := c.Object.DeleteMulti(ctx, &sdk.ObjectDeleteMultiOptions{Objects: []sdk.Object{
		{Key: "users/alice/0"}, {Key: "users/alice/none"}, {Key: "users/alice2/0"}, {Key: "users/alice/b c/0"},
	}})
	if err != nil || len(out.DeletedObjects) != 3 || len(out.Errors) != 1 || out.Errors[0].Key != "users/alice2/0" || out.Errors[0].Code != "AccessDenied" {
		t.Errorf("batch: %v %+v", err, out)
	}
	if keys, _, _ := walk("users/alice/", "", "", 1000); len(keys) != 19 {
		t.Errorf("%d are left", len(keys))
	}
}

func TestVendorClientMultipart(t *testing.T) {
	w := local(t)
	c := w.issue(t, folderOf("alice")...).client(w.host)
	data := make([]byte, 12<<20+5)
	random := rand.NewChaCha8([32]byte{1})
	random.Read(data)
	file := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, response, err := c.Object.Upload(ctx, "users/alice/large", file, &sdk.MultiUploadOptions{PartSize: 1, ThreadPoolSize: 4})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(out.ETag, `-13"`) || out.Bucket != bucket || out.Key != "users/alice/large" {
		t.Errorf("%+v", out)
	}
	if got := response.Header.Get("x-cos-hash-crc64ecma"); got != strconv.FormatUint(crc64.Checksum(data, ecma), 10) {
		t.Errorf("crc: %s", got)
	}
	target := filepath.Join(t.TempDir(), "again")
	if _, err := c.Object.Download(ctx, "users/alice/large", target, &sdk.MultiDownloadOptions{PartSize: 1, ThreadPoolSize: 4}); err != nil {
		t.Fatal(err)
	}
	if again, _ := os.ReadFile(target); !bytes.Equal(again, data) {
		t.Error("downloaded other bytes")
	}
	if len(w.store.uploads) != 0 || w.store.used != int64(len(data)) {
		t.Errorf("%d uploads and %d bytes are kept", len(w.store.uploads), w.store.used)
	}
}

func TestVendorClientURLs(t *testing.T) {
	w := local(t)
	k := w.issue(t, folderOf("alice")...)
	c := k.client(w.host)
	if _, err := c.Object.Put(ctx, "users/alice/a b", strings.NewReader("hello"), nil); err != nil {
		t.Fatal(err)
	}
	for _, merged := range []bool{false, true} {
		signed, err := c.Object.GetPresignedURL2(ctx, http.MethodGet, "users/alice/a b", time.Minute, &sdk.PresignedURLOptions{Query: &url.Values{}, Header: &http.Header{}, SignMerged: merged})
		if err != nil {
			t.Fatal(err)
		}
		get := func(method, url string) answer {
			r, _ := http.NewRequest(method, url, nil)
			return send(t, r)
		}
		if a := get("GET", signed.String()); a.status != 200 || a.body != "hello" {
			t.Errorf("%d %s", a.status, a.body)
		}
		// As documented, what to call the download may be added to a signed URL.
		if a := get("GET", signed.String()+"&response-content-disposition=attachment"); a.status != 200 || a.header.Get("Content-Disposition") != "attachment" {
			t.Errorf("%d %v", a.status, a.header)
		}
		get("PUT", signed.String()).want(t, 403, "SignatureDoesNotMatch")
		get("GET", strings.Replace(signed.String(), "a%20b", "a%20c", 1)).want(t, 403, "SignatureDoesNotMatch")
		get("GET", strings.Replace(signed.String(), "x-cos-security-token=", "x-cos-security-token=x", 1)).want(t, 403, "AccessDenied")
		get("GET", strings.Replace(signed.String(), "x-cos-security-token=", "token=", 1)).want(t, 403, "InvalidAccessKeyId")
		get("GET", signed.String()+"&sign=q-ak%3Da").want(t, 400, "InvalidArgument")
	}
	// The JS SDK leaves the semicolons of q-sign-time as they are.
	u, _ := c.Object.GetPresignedURL2(ctx, http.MethodGet, "users/alice/a b", time.Minute, nil)
	r, _ := http.NewRequest("GET", strings.ReplaceAll(u.String(), "%3B", ";"), nil)
	if a := send(t, r); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestManyClients(t *testing.T) {
	w := local(t)
	var all sync.WaitGroup
	for user := range 8 {
		name := fmt.Sprintf("user%d", user)
		c := w.issue(t, folderOf(name)...).client(w.host)
		for file := range 50 {
			all.Go(func() {
				body := strings.Repeat(name, 1000+file)
				key := fmt.Sprintf("users/%s/%d", name, file%25) // each is written twice
				if _, err := c.Object.Put(ctx, key, strings.NewReader(body), nil); err != nil {
					t.Error(err)
					return
				}
				r, err := c.Object.Get(ctx, key, nil)
				if err != nil {
					t.Error(err)
					return
				}
				defer r.Body.Close()
				if got, err := io.ReadAll(r.Body); err != nil || strings.Trim(string(got), name) != "" || r.ContentLength != int64(len(got)) {
					t.Errorf("read %d bytes of another's, or half: %v", len(got), err)
				}
				if _, _, err := c.Bucket.Get(ctx, &sdk.BucketGetOptions{Prefix: "users/" + name + "/"}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	if n := len(w.store.sorted("")); n != 200 {
		t.Errorf("%d objects", n)
	}
	var size int64
	for _, b := range w.store.sorted("") {
		size += b.Size
	}
	if w.store.used != size {
		t.Errorf("%d bytes are kept for %d", w.store.used, size)
	}
}
