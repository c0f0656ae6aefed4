package cos

import (
	"crypto/md5"
	"crypto/rand"
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

func noSuchUpload() *failure {
	return fail("NoSuchUpload", "The specified multipart upload does not exist.")
}

func (x *call) initiate() *failure {
	said, bad := x.described()
	if bad != nil {
		return bad
	}
	upload := blob{Key: x.key, Upload: rand.Text(), described: said, Stored: x.now()}
	b, bad := x.store.write(upload, strings.NewReader(""), 0, nil)
	if bad != nil {
		return bad
	}
	if bad := x.store.begin(b); bad != nil {
		return bad
	}
	x.xml(http.StatusOK, "InitiateMultipartUploadResult", uploadAnswer{Bucket: x.Bucket, Key: x.key, UploadId: b.Upload})
	return nil
}

func (x *call) uploadPart() *failure {
	number, err := strconv.Atoi(x.query["partNumber"])
	if err != nil || number < 1 || number > mostParts {
		return fail("InvalidArgument", "partNumber must be a number from 1 to %d.", mostParts)
	}
	if x.store.begun(x.key, x.query["uploadId"]) == nil {
		return noSuchUpload()
	}
	receive := func() (*blob, *failure) { return x.receive(blob{Key: x.key}) }
	if x.copies() {
		receive = x.copyPart
	}
	b, bad := receive()
	if bad == nil {
		bad = x.store.addPart(x.query["uploadId"], number, b) // it may have ended meanwhile
	}
	if bad != nil {
		return bad
	}
	x.sums(b)
	if x.copies() {
		x.xml(http.StatusOK, "CopyPartResult", b.copied())
	} else {
		x.w.WriteHeader(http.StatusOK)
	}
	return nil
}

type completion struct {
	XMLName xml.Name `xml:"CompleteMultipartUpload"`
	Part    []struct {
		PartNumber int
		ETag       string
	}
}

func (x *call) complete() *failure {
	var wanted completion
	if bad := x.readXML(&wanted); bad != nil {
		return bad
	}
	u := x.store.begun(x.key, x.query["uploadId"])
	if u == nil {
		return noSuchUpload()
	}
	b, bad := x.join(u, wanted)
	if bad == nil {
		bad = x.store.end(x.key, u.Upload, b, x.forbidsOverwrite()) // another may have been faster
	}
	if bad != nil {
		return bad
	}
	x.sums(b)
	x.xml(http.StatusOK, "CompleteMultipartUploadResult", x.stored(b))
	return nil
}

// join writes the parts that are wanted as one.
func (x *call) join(u *blob, wanted completion) (*blob, *failure) {
	if len(wanted.Part) == 0 || len(wanted.Part) > mostParts {
		return nil, fail("MalformedXML", "The XML must name 1 to %d chosen.", mostParts)
	}
	var chosen []*blob
	var size int64
	sums := md5.New()
	for i, p := range wanted.Part {
		b := u.Parts[p.PartNumber]
		switch {
		case i > 0 && p.PartNumber <= wanted.Part[i-1].PartNumber:
			return nil, fail("InvalidPartOrder", "The list of chosen was not in ascending order.")
		case b == nil || strings.Trim(p.ETag, `"`) != b.ETag:
			return nil, fail("InvalidPart", "One or more of the specified chosen could not be found.")
		case i < len(wanted.Part)-1 && b.Size < smallestPart:
			return nil, fail("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size.")
		}
		sum, _ := hex.DecodeString(b.ETag)
		sums.Write(sum)
		size += b.Size
		chosen = append(chosen, b)
	}
	etag := hex.EncodeToString(sums.Sum(nil)) + "-" + strconv.Itoa(len(chosen))
	body := x.store.joined(chosen)
	defer body.Close()
	return x.store.write(blob{Key: x.key, described: u.described, Stored: x.now(), ETag: etag}, body, size, nil)
}

func (x *call) abort() *failure {
	if bad := x.store.end(x.key, x.query["uploadId"], nil, false); bad != nil {
		return bad
	}
	x.w.WriteHeader(http.StatusNoContent)
	return nil
}
