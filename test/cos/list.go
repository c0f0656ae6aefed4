package cos

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// paging is what a listing is asked for: at most how many, and how keys are written, because XML can't hold every
// character.
type paging struct {
	EncodingType string              `xml:",omitempty"`
	most         int                 // 1000 is the most, and the default
	text         func(string) string // a key as it stands, or URL-encoded
}

func (x *call) paging(param string) (p paging, _ *failure) {
	p.most, p.EncodingType, p.text = 1000, x.query["encoding-type"], func(s string) string { return s }
	switch p.EncodingType {
	case "":
	case "url":
		p.text = encode
	default:
		return p, fail("InvalidArgument", "encoding-type can only be url.")
	}
	if v := x.query[param]; v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			return p, fail("InvalidArgument", "%s must be a number.", param)
		}
		p.most = min(n, p.most)
	}
	return p, nil
}

// page is one page of what is sorted by key.
type page struct {
	items   []*blob
	folders []folder
	next    *blob // the last one, if there are more
}

type folder struct{ Prefix string }

// page cuts one page out. A delimiter folds the keys that have it after the prefix into folders; a folder counts as one
// item, and as a marker it stands for all that is in it.
func (x *call) page(all map[string]*blob, ask paging, marker string, after func(*blob) bool) (out page) {
	prefix, delimiter := x.query["prefix"], x.query["delimiter"]
	var last *blob
	var latest string // folder
	for _, b := range x.store.under(prefix, all) {
		inside := ""
		if i := strings.Index(b.Key[len(prefix):], delimiter); delimiter != "" && i >= 0 {
			inside = b.Key[:len(prefix)+i+len(delimiter)]
		}
		if !after(b) || inside != "" && (inside == marker || inside == latest) {
			continue
		}
		if len(out.items)+len(out.folders) == ask.most {
			out.next = cmp.Or(last, &blob{})
			return out
		}
		if last = b; inside != "" {
			last, latest = &blob{Key: inside}, inside
			out.folders = append(out.folders, folder{ask.text(inside)})
		} else {
			out.items = append(out.items, b)
		}
	}
	return out
}

// listing is a page of objects or of uploads: each has its own names for the same things.
type listing struct {
	paging
	Name, Bucket       string `xml:",omitempty"`
	Prefix             string
	Delimiter          string `xml:",omitempty"`
	Marker             string
	KeyMarker          string `xml:",omitempty"`
	UploadIdMarker     string `xml:",omitempty"`
	MaxKeys            int    `xml:",omitempty"`
	MaxUploads         int    `xml:",omitempty"`
	IsTruncated        bool
	NextMarker         string   `xml:",omitempty"`
	NextKeyMarker      string   `xml:",omitempty"`
	NextUploadIdMarker string   `xml:",omitempty"`
	Contents, Upload   []listed `xml:",omitempty"`
	CommonPrefixes     []folder
}

// listed is an object, an upload or a part.
type listed struct {
	Key          string `xml:",omitempty"`
	UploadId     string `xml:",omitempty"`
	PartNumber   int    `xml:",omitempty"`
	Initiated    string `xml:",omitempty"`
	LastModified string `xml:",omitempty"`
	ETag         string `xml:",omitempty"`
	Size         int64
	StorageClass string
}

func (x *call) listObjects() *failure {
	ask, bad := x.paging("max-keys")
	if bad != nil {
		return bad
	}
	marker := x.query["marker"]
	cut := x.page(x.store.objects, ask, marker, func(b *blob) bool { return b.Key > marker })
	out := listing{
		paging: ask, Name: x.Bucket, Prefix: ask.text(x.query["prefix"]), Marker: ask.text(marker),
		Delimiter: ask.text(x.query["delimiter"]), MaxKeys: ask.most, CommonPrefixes: cut.folders,
	}
	if cut.next != nil {
		out.IsTruncated, out.NextMarker = true, ask.text(cut.next.Key)
	}
	for _, b := range cut.items {
		out.Contents = append(out.Contents, listed{
			Key: ask.text(b.Key), LastModified: iso(b.Stored), ETag: quoted(b.ETag), Size: b.Size, StorageClass: b.class(),
		})
	}
	x.xml(http.StatusOK, "ListBucketResult", out)
	return nil
}

func (b *blob) class() string { return cmp.Or(b.Header["X-Cos-Storage-Class"], "STANDARD") }

func (x *call) listUploads() *failure {
	ask, bad := x.paging("max-uploads")
	if bad != nil {
		return bad
	}
	marker, id := x.query["key-marker"], x.query["upload-id-marker"]
	cut := x.page(x.store.uploads, ask, marker, func(b *blob) bool {
		return b.Key > marker || id != "" && b.Key == marker && b.Upload > id
	})
	out := listing{
		paging: ask, Bucket: x.Bucket, Prefix: ask.text(x.query["prefix"]), KeyMarker: ask.text(marker),
		UploadIdMarker: id, Delimiter: ask.text(x.query["delimiter"]), MaxUploads: ask.most, CommonPrefixes: cut.folders,
	}
	if cut.next != nil {
		out.IsTruncated, out.NextKeyMarker, out.NextUploadIdMarker = true, ask.text(cut.next.Key), cut.next.Upload
	}
	for _, b := range cut.items {
		out.Upload = append(out.Upload, listed{
			Key: ask.text(b.Key), UploadId: b.Upload, Initiated: iso(b.Stored), StorageClass: b.class(),
		})
	}
	x.xml(http.StatusOK, "ListMultipartUploadsResult", out)
	return nil
}

type partList struct {
	paging
	Bucket, Key, UploadId string
	StorageClass          string
	PartNumberMarker      int
	NextPartNumberMarker  int `xml:",omitempty"`
	MaxParts              int
	IsTruncated           bool
	Part                  []listed
}

func (x *call) listParts() *failure {
	ask, bad := x.paging("max-parts")
	if bad != nil {
		return bad
	}
	marker, err := strconv.Atoi(cmp.Or(x.query["part-number-marker"], "0"))
	if err != nil || marker < 0 {
		return fail("InvalidArgument", "part-number-marker must be a number.")
	}
	u := x.store.begun(x.key, x.query["uploadId"])
	if u == nil {
		return noSuchUpload()
	}
	out := partList{
		paging: ask, Bucket: x.Bucket, Key: ask.text(x.key), UploadId: u.Upload, StorageClass: u.class(),
		PartNumberMarker: marker, MaxParts: ask.most,
	}
	numbers := slices.DeleteFunc(slices.Sorted(maps.Keys(u.parts)), func(n int) bool { return n <= marker })
	if out.IsTruncated = len(numbers) > ask.most; out.IsTruncated {
		numbers = numbers[:ask.most]
		out.NextPartNumberMarker = append([]int{marker}, numbers...)[ask.most]
	}
	for _, n := range numbers {
		p := u.parts[n]
		out.Part = append(out.Part, listed{
			PartNumber: n, LastModified: iso(p.Stored), ETag: quoted(p.ETag), Size: p.Size, StorageClass: u.class(),
		})
	}
	x.xml(http.StatusOK, "ListPartsResult", out)
	return nil
}
