package cos

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
)

const (
	mostParts    = 10_000
	smallestPart = 1 << 20 // but for the last
	mostXML      = 4 << 20
)

type initiateResult struct {
	XMLName  xml.Name `xml:"InitiateMultipartUploadResult"`
	Bucket   string
	Key      string
	UploadID string `xml:"UploadId"`
}

func (x *call) initiate() *failure {
	header, bad := x.describedByHeader()
	if bad != nil {
		return bad
	}
	b, bad := x.store.write(blob{Key: x.key, Upload: randomHex(20), Header: header, Stored: x.Now()}, strings.NewReader(""), 0, nil)
	if bad != nil {
		return bad
	}
	x.store.begin(b)
	x.xml(http.StatusOK, initiateResult{Bucket: x.Bucket, Key: x.key, UploadID: b.Upload})
	return nil
}

func noSuchUpload() *failure {
	return fail("NoSuchUpload", "The specified multipart upload does not exist.")
}

func (x *call) uploadPart() *failure {
	number, err := strconv.Atoi(x.query["partNumber"])
	if err != nil || number < 1 || number > mostParts {
		return fail("InvalidArgument", "partNumber must be a number from 1 to %d.", mostParts)
	}
	if x.r.Header.Get("x-cos-copy-source") != "" {
		return fail("NotImplemented", "This COS is a small one, for tests: copying parts is not built.")
	}
	if begun, _ := x.store.begun(x.key, x.query["uploadId"]); begun == nil {
		return noSuchUpload()
	}
	b, bad := x.receive(blob{Key: x.key, Upload: x.query["uploadId"], Part: number})
	if bad != nil {
		return bad
	}
	if !x.store.addPart(b) {
		return noSuchUpload() // it ended meanwhile
	}
	x.sums(b)
	x.w.WriteHeader(http.StatusOK)
	return nil
}

type completeRequest struct {
	XMLName xml.Name `xml:"CompleteMultipartUpload"`
	Part    []struct {
		PartNumber int
		ETag       string
	}
}

type completeResult struct {
	XMLName  xml.Name `xml:"CompleteMultipartUploadResult"`
	Location string
	Bucket   string
	Key      string
	ETag     string
}

func (x *call) complete() *failure {
	var wanted completeRequest
	if bad := x.readXML(&wanted); bad != nil {
		return bad
	}
	if len(wanted.Part) == 0 || len(wanted.Part) > mostParts {
		return fail("MalformedXML", "The XML must name 1 to %d parts.", mostParts)
	}
	u := x.store.end(x.key, x.query["uploadId"])
	if u == nil {
		return noSuchUpload()
	}
	var parts []*blob
	sums := md5.New()
	for i, p := range wanted.Part {
		have := u.parts[p.PartNumber]
		var bad *failure
		switch {
		case i > 0 && p.PartNumber <= wanted.Part[i-1].PartNumber:
			bad = fail("InvalidPartOrder", "The list of parts was not in ascending order.")
		case have == nil || strings.Trim(p.ETag, `"`) != have.ETag:
			bad = fail("InvalidPart", "One or more of the specified parts could not be found.")
		case i < len(wanted.Part)-1 && have.Size < smallestPart:
			bad = fail("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size.")
		}
		if bad != nil {
			x.store.resume(u)
			return bad
		}
		sum, _ := hex.DecodeString(have.ETag)
		sums.Write(sum)
		parts = append(parts, have)
	}
	var size int64
	for _, p := range parts {
		size += p.Size
	}
	whole := blob{
		Key: x.key, Header: u.Header, Stored: x.Now(),
		ETag: hex.EncodeToString(sums.Sum(nil)) + "-" + strconv.Itoa(len(parts)),
	}
	b, bad := x.store.write(whole, &joined{store: x.store, rest: parts}, size, nil)
	if bad != nil {
		x.store.resume(u)
		return bad
	}
	x.store.put(b)
	x.store.discard(u)
	x.sums(b)
	x.xml(http.StatusOK, completeResult{Location: x.location(x.key), Bucket: x.Bucket, Key: x.key, ETag: quoted(b.ETag)})
	return nil
}

func (x *call) location(key string) string {
	return "http://" + x.r.Host + "/" + strings.ReplaceAll(encode(key), "%2F", "/")
}

func (x *call) abort() *failure {
	u := x.store.end(x.key, x.query["uploadId"])
	if u == nil {
		return noSuchUpload()
	}
	x.store.discard(u)
	x.w.WriteHeader(http.StatusNoContent)
	return nil
}
