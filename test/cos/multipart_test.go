package cos

import (
	"fmt"
	"strings"
	"testing"
)

func (w *world) begin(t *testing.T, k holder, target string) (id string) {
	t.Helper()
	var out uploadAnswer
	k.do(t, "POST "+target+"?uploads", "", "Content-Type", "image/png").read(t, &out)
	return out.UploadId
}

func partQuery(number int, id string) string {
	return fmt.Sprintf("?partNumber=%d&uploadId=%s", number, id)
}

func partsXML(pairs ...any) string {
	out := ""
	for i := 0; i < len(pairs); i += 2 {
		out += fmt.Sprintf("<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", pairs[i], pairs[i+1])
	}
	return "<CompleteMultipartUpload>" + out + "</CompleteMultipartUpload>"
}

func TestMultipart(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	id := w.begin(t, k, "/a")
	large := strings.Repeat("x", smallestPart)
	put := func(number int, body string) string {
		a := k.do(t, "PUT /a"+partQuery(number, id), body).want(t, "200")
		if a.header.Get("x-cos-hash-crc64ecma") == "" {
			t.Error("no crc")
		}
		return a.header.Get("ETag")
	}
	put(1, "older")
	one, two, three, small := put(1, large), put(2, large), put(3, "end"), put(9, "small")
	complete := "POST /a?uploadId=" + id
	k.try(t, nil, []attempt{
		{"nothing", complete, partsXML(), nil, "400 MalformedXML"},
		{"no XML", complete, "{}", nil, "400 MalformedXML"},
		{"another document", complete, "<Delete></Delete>", nil, "400 MalformedXML"},
		{"a part that isn't there", complete, partsXML(1, one, 4, one), nil, "400 InvalidPart"},
		{"another part's ETag", complete, partsXML(1, one, 2, three), nil, "400 InvalidPart"},
		{"backwards", complete, partsXML(2, two, 1, one), nil, "400 InvalidPartOrder"},
		{"twice", complete, partsXML(1, one, 1, one), nil, "400 InvalidPartOrder"},
		{"small in the middle", complete, partsXML(1, one, 3, three, 9, small), nil, "400 EntityTooSmall"},
		{"part 0", "PUT /a" + partQuery(0, id), "x", nil, "400 InvalidArgument"},
		{"part 10001", "PUT /a" + partQuery(10001, id), "x", nil, "400 InvalidArgument"},
		{"no part", "PUT /a?uploadId=" + id, "x", nil, "400 InvalidArgument"},
		{"part x", "PUT /a?partNumber=x&uploadId=" + id, "x", nil, "400 InvalidArgument"},
		{"no upload", "PUT /a" + partQuery(1, "none"), "x", nil, "404 NoSuchUpload"},
		{"another key's upload", "PUT /b" + partQuery(1, id), "x", nil, "404 NoSuchUpload"},
		{"another body", "PUT /a" + partQuery(1, id), "x", headers{"Content-MD5", contentSum("y")}, "400 BadDigest"},
		{"a copy of nothing", "PUT /a" + partQuery(1, id), "", headers{"x-cos-copy-source", w.host + "/a"}, "404 NoSuchKey"},
	}...)
	if w.store.Objects["a"] != nil {
		t.Error("an upload that isn't complete is an object")
	}
	k.do(t, complete, partsXML(1, one, 2, two, 3, three)).want(t, "200")
	if !w.holds("a", large+large+"end") || w.store.Objects["a"].Header["Content-Type"] != "image/png" {
		t.Error("another object")
	}
	k.do(t, complete, partsXML(1, one, 2, two, 3, three)).want(t, "404 NoSuchUpload")
	again := w.begin(t, k, "/b")
	k.do(t, "PUT /b"+partQuery(1, again), "x").want(t, "200")
	k.do(t, "DELETE /b?uploadId="+again, "").want(t, "204")
	k.do(t, "DELETE /b?uploadId="+again, "").want(t, "404 NoSuchUpload")
	if w.store.used() != int64(len(large)*2+3) {
		t.Errorf("%d bytes are kept", w.store.used())
	}
}

func TestListParts(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	id := w.begin(t, k, "/a b")
	for _, n := range []int{5, 1, 3} {
		k.do(t, "PUT /a%20b"+partQuery(n, id), strings.Repeat("x", n)).want(t, "200")
	}
	page := func(marker int) (out listing) {
		query := fmt.Sprintf("?uploadId=%s&max-parts=2&part-number-marker=%d&encoding-type=url", id, marker)
		k.do(t, "GET /a%20b"+query, "").read(t, &out)
		if out.Key != "a%20b" || out.UploadId != id || out.Bucket != bucket {
			t.Errorf("%+v", out)
		}
		return out
	}
	first := page(0)
	last := page(first.NextPartNumberMarker)
	if !first.IsTruncated || last.IsTruncated || last.NextPartNumberMarker != 0 || len(first.Part) != 2 ||
		len(last.Part) != 1 {
		t.Fatalf("%+v, then %+v", first, last)
	}
	for i, p := range append(first.Part, last.Part...) {
		if p.PartNumber != 2*i+1 || p.Size != int64(p.PartNumber) || p.ETag == "" {
			t.Errorf("%+v", p)
		}
	}
	k.do(t, "GET /a?uploadId="+id, "").want(t, "404 NoSuchUpload")
	k.do(t, "GET /a%20b?max-parts=x&uploadId="+id, "").want(t, "400 InvalidArgument")
}
