package cos

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"hash/crc64"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cos-credentials/policy/text"
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
	body, bad := x.receive()
	if bad != nil {
		return bad
	}
	return x.keep(x.written(body, said), func(*blob) { x.w.WriteHeader(http.StatusOK) })
}

// receive reads the body of an upload.
func (x *call) receive() ([]byte, *failure) {
	if x.r.ContentLength < 0 {
		return nil, fail("MissingContentLength", "You must provide the Content-Length HTTP header.")
	}
	return x.readAll(x.r.Body, x.largest)
}

// readAll reads a body of at most so many bytes, and compares it with its Content-MD5.
func (x *call) readAll(from io.Reader, most int) ([]byte, *failure) {
	body, err := io.ReadAll(io.LimitReader(from, int64(most)+1))
	want, badSum := base64.StdEncoding.DecodeString(x.said("Content-Md5"))
	got := md5.Sum(body)
	switch {
	case len(body) > most:
		return nil, fail("EntityTooLarge", "This COS keeps objects in memory, of at most %d bytes.", most)
	case err != nil:
		return nil, fail("IncompleteBody", "You did not provide the number of bytes that Content-Length specifies.")
	case badSum != nil || len(want) != 0 && len(want) != md5.Size:
		return nil, fail("InvalidDigest", "The Content-MD5 you specified is not valid.")
	case len(want) != 0 && !bytes.Equal(want, got[:]):
		return nil, fail("BadDigest", "The Content-MD5 you specified did not match what we received.")
	}
	return body, nil
}

var ecma = crc64.MakeTable(crc64.ECMA)

// written is what becomes an object of the request's key, or a part of one.
func (x *call) written(body []byte, said described) *blob {
	sum := md5.Sum(body)
	return &blob{
		key: x.key, bytes: body, etag: hex.EncodeToString(sum[:]), crc: crc64.Checksum(body, ecma),
		stored: x.now(), described: said,
	}
}

// keep makes what was written the object of its key, and answers.
func (x *call) keep(b *blob, reply func(*blob)) *failure {
	bad := x.store.put(b, x.said(forbidOverwrite) == "true")
	if bad == nil {
		x.sums(b)
		reply(b)
	}
	return bad
}

// sums tells the client what is there.
func (x *call) sums(b *blob) {
	x.w.Header().Set("ETag", quoted(b.etag))
	x.w.Header().Set("x-cos-hash-crc64ecma", strconv.FormatUint(b.crc, 10))
}

func quoted(etag string) string { return `"` + etag + `"` }

func (x *call) location() string {
	return "http://" + x.r.Host + "/" + text.PercentPath(x.key)
}

// oneRange is a Range that is looked at. Another, with several or with none that can be read, asks for the whole.
var oneRange = regexp.MustCompile(`^bytes=(?:(\d{1,18})-\d*|-\d+)$`)

// getObject answers GET and HEAD.
func (x *call) getObject() *failure {
	b := x.store.object(x.key)
	if b == nil {
		return noSuchKey
	}
	if x.r.Method == http.MethodGet && b.frozen() {
		return invalidState
	}
	header, bad := x.givenOutWith(b)
	if bad != nil {
		return bad
	}
	asked := oneRange.FindStringSubmatch(x.r.Header.Get("Range"))
	if asked == nil {
		x.r.Header.Del("Range")
	} else if first, _ := strconv.Atoi(asked[1]); first > 0 && first >= len(b.bytes) {
		return fail("InvalidRange", "The requested range cannot be satisfied.")
	}
	x.sums(b)
	x.w.Header().Set("Content-Length", strconv.Itoa(len(b.bytes))) // net/http leaves it out beside Content-Encoding
	for name, value := range header {
		x.w.Header().Set(name, value)
	}
	http.ServeContent(x.w, x.r, "", b.stored, bytes.NewReader(b.bytes))
	return nil
}

// givenOutWith is the object's headers, and those that a signed URL puts in their place.
func (x *call) givenOutWith(b *blob) (map[string]string, *failure) {
	out := maps.Clone(b.header)
	if b.class != "STANDARD" {
		out[storageClass] = b.class
	}
	for name, value := range x.query {
		kind, ok := strings.CutPrefix(name, "response-")
		kind = http.CanonicalHeaderKey(kind)
		switch {
		case !ok:
		case x.anonymous: // the code is only believed
			return nil, fail("InvalidRequest", "Request specific response headers cannot be used for anonymous GET requests.")
		case slices.Contains(kept, kind):
			out[kind] = value
		}
	}
	return out, nil
}

func (x *call) deleteObject() *failure {
	x.store.remove(x.key)
	x.w.WriteHeader(http.StatusNoContent)
	return nil
}

func iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
