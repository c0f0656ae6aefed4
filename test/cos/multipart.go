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
)

// uploadAnswer is what an upload is answered with.
type uploadAnswer struct {
	Location string `xml:",omitempty"`
	Bucket   string
	Key      string
	UploadId string `xml:",omitempty"`
	ETag     string `xml:",omitempty"`
}

func (x *call) begin() *failure {
	said, bad := x.described()
	if bad != nil {
		return bad
	}
	b := &blob{key: x.key, upload: rand.Text(), parts: map[int]*blob{}, stored: x.now(), described: said}
	x.store.begin(b)
	x.xml(http.StatusOK, "InitiateMultipartUploadResult", uploadAnswer{Bucket: x.Bucket, Key: x.key, UploadId: b.upload})
	return nil
}

func (x *call) putPart() *failure {
	id := x.query["uploadId"]
	number, err := strconv.Atoi(x.query["partNumber"])
	if err != nil || number < 1 || number > mostParts {
		return fail("InvalidArgument", "partNumber must be a number from 1 to %d.", mostParts)
	}
	if _, bad := x.store.begun(x.key, id); bad != nil {
		return bad
	}
	receive := x.receive
	if x.copies() {
		receive = x.copyPart
	}
	body, bad := receive()
	if bad != nil {
		return bad
	}
	part := x.written(body, described{})
	if bad := x.store.addPart(id, number, part); bad != nil { // it may have ended meanwhile
		return bad
	}
	x.sums(part)
	if x.copies() {
		x.copied(part, "CopyPartResult")
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
	u, bad := x.store.begun(x.key, x.query["uploadId"])
	if bad != nil {
		return bad
	}
	b, bad := x.join(u, wanted)
	if bad != nil {
		return bad
	}
	if bad := x.store.end(u.upload, b, x.said(forbidOverwrite) == "true"); bad != nil { // another may have been faster
		return bad
	}
	x.sums(b)
	x.xml(http.StatusOK, "CompleteMultipartUploadResult",
		uploadAnswer{Location: x.location(), Bucket: x.Bucket, Key: x.key, ETag: quoted(b.etag)})
	return nil
}

// join writes the parts that are wanted as one.
func (x *call) join(u *blob, wanted completion) (*blob, *failure) {
	if len(wanted.Part) == 0 {
		return nil, fail("MalformedXML", "The XML must name at least one part.")
	}
	var body []byte
	sums := md5.New()
	for i, p := range wanted.Part {
		b := u.parts[p.PartNumber]
		switch {
		case i > 0 && p.PartNumber <= wanted.Part[i-1].PartNumber:
			return nil, fail("InvalidPartOrder", "The list of parts was not in ascending order.")
		case b == nil || strings.Trim(p.ETag, `"`) != b.etag:
			return nil, fail("InvalidPart", "One or more of the specified parts could not be found.")
		case i < len(wanted.Part)-1 && len(b.bytes) < smallestPart:
			return nil, fail("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size.")
		}
		sum, _ := hex.DecodeString(b.etag)
		sums.Write(sum)
		body = append(body, b.bytes...)
	}
	whole := x.written(body, u.described)
	whole.etag = hex.EncodeToString(sums.Sum(nil)) + "-" + strconv.Itoa(len(wanted.Part))
	return whole, nil
}

func (x *call) abort() *failure {
	u, bad := x.store.begun(x.key, x.query["uploadId"])
	if bad == nil {
		bad = x.store.end(u.upload, nil, false)
	}
	if bad == nil {
		x.w.WriteHeader(http.StatusNoContent)
	}
	return bad
}
