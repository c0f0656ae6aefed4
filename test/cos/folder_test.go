package cos

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// oddKeys are keys that no file could have, or that could lead a file astray.
var oddKeys = []string{
	"a", "a/b", "a/b/c", "a/", "a//b", "C:", "C:/x", `a\..\..\x`, "con", "NUL.txt", "a.", " ", "...", ".x", "-rf", "a:b",
	"%2e%2e/%2e%2e/x", strings.Repeat("s", 300), strings.Repeat("中", 283), "é", "e\u0301", "A", "*", "?", "<>|\"",
	"a\nb", "0000000000000001", "index.json", "~/x",
}

func TestFolder(t *testing.T) {
	root := t.TempDir()
	in := func(o *Options) { o.Data = filepath.Join(root, "data") }
	w := local(t, in)
	k := w.everything(t)
	for i, name := range oddKeys {
		header := headers{"Content-Type", "text/plain", "x-cos-meta-n", fmt.Sprint(i), "x-cos-acl", "public-read"}
		k.do(t, "PUT /"+encode(name), fmt.Sprint(i), header...).want(t, "200")
	}
	k.do(t, "PUT /a", "0", "Content-Type", "text/plain", "x-cos-meta-n", "0").want(t, "200") // again
	k.do(t, "PUT /../../x", "x").want(t, "400 InvalidURI")
	id := w.begin(t, k, "/large")
	one := k.do(t, "PUT /large"+partQuery(1, id), strings.Repeat("x", smallestPart)).header.Get("ETag")
	k.do(t, "PUT /large"+partQuery(2, id), "older").want(t, "200")
	two := k.do(t, "PUT /large"+partQuery(2, id), "end").header.Get("ETag")
	k.do(t, "PUT /bad", "x", "Content-MD5", contentSum("y")).want(t, "400 BadDigest")
	later := w.begin(t, k, "/later")
	before, used := w.all(), w.store.used()

	// What a crash leaves behind: a write that the index doesn't know, whole or half.
	if _, bad := w.store.write(blob{Key: "A"}, strings.NewReader("xx"), 2, nil); bad != nil {
		t.Fatal(bad)
	}
	os.WriteFile(w.store.path("ffffffffffff0000"), []byte("half"), 0o600)

	mine := w.store.path("notes.txt")
	os.WriteFile(mine, []byte("mine"), 0o600)

	w = local(t, in) // its STS is another too, so the keys are new
	k = w.everything(t)
	if len(w.store.Objects) != len(oddKeys) || w.store.used() != used {
		t.Errorf("%d objects, %d bytes; there were %d and %d", len(w.store.Objects), w.store.used(), len(oddKeys), used)
	}
	for _, b := range before {
		a := k.do(t, "GET /"+encode(b.Key), "").want(t, "200")
		h := a.header
		if a.body != b.Header["X-Cos-Meta-N"] || h.Get("x-cos-meta-n") != a.body || h.Get("Content-Type") != "text/plain" ||
			h.Get("x-cos-hash-crc64ecma") != fmt.Sprint(w.store.Objects[b.Key].CRC) || h.Get("ETag") != quoted(b.ETag) {
			t.Errorf("%q: %q %v", b.Key, a.body, h)
		}
		if got := w.store.Objects[b.Key]; !got.Stored.Equal(b.Stored) || got.ACL != b.ACL {
			t.Errorf("%q: stored %s %s, then %s %s", b.Key, b.Stored, b.ACL, got.Stored, got.ACL)
		}
	}
	k.do(t, "POST /large?uploadId="+id, partsXML(1, one, 2, two)).want(t, "200")
	if !w.holds("large", strings.Repeat("x", smallestPart)+"end") {
		t.Error("the upload was not continued")
	}
	k.do(t, "PUT /later"+partQuery(1, later), "x").want(t, "200")
	k.do(t, "DELETE /later?uploadId="+later, "").want(t, "204")
	for _, name := range append(oddKeys, "large") {
		k.do(t, "DELETE /"+encode(name), "").want(t, "204")
		k.do(t, "GET /"+encode(name), "").want(t, "404 NoSuchKey")
	}
	if err := os.Remove(mine); err != nil {
		t.Error("it removed what is not its own")
	}
	var left []string
	filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		left = append(left, path)
		return err
	})
	if len(left) != 4 { // the folders themselves, and the index
		t.Errorf("left: %v", left)
	}
}

func TestOptionsThatAreNone(t *testing.T) {
	path, _ := tempFile(t, 0)
	s := local(t).sts
	for _, o := range []Options{
		{Bucket: bucket, Region: region}, {STS: s, Region: region}, {STS: s, Bucket: "../x-1", Region: region},
		{STS: s, Bucket: "name", Region: region}, {STS: s, Bucket: bucket, Region: ".."},
		{STS: s, Bucket: bucket, Region: region, Data: path},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("took %+v", o)
		}
	}
}
