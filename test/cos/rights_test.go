package cos

import "testing"

// What an upload can do beyond its prefix: https://cloud.tencent.com/document/product/436/71306

const closed = "403 AccessDenied"

func TestPublicObjects(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	nobody := holder{host: w.host}
	const public = "200"
	for _, tt := range []struct{ header, value, want string }{
		{"x-none", "", closed},
		{"x-cos-acl", "private", closed},
		{"x-cos-acl", "public-read", public},
		{"x-cos-grant-read", `id="100000000001"`, closed},
		{"x-cos-grant-read", `uri="http://cam.qcloud.com/groups/global/AllUsers"`, public},
		{"x-cos-grant-full-control", `id="100000000001", id="qcs::cam::anyone:anyone"`, public},
		{"x-cos-grant-write", `id="qcs::cam::anyone:anyone"`, closed},
	} {
		t.Run(tt.header+" "+tt.value, func(t *testing.T) {
			upload := func(line, body string, more ...string) {
				t.Helper()
				k.do(t, line, body, append(more, tt.header, tt.value)...).want(t, "200")
			}
			check := func() { // what somebody without a key gets to see
				t.Helper()
				nobody.do(t, "GET /a", "").want(t, tt.want)
				w.store.remove("a")
			}
			upload("PUT /a", "body")
			check()

			id := k.begin(t, "/a", tt.header, tt.value)
			etag := k.do(t, "PUT /a"+partQuery(1, id), "body").header.Get("ETag")
			k.do(t, "POST /a?uploadId="+id, partsXML(1, etag)).want(t, "200")
			check()

			post(t, w.host, k.sdkFields(t, "a").set(tt.header, tt.value), "body").want(t, "200")
			check()

			k.do(t, "PUT /a", "body", "x-cos-acl", "public-read").want(t, "200")
			upload("PUT /a?acl", "")
			check()

			k.do(t, "PUT /b", "body", "x-cos-acl", "public-read").want(t, "200")
			upload("PUT /a", "", "x-cos-copy-source", w.host+"/b") // which has no ACL from its source
			check()
		})
	}
	k.do(t, "PUT /a", "body", "x-cos-acl", "public-read").want(t, "200")
	for line, want := range map[string]string{
		"HEAD /a": "200", "GET /a?response-content-type=text/html": "400 InvalidRequest", "GET /a?acl": closed,
		"DELETE /a": closed, "PUT /a": closed, "GET /?prefix=a": closed, "POST /a?uploads": closed,
	} {
		nobody.do(t, line, "").want(t, want)
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
	deny := func(operator, name, value string) holder {
		s := allow(where{operator: {"cos:" + name: value}}, "*", "*")
		s.Effect = "deny"
		return w.issue(t, allow(nil, "*", "*"), s)
	}
	acl, grant := deny("string_equal", "x-cos-acl", "public-read"), deny("string_like", "x-cos-grant-read", "*")
	class := deny("string_equal", "x-cos-storage-class", "ARCHIVE")
	for _, tt := range []struct {
		key                 holder
		header, value, want string
	}{
		{acl, "x-cos-acl", "private", "200"},
		{acl, "x-cos-acl", "public-read", closed},
		{grant, "x-cos-grant-read-acp", `id="1"`, "200"},
		{grant, "x-cos-grant-read", `id="1"`, closed},
		{class, "x-cos-storage-class", "STANDARD_IA", "200"},
		{class, "x-cos-storage-class", "ARCHIVE", closed},
	} {
		t.Run(tt.header+" "+tt.value, func(t *testing.T) {
			tt.key.do(t, "PUT /a", "body", tt.header, tt.value).want(t, tt.want)
			tt.key.do(t, "POST /a?uploads", "", tt.header, tt.value).want(t, tt.want)
			post(t, w.host, tt.key.sdkFields(t, "a").set(tt.header, tt.value), "body").want(t, tt.want)
		})
	}
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
	once := w.issue(t, allow(where{"string_equal": {"cos:x-cos-forbid-overwrite": "true"}}, "*", "PutObject"))
	once.try(t, nil, []attempt{
		{"not said", "PUT /a", "first", nil, closed},
		{"false", "PUT /a", "first", headers{"x-cos-forbid-overwrite", "false"}, closed},
		{"true", "PUT /a", "first", forbid, "200"},
	}...)
	id := k.begin(t, "/a")
	etag := k.do(t, "PUT /a"+partQuery(1, id), "parts").header.Get("ETag")
	complete := "POST /a?uploadId=" + id
	k.try(t, nil, []attempt{
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
	count := map[string]int{}
	for range 8 {
		count[<-answers]++
	}
	if count["200"] != 1 || count["409 FileAlreadyExists"] != 7 {
		t.Errorf("%v", count)
	}
}

func TestCopies(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	k.do(t, "PUT /a b", "body", "Content-Type", "text/plain").want(t, "200")
	here, inCloud := w.host+"/a%20b", bucket+".cos."+region+".myqcloud.com/a%20b"
	from := func(source string, more ...string) headers { return append(more, "x-cos-copy-source", source) }
	replaced := from(here, "x-cos-metadata-directive", "Replaced", "Content-Type", "image/png")
	after := func(t *testing.T, _ answer, tried attempt) {
		c := w.store.object("c")
		kind := map[bool]string{true: "image/png", false: "text/plain"}[tried.name == "other metadata"]
		if (c != nil) != (tried.want == "200") || c != nil && (c.header["Content-Type"] != kind || !w.holds("c", "body")) {
			t.Errorf("%+v", c)
		}
		w.store.remove("c")
	}
	k.try(t, after, []attempt{
		{"from here", "PUT /c", "", from(here), "200"},
		{"by the cloud's name", "PUT /c", "", from(inCloud), "200"},
		{"other metadata", "PUT /c", "", replaced, "200"},
		{"another bucket's", "PUT /c", "", from("other" + inCloud), "404 NoSuchBucket"},
		{"none", "PUT /c", "", from(w.host + "/none"), "404 NoSuchKey"},
		{"a version", "PUT /c", "", from(here + "?versionId=1"), "501 NotImplemented"},
		{"on a condition", "PUT /c", "", from(here, "x-cos-copy-source-If-Match", `"x"`), "501 NotImplemented"},
	}...)
}

// A copy is held to its source and to its target.
func TestCopyRights(t *testing.T) {
	w := local(t)
	k := w.everything(t)
	k.do(t, "PUT /common/a", "0123456789").want(t, "200")
	k.do(t, "PUT /open/a", "0123456789", "x-cos-acl", "public-read").want(t, "200")
	writing, reading := allow(nil, "own/*", "PutObject", "UploadPart"), allow(nil, "common/*", "GetObject")
	newer := w.issue(t, allow(nil, "own/*", "PutObjectCopy", "UploadPartCopy"), reading)
	for _, tt := range []struct {
		name, from string
		key        holder
		want       string
	}{
		{"both", "common/a", w.issue(t, writing, reading), "200"},
		{"by the newer names", "common/a", newer, "200"},
		{"no right to the source", "common/a", w.issue(t, writing), closed},
		{"no right to the target", "common/a", w.issue(t, reading), closed},
		{"a source that everybody reads", "open/a", w.issue(t, writing), "200"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			id := k.begin(t, "/own/a")
			from := headers{"x-cos-copy-source", w.host + "/" + tt.from}
			tt.key.do(t, "PUT /own/a", "", from...).want(t, tt.want)
			tt.key.do(t, "PUT /own/a"+partQuery(1, id), "", from...).want(t, tt.want)
			if done := w.store.object("own/a") != nil; done != (tt.want == "200") {
				t.Errorf("copied: %v", done)
			}
			w.store.remove("own/a")
		})
	}
	newer.do(t, "PUT /own/a", "body").want(t, closed)
	id := k.begin(t, "/own/a")
	copied := func(ends string) answer {
		return k.do(t, "PUT /own/a"+partQuery(1, id), "",
			"x-cos-copy-source", w.host+"/common/a", "x-cos-copy-source-range", ends)
	}
	etag := copied("bytes=3-5").want(t, "200").header.Get("ETag")
	copied("bytes=3-10").want(t, "416 InvalidRange")
	copied("bytes=5-3").want(t, "416 InvalidRange")
	copied("bytes=3-").want(t, "400 InvalidArgument")
	k.do(t, "POST /own/a?uploadId="+id, partsXML(1, etag)).want(t, "200")
	if !w.holds("own/a", "345") {
		t.Error("other bytes were copied")
	}
}
