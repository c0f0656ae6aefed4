package cos

import "testing"

// alice and alice2: a folder that begins like another is another's. That the plain ways are closed is shown with the
// vendor's clients; here is what these don't send.
func TestNeighbour(t *testing.T) {
	w := local(t)
	alice, neighbour := w.folderOf(t, "alice"), w.folderOf(t, "alice2")
	neighbour.do(t, "PUT /users/alice2/a", "hers").want(t, "200")
	id := neighbour.begin(t, "/users/alice2/b")
	for _, line := range []string{
		"PUT /users%2Falice2%2Fa",
		"PUT /users//alice/a",
		"POST /users/alice2/a?uploads",
		"PUT /users/alice2/b?partNumber=1&uploadId=" + id,
		"GET /users/alice2/b?uploadId=" + id,
		"POST /users/alice2/b?uploadId=" + id,
		"DELETE /users/alice2/b?uploadId=" + id,
		"GET /?uploads",
		"GET /users/alice/a?acl",
		"PUT /users/alice/a?acl",
		"GET /?versions&prefix=users/alice/",
	} {
		t.Run(line, func(t *testing.T) { alice.do(t, line, partsXML(1, "x")).want(t, closed) })
	}
	// net/http's client cleans no paths, but a signature for one path must not open another.
	r := alice.request(t, "PUT /users/alice/x", "mine")
	r.URL.Path = "/users/alice//x"
	send(t, r).want(t, "403 SignatureDoesNotMatch")
	alice.do(t, "PUT /users/alice/../alice2/a", "mine").want(t, "400 InvalidURI")
	// Another's upload can't be joined under one's own key.
	alice.do(t, "PUT /users/alice/b?partNumber=1&uploadId="+id, "mine").want(t, "404 NoSuchUpload")
	alice.do(t, "DELETE /users/alice/b?uploadId="+id, "").want(t, "404 NoSuchUpload")
	if !w.holds("users/alice2/a", "hers") || len(w.store.objects) != 1 || len(w.store.uploads[id].parts) != 0 {
		t.Error("the refused requests left something behind")
	}
}

func TestConditions(t *testing.T) {
	w := local(t)
	short := where{"numeric_less_than_equal": {"cos:content-length": 5}}
	image := where{"string_like": {"cos:content-type": "image/*"}}
	from := func(block string) where { return where{"ip_equal": {"qcs:ip": block}} }
	const allowed = "200"
	for _, tt := range []struct {
		name, line, body string
		in               where
		header           headers
		want             string
	}{
		{"short enough", "PUT /u/a", "12345", short, nil, allowed},
		{"too long", "PUT /u/a", "123456", short, nil, closed},
		{"no length to look at", "GET /u/a", "", short, nil, closed},
		{"parts carry none", "PUT /u/a?partNumber=1&uploadId=x", "1", short, nil, closed},
		{"type", "PUT /u/a", "", image, headers{"Content-Type", "image/png"}, allowed},
		{"other type", "PUT /u/a", "", image, headers{"Content-Type", "text/html"}, closed},
		{"type of multipart", "POST /u/a?uploads", "", image, headers{"Content-Type", "image/png"}, allowed},
		{"address", "PUT /u/a", "", from("127.0.0.0/8"), nil, allowed},
		{"address that is said", "PUT /u/a", "", from("10.0.0.0/8"), headers{"X-Forwarded-For", "10.0.0.1"}, closed},
		{"plain HTTP", "PUT /u/a", "", where{"bool_equal": {"cos:secure-transport": "true"}}, nil, closed},
		{"time", "PUT /u/a", "", where{"date_less_than": {"qcs:current_time": "2020-01-01T00:00:00Z"}}, nil, closed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.store.remove("u/a")
			k := w.issue(t, allow(tt.in, "u/*", "PutObject", "UploadPart", "InitiateMultipartUpload", "GetObject"))
			if k.do(t, tt.line, tt.body, tt.header...).want(t, tt.want); tt.want == closed && w.store.object("u/a") != nil {
				t.Error("it was stored")
			}
		})
	}
}

// A listing is held to the bucket as well as to the prefix in it, and cos:prefix is compared as it is encoded.
func TestListingRights(t *testing.T) {
	w := local(t)
	for resource, want := range map[string]string{"u/*": closed, "": closed, "*": "200"} {
		w.issue(t, allow(nil, resource, "GetBucket")).do(t, "GET /?prefix=u/", "").want(t, want)
	}
	w.issue(t, allow(nil, "u/*", "ListMultipartUploads")).do(t, "GET /?uploads&prefix=u/", "").want(t, "200")
	w.issue(t, allow(nil, "", "ListMultipartUploads")).do(t, "GET /?uploads&prefix=u/", "").want(t, closed)
	w.issue(t, allow(nil, "", "HeadBucket")).do(t, "HEAD /", "").want(t, "200")

	list := func(prefix string) holder {
		return w.issue(t, allow(where{"string_like": {"cos:prefix": prefix}}, "*", "GetBucket"))
	}
	list("users%2Fa%20b%2F*").do(t, "GET /?prefix=users/a+b/c", "").want(t, "200")
	list("users%2Fa%20b%2F*").do(t, "GET /?prefix=users/a%20b2/", "").want(t, closed)
	list("users/a b/*").do(t, "GET /?prefix=users/a%20b/", "").want(t, closed)
}
