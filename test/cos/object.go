package cos

import (
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (x *call) headBucket() *failure {
	x.w.Header().Set("x-cos-bucket-region", x.Region)
	x.w.WriteHeader(http.StatusOK)
	return nil
}

func (x *call) putObject() *failure {
	said, bad := x.described()
	if bad != nil {
		return bad
	}
	if x.copies() {
		return x.copyObject(said)
	}
	b, bad := x.receive(blob{Key: x.key, described: said})
	return x.keep(b, bad, func() { x.w.WriteHeader(http.StatusOK) })
}

// described is what the headers say of an object.
func (x *call) described() (described, *failure) {
	return describe(x.r.Header.Get, maps.Keys(x.r.Header))
}

// keep makes what was written the object of its key, and answers.
func (x *call) keep(b *blob, bad *failure, say func()) *failure {
	if bad == nil {
		bad = x.store.put(b.Key, b, x.forbidsOverwrite())
	}
	if bad == nil {
		x.sums(b)
		say()
	}
	return bad
}

// receive writes the request's body.
func (x *call) receive(b blob) (*blob, *failure) {
	if x.r.ContentLength < 0 {
		return nil, fail("MissingContentLength", "You must provide the Content-Length HTTP header.")
	}
	sum, bad := contentMD5(x.r.Header.Get("Content-MD5"))
	if bad != nil {
		return nil, bad
	}
	b.Stored = x.now()
	return x.store.write(b, x.r.Body, x.r.ContentLength, sum)
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

// uploadAnswer is what an upload is answered with.
type uploadAnswer struct {
	Location string `xml:",omitempty"`
	Bucket   string
	Key      string
	UploadId string `xml:",omitempty"`
	ETag     string `xml:",omitempty"`
}

func (x *call) stored(b *blob) uploadAnswer {
	location := "http://" + x.r.Host + "/" + strings.ReplaceAll(encode(b.Key), "%2F", "/")
	return uploadAnswer{Location: location, Bucket: x.Bucket, Key: b.Key, ETag: quoted(b.ETag)}
}

// oneRange is a Range that is looked at. Another, with several or with none that can be read, asks for the whole.
var oneRange = regexp.MustCompile(`^bytes=(\d+-\d*|-\d+)$`)

// answers is the status that net/http gives to a request with these conditions and this range.
func (b *blob) answers(h http.Header, body io.ReadSeeker) int {
	probe := httptest.NewRecorder()
	probe.Header().Set("ETag", quoted(b.ETag))
	probe.Header().Set("Content-Type", b.Header["Content-Type"])
	http.ServeContent(probe, &http.Request{Method: http.MethodHead, Header: h}, "", b.Stored, body)
	return probe.Code
}

// getObject answers GET and HEAD.
func (x *call) getObject() *failure {
	b, body, bad := x.store.open(x.key)
	if bad != nil {
		return bad
	}
	defer body.Close()
	if !oneRange.MatchString(x.r.Header.Get("Range")) {
		x.r.Header.Del("Range")
	}
	if x.r.Method == http.MethodGet && b.frozen() {
		return invalidState()
	}
	switch b.answers(x.r.Header, body) {
	case http.StatusPreconditionFailed:
		return preconditionFailed()
	case http.StatusRequestedRangeNotSatisfiable:
		return fail("InvalidRange", "The requested range cannot be satisfied.")
	}
	x.sums(b)
	h := x.w.Header()
	h.Set("Content-Length", strconv.FormatInt(b.Size, 10)) // net/http leaves it out beside Content-Encoding
	for name, value := range b.Header {
		if name != storageClass || b.class() != "STANDARD" {
			h.Set(name, value)
		}
	}
	for name, value := range x.query { // a signed URL may replace them
		if kind, ok := strings.CutPrefix(name, "response-"); ok && slices.Contains(replaceable, kind) && value != "" {
			h.Set(kind, value)
		}
	}
	http.ServeContent(x.w, x.r, "", b.Stored, body)
	return nil
}

var replaceable = strings.Fields(`content-type content-language content-disposition content-encoding expires
	cache-control`)

func (x *call) deleteObject() *failure {
	if bad := x.store.put(x.key, nil, false); bad != nil {
		return bad
	}
	x.w.WriteHeader(http.StatusNoContent)
	return nil
}

const isoTime = "2006-01-02T15:04:05.000Z"

func iso(t time.Time) string { return t.UTC().Format(isoTime) }
