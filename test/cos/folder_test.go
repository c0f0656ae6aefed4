package cos

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// names are keys that no file could have, or that could lead a file astray.
var names = []string{
	"a", "a/b", "a/b/c", "a/", "a//b", "C:", "C:/x", `a\..\..\x`, "con", "NUL.txt", "a.", " ", "...", ".x", "-rf", "%2e%2e/%2e%2e/x", "a:b",
	strings.Repeat("s", 300), strings.Repeat("中", 283), "é", "e\u0301", "A", "*", "?", "<>|\"", "a\nb", "objects/a", "about/a", "incoming/a", "~/x",
}

func TestFolder(t *testing.T) {
	root := t.TempDir()
	data := filepath.Join(root, "data")
	in := func(o *Options) { o.Data = data }
	w := local(t, in)
	k := w.everything(t)
	for i, name := range names {
		k.do(t, "PUT", w.host, "/"+encode(name), fmt.Sprint(i), "Content-Type", "text/plain", "x-cos-meta-n", fmt.Sprint(i)).want(t, 200, "")
	}
	k.do(t, "PUT", w.host, "/a", "again").want(t, 200, "")
	k.do(t, "DELETE", w.host, "/a/", "").want(t, 204, "")
	k.do(t, "PUT", w.host, "/../../x", "x").want(t, 400, "InvalidURI")
	id := w.begin(t, k, "/large")
	one := k.do(t, "PUT", w.host, "/large"+part(1, id), strings.Repeat("x", smallestPart)).header.Get("ETag")
	k.do(t, "PUT", w.host, "/large"+part(2, id), "older").want(t, 200, "")
	two := k.do(t, "PUT", w.host, "/large"+part(2, id), "end").header.Get("ETag")
	k.do(t, "PUT", w.host, "/bad", "x", "Content-MD5", contentSum("y")).want(t, 400, "BadDigest")
	before := map[string]blob{}
	for _, b := range w.store.sorted("") {
		before[b.Key] = *b
	}
	used := w.store.used

	// What a crash leaves behind: an older write that was not removed, a part without its upload, half a write with and
	// without its description, half an upload.
	for _, b := range []blob{{Key: "A"}, {Key: "A"}, {Key: "large", Upload: "none", Part: 1}} {
		if _, bad := w.store.write(b, strings.NewReader("xx"), 2, nil); bad != nil {
			t.Fatal(bad)
		}
	}
	cut, bad := w.store.write(blob{Key: "cut"}, strings.NewReader("xx"), 2, nil)
	if bad != nil {
		t.Fatal(bad)
	}
	if err := os.Truncate(filepath.Join(data, bucket, "objects", cut.name), 1); err != nil {
		t.Fatal(err)
	}
	newest, bad := w.store.write(*w.store.get("A"), strings.NewReader("21"), 2, nil)
	if bad != nil {
		t.Fatal(bad)
	}
	before["A"] = *newest
	objects := filepath.Join(data, bucket, "objects")
	os.WriteFile(filepath.Join(objects, "ffff-half"), []byte("half"), 0o600)
	os.WriteFile(filepath.Join(data, bucket, "incoming", "upload-1"), []byte("half"), 0o600)

	w = local(t, in) // its STS is another too, so the keys are new
	k = w.everything(t)
	if len(w.store.objects) != len(names)-1 || w.store.used != used || len(before) != len(names)-1 {
		t.Errorf("%d objects, %d bytes; there were %d and %d", len(w.store.objects), w.store.used, len(before), used)
	}
	for i, name := range names {
		want := fmt.Sprint(i)
		switch name {
		case "a":
			want = "again"
		case "a/":
			k.do(t, "GET", w.host, "/a/", "").want(t, 404, "NoSuchKey")
			continue
		}
		a := k.do(t, "GET", w.host, "/"+encode(name), "")
		b := before[name]
		if a.status != 200 || a.body != want || a.header.Get("ETag") != quoted(b.ETag) || a.header.Get("x-cos-hash-crc64ecma") != fmt.Sprint(b.CRC) {
			t.Errorf("%q: %d %q %v", name, a.status, a.body, a.header)
		}
		if name != "a" && (a.header.Get("Content-Type") != "text/plain" || a.header.Get("x-cos-meta-n") != want) {
			t.Errorf("%q: %v", name, a.header)
		}
		if got := w.store.get(name); !got.Stored.Equal(b.Stored) {
			t.Errorf("%q: stored %s, then %s", name, b.Stored, got.Stored)
		}
	}
	k.do(t, "POST", w.host, "/large?uploadId="+id, parts(1, one, 2, two)).want(t, 200, "")
	if !w.holds("large", strings.Repeat("x", smallestPart)+"end") {
		t.Error("the upload was not continued")
	}
	for _, name := range append(names, "large") {
		k.do(t, "DELETE", w.host, "/"+encode(name), "").want(t, 204, "")
	}
	var left []string
	filepath.Walk(root, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			left = append(left, path)
		}
		return err
	})
	if len(left) != 0 || w.store.used != 0 {
		t.Errorf("left: %v", left)
	}
	entries, _ := os.ReadDir(root)
	if len(entries) != 1 {
		t.Errorf("beside the folder: %v", entries)
	}
}

func TestFolderWithTheVendorsClient(t *testing.T) {
	w := local(t, func(o *Options) { o.Data = t.TempDir() })
	c := w.issue(t, folderOf("alice")...).client(w.host)
	file := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(file, []byte(strings.Repeat("0123456789abcdef", 3<<16)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Object.Upload(ctx, "users/alice/large", file, nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Object.Copy(ctx, "users/alice/copy", w.host+"/users/alice/large", nil); err != nil {
		t.Fatal(err)
	}
	r, err := c.Object.Get(ctx, "users/alice/copy", nil)
	if got := read(t, r, err); len(got) != 3<<20 {
		t.Errorf("%d bytes", len(got))
	}
}

func TestFoldersThatAreNone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, nil, 0o600)
	w := local(t)
	if _, err := New(Options{STS: w.sts, Bucket: bucket, Region: region, Data: file}); err == nil {
		t.Error("took a file for a folder")
	}
	for _, o := range []Options{
		{Bucket: bucket, Region: region}, {STS: w.sts, Region: region}, {STS: w.sts, Bucket: "../x-1", Region: region},
		{STS: w.sts, Bucket: "name", Region: region}, {STS: w.sts, Bucket: bucket, Region: ".."},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("took %+v", o)
		}
	}
}
