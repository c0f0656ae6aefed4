package cos

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// names are those of a listing's items and folders.
func (l listing) names() (keys, folders []string) {
	for _, item := range append(l.Contents, l.Upload...) {
		keys = append(keys, item.Key)
	}
	for _, f := range l.CommonPrefixes {
		folders = append(folders, f.Prefix)
	}
	return
}

func TestListUploads(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	for _, name := range []string{"/b", "/a", "/b", "/c/1", "/c/2", "/d"} {
		w.begin(t, k, name)
	}
	for query, want := range map[string]string{
		"": "[a b b c/1 c/2 d] []", "&prefix=c/": "[c/1 c/2] []", "&delimiter=/": "[a b b d] [c/]", "&prefix=x": "[] []",
	} {
		var keys, folders []string
		ids := map[string]bool{}
		for at := (listing{IsTruncated: true}); at.IsTruncated; {
			from := "&key-marker=" + url.QueryEscape(at.NextKeyMarker) + "&upload-id-marker=" + at.NextUploadIdMarker
			at = listing{}
			k.do(t, "GET /?uploads&max-uploads=2"+from+query, "").read(t, &at)
			for _, u := range at.Upload {
				if ids[u.UploadId] {
					t.Error("an upload is there twice")
				}
				ids[u.UploadId] = true
			}
			moreKeys, moreFolders := at.names()
			keys, folders = append(keys, moreKeys...), append(folders, moreFolders...)
		}
		if got := fmt.Sprint(keys, folders); got != want {
			t.Errorf("%q: %s", query, got)
		}
	}
}

func TestListObjects(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	for _, name := range []string{"a", "b/1", "b/2", "b", "c//x", "c/y", "é", "z%25", "z%09"} {
		k.do(t, "PUT /"+name, "x").want(t, "200")
	}
	for query, want := range map[string]string{
		"":                        "[a b b/1 b/2 c//x c/y z\t z% é] []",
		"encoding-type=url":       "[a b b%2F1 b%2F2 c%2F%2Fx c%2Fy z%09 z%25 %C3%A9] []",
		"delimiter=/":             "[a b z\t z% é] [b/ c/]",
		"prefix=b":                "[b b/1 b/2] []",
		"prefix=b&delimiter=/":    "[b] [b/]",
		"prefix=b/&delimiter=/":   "[b/1 b/2] []",
		"prefix=c/&delimiter=/":   "[c/y] [c//]",
		"delimiter=/1":            "[a b b/2 c//x c/y z\t z% é] [b/1]",
		"marker=b/1&prefix=b":     "[b/2] []",
		"marker=b/&delimiter=/":   "[z\t z% é] [c/]",
		"marker=b/1&delimiter=/":  "[z\t z% é] [b/ c/]",
		"marker=%C3%A9":           "[] []",
		"max-keys=0":              "[] []",
		"max-keys=2":              "[a b] []",
		"max-keys=3&delimiter=/":  "[a b] [b/]",
		"max-keys=4&delimiter=/":  "[a b] [b/ c/]",
		"max-keys=99999&prefix=a": "[a] []",
	} {
		var out listing
		k.do(t, "GET /?"+query, "").read(t, &out)
		if got := fmt.Sprint(out.names()); got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
		if out.IsTruncated != (out.NextMarker != "") && out.MaxKeys > 0 || out.Name != bucket {
			t.Errorf("%q: %+v", query, out)
		}
	}
	for _, query := range []string{"max-keys=x", "max-keys=-1", "encoding-type=x", "prefix=a&prefix=b"} {
		k.do(t, "GET /?"+query, "").want(t, "400 InvalidArgument")
	}
	for _, query := range []string{"versions", "acl", "policy", "versioning", "lifecycle", "location"} {
		k.do(t, "GET /?"+query, "").want(t, "501 NotImplemented")
	}
}

func TestBatchDelete(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	batch := func(keys ...string) string {
		all := strings.Join(keys, "</Key></Object><Object><Key>")
		return "<Delete><Quiet>true</Quiet><Object><Key>" + all + "</Key></Object></Delete>"
	}
	thousand := strings.Split(strings.Repeat("b ", 999)+"b", " ")
	for _, tt := range []struct{ name, body, summed, want string }{
		{"no MD5", batch("a"), "", "400 InvalidRequest"},
		{"another's MD5", batch("a"), "x", "400 BadDigest"},
		{"nothing", "<Delete></Delete>", "<Delete></Delete>", "400 MalformedXML"},
		{"no XML", "a", "a", "400 MalformedXML"},
		{"too many", batch(append(thousand, "b")...), batch(append(thousand, "b")...), "400 MalformedXML"},
		{"a thousand", batch(thousand...), batch(thousand...), "200"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k.do(t, "PUT /a", "x").want(t, "200")
			sum := contentSum(tt.summed)
			if tt.summed == "" {
				sum = ""
			}
			k.do(t, "POST /?delete", tt.body, "Content-MD5", sum).want(t, tt.want)
			if w.store.Objects["a"] == nil {
				t.Error("it is gone")
			}
		})
	}
	body := batch("a&amp;b", "b", "/x", "a")
	k.do(t, "PUT /b", "x").want(t, "200")
	k.do(t, "PUT /a&b", "x").want(t, "200")
	a := w.issue(t, allow(nil, "a*", "DeleteObject")).do(t, "POST /?delete", body, "Content-MD5", contentSum(body))
	want := "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>" +
		"<Error><Key>/x</Key><Code>InvalidURI</Code>"
	if a.status != 200 || !strings.Contains(a.body, want) || strings.Contains(a.body, "Deleted") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if w.store.Objects["a"] != nil || w.store.Objects["a&b"] != nil || w.store.Objects["b"] == nil {
		t.Error("others were deleted")
	}
}
