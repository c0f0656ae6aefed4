package cos

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

func (x *call) headBucket() *failure {
	x.w.Header().Set("x-cos-bucket-region", x.Region)
	x.w.WriteHeader(http.StatusOK)
	return nil
}

// kept are the headers of an upload that an object is given out with again; so is x-cos-meta-*.
var kept = []string{"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires", "x-cos-storage-class"}

const (
	metaPrefix = "X-Cos-Meta-"
	mostMeta   = 2 << 10
)

// described reads what an upload says about its object. names are all the names that it may say it under.
func described(header func(string) string, names []string) (map[string]string, *failure) {
	out := map[string]string{"Content-Type": "application/octet-stream"}
	for _, name := range kept {
		if v := header(name); v != "" {
			out[name] = v
		}
	}
	size := 0
	for _, name := range names {
		canonical := http.CanonicalHeaderKey(name)
		switch {
		case strings.HasPrefix(canonical, metaPrefix):
			out[canonical] = header(name)
			size += len(canonical) - len(metaPrefix) + len(header(name))
		case strings.HasPrefix(canonical, "X-Cos-Server-Side-Encryption"), strings.HasPrefix(canonical, "X-Cos-Grant-"),
			canonical == "X-Cos-Tagging", canonical == "X-Cos-Forbid-Overwrite", canonical == "X-Cos-Callback",
			canonical == "Pic-Operations":
			return nil, fail("NotImplemented", "This COS is a small one, for tests: %s is not built.", canonical)
		}
	}
	if size > mostMeta {
		return nil, fail("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size.")
	}
	for _, name := range []string{"x-cos-acl", "acl"} {
		if v := header(name); v != "" && v != "private" && v != "default" {
			return nil, fail("NotImplemented", "This COS keeps every object private.")
		}
	}
	return out, nil
}

func headerNames(h http.Header) (names []string) {
	for name := range h {
		names = append(names, name)
	}
	return names
}

func (x *call) describedByHeader() (map[string]string, *failure) {
	return described(x.r.Header.Get, headerNames(x.r.Header))
}

func (x *call) putObject() *failure {
	header, bad := x.describedByHeader()
	if bad != nil {
		return bad
	}
	if source := x.r.Header.Get("x-cos-copy-source"); source != "" {
		return x.copyObject(source, header)
	}
	b, bad := x.receive(blob{Key: x.key, Header: header})
	if bad != nil {
		return bad
	}
	x.store.put(b)
	x.sums(b)
	x.w.WriteHeader(http.StatusOK)
	return nil
}

// receive writes the request's body.
func (x *call) receive(b blob) (*blob, *failure) {
	if x.r.ContentLength < 0 {
		return nil, fail("MissingContentLength", "You must provide the Content-Length HTTP header.")
	}
	md5, bad := contentMD5(x.r.Header.Get("Content-MD5"))
	if bad != nil {
		return nil, bad
	}
	b.Stored = x.Now()
	return x.store.write(b, x.r.Body, x.r.ContentLength, md5)
}

func contentMD5(s string) ([]byte, *failure) {
	if s == "" {
		return nil, nil
	}
	sum, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(sum) != 16 {
		return nil, fail("InvalidDigest", "The Content-MD5 you specified is not valid.")
	}
	return sum, nil
}

// sums tells the client what arrived.
func (x *call) sums(b *blob) {
	x.w.Header().Set("ETag", quoted(b.ETag))
	x.w.Header().Set("x-cos-hash-crc64ecma", strconv.FormatUint(b.CRC, 10))
}

func quoted(etag string) string { return `"` + etag + `"` }

type copyResult struct {
	XMLName      xml.Name `xml:"CopyObjectResult"`
	ETag         string
	CRC64        string
	LastModified string
}

// copyObject: the target was authorised as an upload, the source is read, and needs the right to that.
func (x *call) copyObject(source string, header map[string]string) *failure {
	host, escaped, _ := strings.Cut(source, "/")
	escaped, version, _ := strings.Cut(escaped, "?")
	from, err := url.PathUnescape(escaped)
	switch {
	case err != nil:
		return fail("InvalidArgument", "x-cos-copy-source can't be decoded.")
	case host != x.r.Host && host != x.domain():
		return fail("NoSuchBucket", "The specified bucket does not exist.")
	case version != "":
		return fail("NotImplemented", "This COS is a small one, for tests: versions are not built.")
	}
	if bad := checkKey(from); bad != nil {
		return bad
	}
	if !x.may(cosAction+"GetObject", from) {
		return denied()
	}
	replace := false
	switch directive := x.r.Header.Get("x-cos-metadata-directive"); directive {
	case "", "Copy":
	case "Replaced":
		replace = true
	default:
		return fail("InvalidArgument", "x-cos-metadata-directive is Copy or Replaced.")
	}
	for {
		b := x.store.get(from)
		if b == nil {
			return fail("NoSuchKey", "The specified key does not exist.")
		}
		if bad := x.precondition(b, "x-cos-copy-source-"); bad != nil {
			return fail("PreconditionFailed", "At least one of the pre-conditions you specified did not hold.")
		}
		body, err := x.store.open(b, 0, b.Size)
		if errors.Is(err, errGone) {
			continue
		}
		if err != nil {
			return fail("InternalError", "The object can't be read: %v", err)
		}
		defer body.Close()
		if !replace {
			header = b.Header
		}
		target, bad := x.store.write(blob{Key: x.key, Header: header, Stored: x.Now()}, body, b.Size, nil)
		if bad != nil {
			return bad
		}
		x.store.put(target)
		x.sums(target)
		x.xml(http.StatusOK, copyResult{ETag: quoted(target.ETag), CRC64: strconv.FormatUint(target.CRC, 10), LastModified: iso(target.Stored)})
		return nil
	}
}

// getObject answers GET and HEAD.
func (x *call) getObject() *failure {
	for {
		b := x.store.get(x.key)
		if b == nil {
			return fail("NoSuchKey", "The specified key does not exist.")
		}
		h := x.w.Header()
		h.Set("ETag", quoted(b.ETag))
		h.Set("Last-Modified", b.Stored.UTC().Format(http.TimeFormat))
		if bad := x.precondition(b, ""); bad != nil {
			return bad
		}
		from, length, partial, bad := x.byteRange(b)
		if bad != nil {
			return bad
		}
		var body io.ReadCloser
		if x.r.Method == http.MethodGet {
			var err error
			if body, err = x.store.open(b, from, length); errors.Is(err, errGone) {
				continue
			} else if err != nil {
				return fail("InternalError", "The object can't be read: %v", err)
			}
			defer body.Close()
		}
		x.describe(b)
		status := http.StatusOK
		if partial {
			status = http.StatusPartialContent
			h.Set("Content-Range", "bytes "+strconv.FormatInt(from, 10)+"-"+strconv.FormatInt(from+length-1, 10)+"/"+strconv.FormatInt(b.Size, 10))
		}
		h.Set("Content-Length", strconv.FormatInt(length, 10))
		x.w.WriteHeader(status)
		if body != nil {
			io.Copy(x.w, body)
		}
		return nil
	}
}

// responses are the headers that a signed URL may replace.
var responses = map[string]string{
	"response-content-type": "Content-Type", "response-content-language": "Content-Language", "response-expires": "Expires",
	"response-cache-control": "Cache-Control", "response-content-disposition": "Content-Disposition", "response-content-encoding": "Content-Encoding",
}

func (x *call) describe(b *blob) {
	h := x.w.Header()
	x.sums(b)
	h.Set("Accept-Ranges", "bytes")
	for name, value := range b.Header {
		h.Set(name, value)
	}
	for param, name := range responses {
		if v := x.query[param]; v != "" {
			h.Set(name, v)
		}
	}
}

func (x *call) deleteObject() *failure {
	x.store.delete(x.key)
	x.w.WriteHeader(http.StatusNoContent)
	return nil
}
