package cos

import (
	"fmt"
	"strings"
	"testing"
)

func TestListObjects(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	for _, name := range []string{"a", "b/1", "b/2", "b", "c//x", "c/y", "é"} {
		k.do(t, "PUT /"+name, "x").want(t, "200")
	}
	for query, want := range map[string]string{
		"":                                "[a b b/1 b/2 c//x c/y é] []  false",
		"delimiter=/":                     "[a b é] [b/ c/]  false",
		"prefix=b&delimiter=/":            "[b] [b/]  false",
		"prefix=c/&delimiter=/":           "[c/y] [c//]  false",
		"marker=b/1&prefix=b":             "[b/2] []  false",
		"marker=b/&delimiter=/":           "[é] [c/]  false",
		"max-keys=2":                      "[a b] [] b true",
		"max-keys=3&delimiter=/":          "[a b] [b/] b/ true",
		"prefix=%C3%A9&encoding-type=url": "[%C3%A9] []  false",
	} {
		var out listing
		k.do(t, "GET /?"+query, "").read(t, &out)
		var keys, folders []string
		for _, item := range out.Contents {
			keys = append(keys, item.Key)
		}
		for _, f := range out.CommonPrefixes {
			folders = append(folders, f.Prefix)
		}
		if got := fmt.Sprintf("%v %v %s %v", keys, folders, out.NextMarker, out.IsTruncated); got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
	for query, want := range map[string]string{
		"max-keys=x": "400 InvalidArgument", "prefix=a&prefix=b": "400 InvalidArgument", "versions": "501 NotImplemented",
		"encoding-type=x": "400 InvalidArgument", "uploads&key-marker=a": "501 NotImplemented",
	} {
		k.do(t, "GET /?"+query, "").want(t, want)
	}
}

func TestBatchDelete(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	batch := func(keys ...string) string {
		all := strings.Join(keys, "</Key></Object><Object><Key>")
		return "<Delete><Quiet>true</Quiet><Object><Key>" + all + "</Key></Object></Delete>"
	}
	many := batch(strings.Split(strings.Repeat("b ", 1000)+"b", " ")...)
	k.do(t, "PUT /a", "x").want(t, "200")
	k.try(t, nil, []attempt{
		{"no MD5", "POST /?delete", batch("a"), nil, "400 InvalidRequest"},
		{"too many", "POST /?delete", many, headers{"Content-MD5", contentSum(many)}, "400 MalformedXML"},
	}...)
	body := batch("a&amp;b", "b", "/x", "a")
	k.do(t, "PUT /b", "x").want(t, "200")
	k.do(t, "PUT /a&b", "x").want(t, "200")
	a := w.issue(t, allow(nil, "a*", "DeleteObject")).do(t, "POST /?delete", body, "Content-MD5", contentSum(body))
	want := "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>" +
		"<Error><Key>/x</Key><Code>InvalidURI</Code>"
	if a.status != 200 || !strings.Contains(a.body, want) || strings.Contains(a.body, "Deleted") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if !w.holds("a", "") || !w.holds("a&b", "") || !w.holds("b", "x") {
		t.Error("others were deleted")
	}
}

func TestMultipart(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	id := k.begin(t, "/a", "Content-Type", "image/png")
	large := strings.Repeat("x", smallestPart)
	put := func(number int, body string) string {
		return k.do(t, "PUT /a"+partQuery(number, id), body).want(t, "200").header.Get("ETag")
	}
	put(1, "older")
	one, two, three, small := put(1, large), put(2, large), put(3, "end"), put(9, "small")
	complete := "POST /a?uploadId=" + id
	k.try(t, nil, []attempt{
		{"another document", complete, "<Delete></Delete>", nil, "400 MalformedXML"},
		{"a part that isn't there", complete, partsXML(1, one, 4, one), nil, "400 InvalidPart"},
		{"another part's ETag", complete, partsXML(1, one, 2, three), nil, "400 InvalidPart"},
		{"backwards", complete, partsXML(2, two, 1, one), nil, "400 InvalidPartOrder"},
		{"small in the middle", complete, partsXML(1, one, 3, three, 9, small), nil, "400 EntityTooSmall"},
		{"part 10001", "PUT /a" + partQuery(10001, id), "x", nil, "400 InvalidArgument"},
		{"no upload", "PUT /a" + partQuery(1, "none"), "x", nil, "404 NoSuchUpload"},
		{"another key's upload", "PUT /b" + partQuery(1, id), "x", nil, "404 NoSuchUpload"},
	}...)
	var parts, begun listing
	k.do(t, "GET /a?uploadId="+id, "").read(t, &parts)
	if len(parts.Part) != 4 || parts.Part[2].PartNumber != 3 || parts.Part[2].ETag != three || parts.Part[2].Size != 3 {
		t.Errorf("%+v", parts)
	}
	k.do(t, "GET /b?uploadId="+id, "").want(t, "404 NoSuchUpload")
	k.begin(t, "/b")
	k.do(t, "GET /?uploads&prefix=a", "").read(t, &begun)
	if len(begun.Upload) != 1 || begun.Upload[0].Key != "a" || begun.Upload[0].UploadId != id {
		t.Errorf("%+v", begun)
	}
	if !w.holds("a", "") {
		t.Error("an upload that isn't complete is an object")
	}
	k.do(t, complete, partsXML(1, one, 2, two, 3, three)).want(t, "200")
	if !w.holds("a", large+large+"end") || w.store.object("a").header["Content-Type"] != "image/png" {
		t.Error("another object")
	}
	k.do(t, complete, partsXML(1, one, 2, two, 3, three)).want(t, "404 NoSuchUpload")
	again := k.begin(t, "/c")
	k.do(t, "DELETE /c?uploadId="+again, "").want(t, "204")
	k.do(t, "DELETE /c?uploadId="+again, "").want(t, "404 NoSuchUpload")
}
