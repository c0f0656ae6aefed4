package cos

import (
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
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
	header, bad := described(x.r.Header.Get, maps.Keys(x.r.Header))
	if bad != nil {
		return bad
	}
	if x.r.Header.Get("x-cos-copy-source") != "" {
		return x.copyObject(header)
	}
	b, bad := x.receive(blob{Key: x.key, Header: header})
	return x.keep(b, bad, func() { x.w.WriteHeader(http.StatusOK) })
}

// keep makes what was written the object of its key, and answers.
func (x *call) keep(b *blob, bad *failure, answer func()) *failure {
	if bad == nil {
		bad = x.store.put(b.Key, b)
	}
	if bad == nil {
		x.sums(b)
		answer()
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

// stored is what an upload is answered with.
type stored struct {
	Location string `xml:",omitempty"`
	Bucket   string
	Key      string
	UploadId string `xml:",omitempty"`
	ETag     string `xml:",omitempty"`
}

func (x *call) stored(b *blob) stored {
	location := "http://" + x.r.Host + "/" + strings.ReplaceAll(encode(b.Key), "%2F", "/")
	return stored{Location: location, Bucket: x.Bucket, Key: b.Key, ETag: quoted(b.ETag)}
}

type copied struct{ ETag, CRC64, LastModified string }

// copyObject: the target was authorised as an upload.
func (x *call) copyObject(header map[string]string) *failure {
	b, body, bad := x.source()
	if bad != nil {
		return bad
	}
	defer body.Close()
	switch x.r.Header.Get("x-cos-metadata-directive") {
	case "", "Copy":
		header = b.Header
	case "Replaced":
	default:
		return fail("InvalidArgument", "x-cos-metadata-directive is Copy or Replaced.")
	}
	target, bad := x.store.write(blob{Key: x.key, Header: header, Stored: x.now()}, body, b.Size, nil)
	return x.keep(target, bad, func() {
		out := copied{quoted(target.ETag), strconv.FormatUint(target.CRC, 10), iso(target.Stored)}
		x.xml(http.StatusOK, "CopyObjectResult", out)
	})
}

const copyCondition = "X-Cos-Copy-Source-" // in front of If-Match and its like

// source is what a copy is made of, opened. It is read, and needs the right to that.
func (x *call) source() (*blob, io.ReadSeekCloser, *failure) {
	host, escaped, _ := strings.Cut(x.r.Header.Get("x-cos-copy-source"), "/")
	escaped, version, _ := strings.Cut(escaped, "?")
	from, err := url.PathUnescape(escaped)
	switch {
	case err != nil:
		return nil, nil, fail("InvalidArgument", "x-cos-copy-source can't be decoded.")
	case host != x.r.Host && host != x.domain():
		return nil, nil, noSuchBucket()
	case version != "":
		return nil, nil, notBuilt("a version")
	}
	if bad := checkKey(from); bad != nil {
		return nil, nil, bad
	}
	if !x.may(cosAction+"GetObject", from) {
		return nil, nil, denied()
	}
	b, body, bad := x.store.open(from)
	if bad != nil {
		return nil, nil, bad
	}
	conditions := http.Header{}
	for name, values := range x.r.Header {
		if condition, ok := strings.CutPrefix(name, copyCondition); ok {
			conditions[condition] = values
		}
	}
	if b.answers(conditions, body) != http.StatusOK {
		body.Close()
		return nil, nil, preconditionFailed()
	}
	return b, body, nil
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
		h.Set(name, value)
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
	if bad := x.store.put(x.key, nil); bad != nil {
		return bad
	}
	x.w.WriteHeader(http.StatusNoContent)
	return nil
}

const isoTime = "2006-01-02T15:04:05.000Z"

func iso(t time.Time) string { return t.UTC().Format(isoTime) }
