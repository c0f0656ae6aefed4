package cos

import (
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
)

type (
	listResult struct {
		XMLName      xml.Name `xml:"ListBucketResult"`
		Name         string
		EncodingType string `xml:",omitempty"`
		Prefix       string
		Marker       string
		Delimiter    string `xml:",omitempty"`
		MaxKeys      int
		IsTruncated  bool
		NextMarker   string `xml:",omitempty"`
		Contents     []listed
		Folders      []folder `xml:"CommonPrefixes"`
	}
	listed struct {
		Key          string
		LastModified string
		ETag         string
		Size         int64
		Owner        owner
		StorageClass string
	}
	folder struct{ Prefix string }
	owner  struct {
		ID          string
		DisplayName string
	}
)

func (c *COS) owner() owner { return owner{c.appID, c.appID} }

// page cuts one page out of what is sorted by key. A delimiter folds the keys that have it after the prefix into folders;
// a folder counts as one item, and as a marker it stands for all that is in it.
func page(all []*blob, prefix, delimiter, marker string, after func(*blob) bool, most int) (items []*blob, folders []string, next *blob, truncated bool) {
	for _, b := range all {
		if !after(b) {
			continue
		}
		inside := ""
		if delimiter != "" {
			if i := strings.Index(b.Key[len(prefix):], delimiter); i >= 0 {
				inside = b.Key[:len(prefix)+i+len(delimiter)]
			}
		}
		if inside != "" && (inside == marker || len(folders) > 0 && folders[len(folders)-1] == inside) {
			continue
		}
		if len(items)+len(folders) == most {
			return items, folders, next, true
		}
		if inside != "" {
			folders, next = append(folders, inside), &blob{Key: inside}
		} else {
			items, next = append(items, b), b
		}
	}
	return items, folders, next, false
}

func (x *call) listObjects() *failure {
	most, bad := x.number("max-keys", 1000)
	if bad != nil {
		return bad
	}
	text, bad := x.encoding()
	if bad != nil {
		return bad
	}
	prefix, delimiter, marker := x.query["prefix"], x.query["delimiter"], x.query["marker"]
	after := func(b *blob) bool { return b.Key > marker }
	items, folders, next, truncated := page(x.store.sorted(prefix), prefix, delimiter, marker, after, most)
	out := listResult{
		Name: x.Bucket, EncodingType: x.query["encoding-type"], Prefix: text(prefix), Marker: text(marker), Delimiter: text(delimiter),
		MaxKeys: most, IsTruncated: truncated,
	}
	if truncated && next != nil {
		out.NextMarker = text(next.Key)
	}
	for _, b := range items {
		out.Contents = append(out.Contents, listed{
			Key: text(b.Key), LastModified: iso(b.Stored), ETag: quoted(b.ETag), Size: b.Size, Owner: x.owner(), StorageClass: b.class(),
		})
	}
	for _, f := range folders {
		out.Folders = append(out.Folders, folder{text(f)})
	}
	x.xml(http.StatusOK, out)
	return nil
}

func (b *blob) class() string {
	if class := b.Header["x-cos-storage-class"]; class != "" {
		return class
	}
	return "STANDARD"
}

type (
	uploadsResult struct {
		XMLName            xml.Name `xml:"ListMultipartUploadsResult"`
		Bucket             string
		EncodingType       string `xml:"Encoding-Type,omitempty"`
		KeyMarker          string
		UploadIDMarker     string `xml:"UploadIdMarker"`
		NextKeyMarker      string `xml:",omitempty"`
		NextUploadIDMarker string `xml:"NextUploadIdMarker,omitempty"`
		MaxUploads         int
		IsTruncated        bool
		Prefix             string
		Delimiter          string `xml:",omitempty"`
		Upload             []listedUpload
		Folders            []folder `xml:"CommonPrefixes"`
	}
	listedUpload struct {
		Key          string
		UploadID     string `xml:"UploadId"`
		StorageClass string
		Initiator    owner
		Owner        owner
		Initiated    string
	}
)

func (x *call) listUploads() *failure {
	most, bad := x.number("max-uploads", 1000)
	if bad != nil {
		return bad
	}
	text, bad := x.encoding()
	if bad != nil {
		return bad
	}
	prefix, delimiter, marker, id := x.query["prefix"], x.query["delimiter"], x.query["key-marker"], x.query["upload-id-marker"]
	after := func(b *blob) bool { return b.Key > marker || id != "" && b.Key == marker && b.Upload > id }
	items, folders, next, truncated := page(x.store.begunUnder(prefix), prefix, delimiter, marker, after, most)
	out := uploadsResult{
		Bucket: x.Bucket, EncodingType: x.query["encoding-type"], Prefix: text(prefix), Delimiter: text(delimiter),
		KeyMarker: text(marker), UploadIDMarker: id, MaxUploads: most, IsTruncated: truncated,
	}
	if truncated && next != nil {
		out.NextKeyMarker, out.NextUploadIDMarker = text(next.Key), next.Upload
	}
	for _, b := range items {
		out.Upload = append(out.Upload, listedUpload{
			Key: text(b.Key), UploadID: b.Upload, StorageClass: b.class(), Initiator: x.owner(), Owner: x.owner(), Initiated: iso(b.Stored),
		})
	}
	for _, f := range folders {
		out.Folders = append(out.Folders, folder{text(f)})
	}
	x.xml(http.StatusOK, out)
	return nil
}

type (
	partsResult struct {
		XMLName              xml.Name `xml:"ListPartsResult"`
		Bucket               string
		EncodingType         string `xml:"Encoding-type,omitempty"`
		Key                  string
		UploadID             string `xml:"UploadId"`
		Initiator            owner
		Owner                owner
		StorageClass         string
		PartNumberMarker     int
		NextPartNumberMarker int `xml:",omitempty"`
		MaxParts             int
		IsTruncated          bool
		Part                 []listedPart
	}
	listedPart struct {
		PartNumber   int
		LastModified string
		ETag         string
		Size         int64
	}
)

func (x *call) listParts() *failure {
	most, bad := x.number("max-parts", 1000)
	if bad != nil {
		return bad
	}
	text, bad := x.encoding()
	if bad != nil {
		return bad
	}
	marker := 0
	if v := x.query["part-number-marker"]; v != "" {
		var err error
		if marker, err = strconv.Atoi(v); err != nil || marker < 0 {
			return fail("InvalidArgument", "part-number-marker must be a number.")
		}
	}
	begun, parts := x.store.begun(x.key, x.query["uploadId"])
	if begun == nil {
		return noSuchUpload()
	}
	out := partsResult{
		Bucket: x.Bucket, EncodingType: x.query["encoding-type"], Key: text(x.key), UploadID: begun.Upload, Initiator: x.owner(), Owner: x.owner(),
		StorageClass: begun.class(), PartNumberMarker: marker, MaxParts: most,
	}
	for _, p := range parts {
		if p.Part <= marker {
			continue
		}
		if len(out.Part) == most {
			out.IsTruncated = true
			break
		}
		out.NextPartNumberMarker = p.Part
		out.Part = append(out.Part, listedPart{p.Part, iso(p.Stored), quoted(p.ETag), p.Size})
	}
	if !out.IsTruncated {
		out.NextPartNumberMarker = 0
	}
	x.xml(http.StatusOK, out)
	return nil
}

// number reads how much a listing may hold: 1 to most, which is the default too.
func (x *call) number(param string, most int) (int, *failure) {
	v := x.query[param]
	if v == "" {
		return most, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		return 0, fail("InvalidArgument", "%s must be a number.", param)
	}
	return min(n, most), nil
}

// encoding says how keys are written: as they are, or URL-encoded because XML can't hold every character.
func (x *call) encoding() (func(string) string, *failure) {
	switch x.query["encoding-type"] {
	case "":
		return func(s string) string { return s }, nil
	case "url":
		return encode, nil
	}
	return nil, fail("InvalidArgument", "encoding-type can only be url.")
}
