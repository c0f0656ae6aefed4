package cos

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func (w *world) begin(t *testing.T, k key, target string) (id string) {
	t.Helper()
	a := k.do(t, "POST", w.host, target+"?uploads", "", "Content-Type", "image/png")
	var out initiateResult
	if err := xml.Unmarshal([]byte(a.body), &out); err != nil || a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	return out.UploadID
}

func part(number int, id string) string { return fmt.Sprintf("?partNumber=%d&uploadId=%s", number, id) }

func parts(pairs ...any) string {
	var out strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&out, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", pairs[i], pairs[i+1])
	}
	return "<CompleteMultipartUpload>" + out.String() + "</CompleteMultipartUpload>"
}

func TestMultipart(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	id := w.begin(t, k, "/a")
	large := strings.Repeat("x", smallestPart)
	put := func(number int, body string) string {
		a := k.do(t, "PUT", w.host, "/a"+part(number, id), body)
		a.want(t, 200, "")
		if a.header.Get("x-cos-hash-crc64ecma") == "" {
			t.Error("no crc")
		}
		return a.header.Get("ETag")
	}
	put(1, "older")
	one, two, three := put(1, large), put(2, large), put(3, "end")
	small := put(9, "small")

	for _, tt := range []struct {
		name, body string
		status     int
		code       string
	}{
		{"nothing", parts(), 400, "MalformedXML"},
		{"no XML", "{}", 400, "MalformedXML"},
		{"another document", "<Delete></Delete>", 400, "MalformedXML"},
		{"a part that isn't there", parts(1, one, 4, one), 400, "InvalidPart"},
		{"another part's ETag", parts(1, one, 2, three), 400, "InvalidPart"},
		{"backwards", parts(2, two, 1, one), 400, "InvalidPartOrder"},
		{"twice", parts(1, one, 1, one), 400, "InvalidPartOrder"},
		{"small in the middle", parts(1, one, 3, three, 9, small), 400, "EntityTooSmall"},
	} {
		k.do(t, "POST", w.host, "/a?uploadId="+id, tt.body).want(t, tt.status, tt.code)
	}
	for _, target := range []string{"/a" + part(0, id), "/a" + part(10001, id), "/a?uploadId=" + id, "/a?partNumber=x&uploadId=" + id} {
		k.do(t, "PUT", w.host, target, "x").want(t, 400, "InvalidArgument")
	}
	k.do(t, "PUT", w.host, "/a"+part(1, "none"), "x").want(t, 404, "NoSuchUpload")
	k.do(t, "PUT", w.host, "/b"+part(1, id), "x").want(t, 404, "NoSuchUpload")
	k.do(t, "PUT", w.host, "/a"+part(1, id), "x", "Content-MD5", contentSum("y")).want(t, 400, "BadDigest")
	k.do(t, "PUT", w.host, "/a"+part(1, id), "", "x-cos-copy-source", w.host+"/a").want(t, 501, "NotImplemented")
	if w.store.get("a") != nil {
		t.Error("an upload that isn't complete is an object")
	}

	k.do(t, "POST", w.host, "/a?uploadId="+id, parts(1, one, 2, two, 3, three)).want(t, 200, "")
	if !w.holds("a", large+large+"end") || w.store.get("a").Header["Content-Type"] != "image/png" {
		t.Error("another object")
	}
	k.do(t, "POST", w.host, "/a?uploadId="+id, parts(1, one, 2, two, 3, three)).want(t, 404, "NoSuchUpload")
	again := w.begin(t, k, "/b")
	k.do(t, "PUT", w.host, "/b"+part(1, again), "x").want(t, 200, "")
	k.do(t, "DELETE", w.host, "/b?uploadId="+again, "").want(t, 204, "")
	k.do(t, "DELETE", w.host, "/b?uploadId="+again, "").want(t, 404, "NoSuchUpload")
	if w.store.used != int64(len(large)*2+3) {
		t.Errorf("%d bytes are kept", w.store.used)
	}
}

func TestListParts(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	id := w.begin(t, k, "/a b")
	for _, n := range []int{5, 1, 3} {
		k.do(t, "PUT", w.host, "/a%20b"+part(n, id), strings.Repeat("x", n)).want(t, 200, "")
	}
	var seen []int
	marker := 0
	for pages := 1; ; pages++ {
		a := k.do(t, "GET", w.host, fmt.Sprintf("/a%%20b?uploadId=%s&max-parts=2&part-number-marker=%d&encoding-type=url", id, marker), "")
		var out partsResult
		if err := xml.Unmarshal([]byte(a.body), &out); err != nil || out.Key != "a%20b" || out.UploadID != id || out.Bucket != bucket {
			t.Fatalf("%v %s", err, a.body)
		}
		for _, p := range out.Part {
			seen = append(seen, p.PartNumber)
			if p.Size != int64(p.PartNumber) || p.ETag == "" {
				t.Errorf("%+v", p)
			}
		}
		if marker = out.NextPartNumberMarker; !out.IsTruncated {
			if pages != 2 || marker != 0 {
				t.Errorf("%d pages, then %d", pages, marker)
			}
			break
		}
	}
	if fmt.Sprint(seen) != "[1 3 5]" {
		t.Error(seen)
	}
	k.do(t, "GET", w.host, "/a?uploadId="+id, "").want(t, 404, "NoSuchUpload")
	k.do(t, "GET", w.host, "/a%20b?max-parts=x&uploadId="+id, "").want(t, 400, "InvalidArgument")
}

func TestListUploads(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	for _, name := range []string{"/b", "/a", "/b", "/c/1", "/c/2", "/d"} {
		w.begin(t, k, name)
	}
	walk := func(query string) (keys, folders []string) {
		ids := map[string]bool{}
		marker, id := "", ""
		for {
			a := k.do(t, "GET", w.host, "/?uploads&max-uploads=2&key-marker="+url.QueryEscape(marker)+"&upload-id-marker="+id+query, "")
			var out uploadsResult
			if err := xml.Unmarshal([]byte(a.body), &out); err != nil || a.status != 200 {
				t.Fatalf("%v %s", err, a.body)
			}
			for _, u := range out.Upload {
				if ids[u.UploadID] {
					t.Error("an upload is there twice")
				}
				ids[u.UploadID] = true
				keys = append(keys, u.Key)
			}
			for _, f := range out.Folders {
				folders = append(folders, f.Prefix)
			}
			if !out.IsTruncated {
				return
			}
			marker, id = out.NextKeyMarker, out.NextUploadIDMarker
		}
	}
	for query, want := range map[string]string{
		"": "[a b b c/1 c/2 d] []", "&prefix=c/": "[c/1 c/2] []", "&delimiter=/": "[a b b d] [c/]", "&prefix=x": "[] []",
	} {
		if keys, folders := walk(query); fmt.Sprint(keys, folders) != want {
			t.Errorf("%q: %v %v", query, keys, folders)
		}
	}
}

func TestListObjects(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	for _, name := range []string{"a", "b/1", "b/2", "b", "c//x", "c/y", "é", "z%25", "z%00"[:1] + "%09"} {
		k.do(t, "PUT", w.host, "/"+name, "x").want(t, 200, "")
	}
	for query, want := range map[string]string{
		"":                        "[a b b/1 b/2 c//x c/y z\uFFFD z% é] []",
		"encoding-type=url":       "[a b b%2F1 b%2F2 c%2F%2Fx c%2Fy z%09 z%25 %C3%A9] []",
		"delimiter=/":             "[a b z\uFFFD z% é] [b/ c/]",
		"prefix=b":                "[b b/1 b/2] []",
		"prefix=b&delimiter=/":    "[b] [b/]",
		"prefix=b/&delimiter=/":   "[b/1 b/2] []",
		"prefix=c/&delimiter=/":   "[c/y] [c//]",
		"delimiter=/1":            "[a b b/2 c//x c/y z\uFFFD z% é] [b/1]",
		"marker=b/1&prefix=b":     "[b/2] []",
		"marker=b/&delimiter=/":   "[z\uFFFD z% é] [c/]",
		"marker=b/1&delimiter=/":  "[z\uFFFD z% é] [b/ c/]",
		"marker=%C3%A9":           "[] []",
		"max-keys=0":              "[] []",
		"max-keys=2":              "[a b] []",
		"max-keys=3&delimiter=/":  "[a b] [b/]",
		"max-keys=4&delimiter=/":  "[a b] [b/ c/]",
		"max-keys=99999&prefix=a": "[a] []",
	} {
		a := k.do(t, "GET", w.host, "/?"+query, "")
		var out listResult
		if err := xml.Unmarshal([]byte(a.body), &out); err != nil || a.status != 200 {
			t.Fatalf("%v %s", err, a.body)
		}
		var keys, folders []string
		for _, o := range out.Contents {
			keys = append(keys, o.Key)
		}
		for _, f := range out.Folders {
			folders = append(folders, f.Prefix)
		}
		if got := strings.ReplaceAll(fmt.Sprint(keys, folders), "\t", "\uFFFD"); got != want {
			t.Errorf("%q: got %s, want %s", query, got, want)
		}
		if out.IsTruncated != (out.NextMarker != "") && out.MaxKeys > 0 || out.Name != bucket {
			t.Errorf("%q: %+v", query, out)
		}
	}
	for _, query := range []string{"max-keys=x", "max-keys=-1", "encoding-type=x", "prefix=a&prefix=b"} {
		k.do(t, "GET", w.host, "/?"+query, "").want(t, 400, "InvalidArgument")
	}
	for _, query := range []string{"versions", "acl", "policy", "versioning", "lifecycle", "location"} {
		k.do(t, "GET", w.host, "/?"+query, "").want(t, 501, "NotImplemented")
	}
}

func TestBatchDelete(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	batch := func(inner string) string { return "<Delete>" + inner + "</Delete>" }
	object := func(key string) string { return "<Object><Key>" + key + "</Key></Object>" }
	for _, tt := range []struct {
		name, body, md5 string
		status          int
		code            string
	}{
		{"no MD5", batch(object("a")), "", 400, "InvalidRequest"},
		{"another's MD5", batch(object("a")), contentSum("x"), 400, "BadDigest"},
		{"nothing", batch(""), contentSum(batch("")), 400, "MalformedXML"},
		{"no XML", "a", contentSum("a"), 400, "MalformedXML"},
		{"too many", batch(strings.Repeat(object("b"), 1001)), contentSum(batch(strings.Repeat(object("b"), 1001))), 400, "MalformedXML"},
		{"a thousand", batch(strings.Repeat(object("b"), 1000)), contentSum(batch(strings.Repeat(object("b"), 1000))), 200, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k.do(t, "PUT", w.host, "/a", "x").want(t, 200, "")
			k.do(t, "POST", w.host, "/?delete", tt.body, "Content-MD5", tt.md5).want(t, tt.status, tt.code)
			if w.store.get("a") == nil {
				t.Error("it is gone")
			}
		})
	}
	only := w.issue(t, allow(nil, "a*", "DeleteObject"))
	body := batch("<Quiet>true</Quiet>" + object("a&amp;b") + object("b") + object("/x") + object("a"))
	k.do(t, "PUT", w.host, "/b", "x").want(t, 200, "")
	k.do(t, "PUT", w.host, "/a&b", "x").want(t, 200, "")
	a := only.do(t, "POST", w.host, "/?delete", body, "Content-MD5", contentSum(body))
	if want := "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>Access Denied.</Message></Error><Error><Key>/x</Key><Code>InvalidURI</Code>"; a.status != 200 || !strings.Contains(a.body, want) || strings.Contains(a.body, "Deleted") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if w.store.get("a") != nil || w.store.get("a&b") != nil || w.store.get("b") == nil {
		t.Error("others were deleted")
	}
}
