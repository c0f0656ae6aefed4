package cos

import (
	"strings"
	"testing"
)

// What an upload can do beyond its prefix: https://cloud.tencent.com/document/product/436/71306

// reads is what somebody without a key gets to see.
func (w *world) reads(t *testing.T, object string) string {
	t.Helper()
	return bare(t, "GET http://"+w.host+"/"+object).says()
}

func TestPublicObjects(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	public, closed := "200", "403 AccessDenied"
	for _, tt := range []struct{ header, value, want string }{
		{"x-none", "", closed},
		{"x-cos-acl", "private", closed},
		{"x-cos-acl", "default", closed},
		{"x-cos-acl", "authenticated-read", closed},
		{"x-cos-acl", "public-read", public},
		{"x-cos-grant-read", `id="100000000001"`, closed},
		{"x-cos-grant-read", `uri="http://cam.qcloud.com/groups/global/AllUsers"`, public},
		{"x-cos-grant-full-control", `id="100000000001", id="qcs::cam::anyone:anyone"`, public},
		{"x-cos-grant-write", `id="qcs::cam::anyone:anyone"`, closed},
	} {
		t.Run(tt.header+" "+tt.value, func(t *testing.T) {
			upload := func(line string, body string) { k.do(t, line, body, tt.header, tt.value).want(t, "200") }
			check := func(how string) {
				if got := w.reads(t, "a"); got != tt.want {
					t.Errorf("%s: got %s, want %s", how, got, tt.want)
				}
				w.store.put("a", nil, false)
			}
			upload("PUT /a", "body")
			check("PutObject")

			var begun uploadAnswer
			k.do(t, "POST /a?uploads", "", tt.header, tt.value).read(t, &begun)
			etag := k.do(t, "PUT /a"+partQuery(1, begun.UploadId), "body").header.Get("ETag")
			k.do(t, "POST /a?uploadId="+begun.UploadId, partsXML(1, etag)).want(t, "200")
			check("an upload in parts")

			post(t, w.host, k.sdkFields(t, "a").set(tt.header, tt.value), "body").want(t, "200")
			check("a form")

			k.do(t, "PUT /a", "body", "x-cos-acl", "public-read").want(t, "200")
			upload("PUT /a?acl", "")
			check("PutObjectACL")

			k.do(t, "PUT /b", "body", "x-cos-acl", "public-read").want(t, "200")
			k.do(t, "PUT /a", "", tt.header, tt.value, "x-cos-copy-source", w.host+"/b").want(t, "200")
			check("a copy, which has no ACL from its source")
		})
	}
	k.do(t, "PUT /a", "body", "x-cos-acl", "public-read").want(t, "200")
	for line, want := range map[string]string{
		"HEAD /a": "200", "GET /a?response-content-type=text/html": "400 InvalidRequest", "GET /a?acl": closed,
		"DELETE /a": closed, "PUT /a": closed, "GET /?prefix=a": closed, "GET /b2": closed, "POST /a?uploads": closed,
	} {
		bare(t, strings.Replace(line, " ", " http://"+w.host, 1)).want(t, want)
	}
	if !w.holds("a", "body") {
		t.Error("somebody without a key changed it")
	}
	// A key that isn't for it reads no public object: whether the real COS is as strict is not known.
	w.issue(t, allow(nil, "x", "GetObject")).do(t, "GET /a", "").want(t, closed)
	k.do(t, "PUT /none?acl", "", "x-cos-acl", "private").want(t, "404 NoSuchKey")
	k.do(t, "PUT /a?acl", "<AccessControlPolicy/>").want(t, "501 NotImplemented")
}

// The statements that a policy closes these doors with, beside an allow of everything.
func TestDenied(t *testing.T) {
	w := local(t)
	deny := func(operator, name string, values ...string) holder {
		s := allow(where{operator: {"cos:" + name: values}}, "*", "*")
		s.Effect = "deny"
		return w.issue(t, allow(nil, "*", "*"), s)
	}
	acl, grant := deny("string_equal", "x-cos-acl", "public-read"), deny("string_like", "x-cos-grant-read", "*")
	class, replace := deny("string_equal", "x-cos-storage-class", "ARCHIVE"), w.issue(t,
		allow(nil, "*", "UploadPart", "InitiateMultipartUpload"),
		allow(where{"string_equal": {"cos:x-cos-forbid-overwrite": "true"}}, "*", "PutObject", "CompleteMultipartUpload"))
	for _, tt := range []struct {
		name          string
		key           holder
		header, value string
		want          string
	}{
		{"no ACL", acl, "x-none", "", "200"},
		{"private", acl, "x-cos-acl", "private", "200"},
		{"public", acl, "x-cos-acl", "public-read", "403 AccessDenied"},
		{"another grant", grant, "x-cos-grant-read-acp", `id="1"`, "200"},
		{"the grant", grant, "x-cos-grant-read", `id="1"`, "403 AccessDenied"},
		{"another class", class, "x-cos-storage-class", "STANDARD_IA", "200"},
		{"the class", class, "x-cos-storage-class", "ARCHIVE", "403 AccessDenied"},
		{"not to overwrite", replace, "x-cos-forbid-overwrite", "true", "200"},
		{"to overwrite", replace, "x-cos-forbid-overwrite", "false", "403 AccessDenied"},
		{"not said", replace, "x-none", "", "403 AccessDenied"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.store.put("a", nil, false)
			tt.key.do(t, "PUT /a", "body", tt.header, tt.value).want(t, tt.want)
			if !strings.Contains(tt.header, "overwrite") && tt.header != "x-none" {
				tt.key.do(t, "POST /a?uploads", "", tt.header, tt.value).want(t, tt.want)
				f := tt.key.sdkFields(t, "a").set(tt.header, tt.value)
				post(t, w.host, f, "body").want(t, tt.want)
			}
		})
	}
}

func TestRightsThatAreNone(t *testing.T) {
	local(t).everything(t).try(t, nil, []attempt{
		{"a bucket's ACL", "PUT /a", "", headers{"x-cos-acl", "public-read-write"}, "400 InvalidArgument"},
		{"a grantee that is none", "PUT /a", "", headers{"x-cos-grant-read", "everybody"}, "400 InvalidArgument"},
		{"a class that is none", "PUT /a", "", headers{"x-cos-storage-class", "COLD"}, "400 InvalidArgument"},
		{"neither true nor false", "PUT /a", "", headers{"x-cos-forbid-overwrite", "yes"}, "400 InvalidArgument"},
		{"too early", "POST /a?uploads", "", headers{"x-cos-forbid-overwrite", "true"}, "501 NotImplemented"},
		{"of a read", "GET /a", "", headers{"x-cos-forbid-overwrite", "true"}, "501 NotImplemented"},
	}...)
}

func TestStorageClasses(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	const frozen = "403 InvalidObjectState"
	for class, want := range map[string]string{"STANDARD": "200", "STANDARD_IA": "200", "ARCHIVE": frozen} {
		k.do(t, "PUT /a", "body", "x-cos-storage-class", class).want(t, "200")
		given := k.do(t, "GET /a", "").want(t, want).header.Get("x-cos-storage-class")
		if given != map[string]string{"STANDARD_IA": "STANDARD_IA"}[class] { // as documented, STANDARD isn't said
			t.Errorf("%s is given out as %q", class, given)
		}
		k.do(t, "HEAD /a", "").want(t, "200")
		k.do(t, "PUT /b", "", "x-cos-copy-source", w.host+"/a").want(t, want)
		var out listing
		k.do(t, "GET /", "").read(t, &out)
		if out.Contents[0].StorageClass != class {
			t.Errorf("%s is listed as %s", class, out.Contents[0].StorageClass)
		}
	}
}

func TestForbidOverwrite(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	forbid := headers{"x-cos-forbid-overwrite", "true"}
	id := w.begin(t, k, "/a")
	etag := k.do(t, "PUT /a"+partQuery(1, id), "parts").header.Get("ETag")
	complete := "POST /a?uploadId=" + id
	k.try(t, nil, []attempt{
		{"the first", "PUT /a", "first", forbid, "200"},
		{"a second", "PUT /a", "second", forbid, "409 FileAlreadyExists"},
		{"a copy", "PUT /a", "", append(headers{"x-cos-copy-source", w.host + "/a"}, forbid...), "409 FileAlreadyExists"},
		{"an upload in parts", complete, partsXML(1, etag), forbid, "409 FileAlreadyExists"},
	}...)
	if !w.holds("a", "first") {
		t.Error("it was overwritten")
	}
	k.do(t, complete, partsXML(1, etag), "x-cos-forbid-overwrite", "false").want(t, "200") // the upload is still there
	if !w.holds("a", "parts") {
		t.Error("it was not overwritten")
	}
	// Of many at once one wins.
	answers := make(chan string)
	for range 8 {
		r := k.request(t, "PUT /b", "body", forbid...)
		go func() { answers <- send(t, r).says() }()
	}
	won := 0
	for range 8 {
		if got := <-answers; got == "200" {
			won++
		} else if got != "409 FileAlreadyExists" {
			t.Error(got)
		}
	}
	if won != 1 {
		t.Errorf("%d won", won)
	}
}

// A copy is held to its source and to its target.
func TestCopyRights(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	k.do(t, "PUT /common/a", "0123456789").want(t, "200")
	k.do(t, "PUT /open/a", "0123456789", "x-cos-acl", "public-read").want(t, "200")
	upload := []string{"PutObject", "InitiateMultipartUpload", "UploadPart", "CompleteMultipartUpload"}
	both := w.issue(t, allow(nil, "own/*", upload...), allow(nil, "common/*", "GetObject"))
	target, source := w.issue(t, allow(nil, "own/*", upload...)), w.issue(t, allow(nil, "common/*", "GetObject"))
	newer := w.issue(t, allow(nil, "own/*", "PutObjectCopy", "UploadPartCopy"), allow(nil, "common/*", "GetObject"))
	for _, tt := range []struct {
		name string
		key  holder
		from string
		want string
	}{
		{"both", both, "common/a", "200"},
		{"by the newer names", newer, "common/a", "200"},
		{"no right to the source", target, "common/a", "403 AccessDenied"},
		{"no right to the target", source, "common/a", "403 AccessDenied"},
		{"a source that everybody reads", target, "open/a", "200"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			id := w.begin(t, k, "/own/a")
			from := headers{"x-cos-copy-source", w.host + "/" + tt.from}
			tt.key.do(t, "PUT /own/a", "", from...).want(t, tt.want)
			tt.key.do(t, "PUT /own/a"+partQuery(1, id), "", from...).want(t, tt.want)
			if done := w.store.Objects["own/a"] != nil; done != (tt.want == "200") {
				t.Errorf("copied: %v", done)
			}
			w.store.put("own/a", nil, false)
		})
	}
	newer.do(t, "PUT /own/a", "body").want(t, "403 AccessDenied")
	id := w.begin(t, k, "/own/a")
	from := func(ends string) headers {
		return headers{"x-cos-copy-source", w.host + "/common/a", "x-cos-copy-source-range", ends}
	}
	etag := k.do(t, "PUT /own/a"+partQuery(1, id), "", from("bytes=3-5")...).want(t, "200").header.Get("ETag")
	k.do(t, "PUT /own/a"+partQuery(1, id), "", from("bytes=3-10")...).want(t, "416 InvalidRange")
	k.do(t, "PUT /own/a"+partQuery(1, id), "", from("bytes=5-3")...).want(t, "416 InvalidRange")
	k.do(t, "PUT /own/a"+partQuery(1, id), "", from("bytes=3-")...).want(t, "400 InvalidArgument")
	k.do(t, "POST /own/a?uploadId="+id, partsXML(1, etag)).want(t, "200")
	if !w.holds("own/a", "345") {
		t.Error("other bytes were copied")
	}
}
