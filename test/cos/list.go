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
	p.EncodingType, p.text = x.query["encoding-type"], func(s string) string { return s }
	if p.EncodingType == "url" {
		p.text = encode
	} else if p.EncodingType != "" {
		return p, fail("InvalidArgument", "encoding-type can only be url.")
	}
	n, err := strconv.Atoi(cmp.Or(x.query[param], "1000"))
	if err != nil || n < 0 {
		return p, fail("InvalidArgument", "%s must be a number.", param)
	}
	p.most = min(n, 1000)
	return p, nil
}

// listing is a page of objects, of uploads or of parts: each has its own names for the same things.
type listing struct {
	paging
	Name, Bucket           string `xml:",omitempty"`
	Prefix                 string
	Delimiter              string `xml:",omitempty"`
	Key, UploadId          string `xml:",omitempty"`
	StorageClass           string `xml:",omitempty"`
	Marker, KeyMarker      string `xml:",omitempty"`
	UploadIdMarker         string `xml:",omitempty"`
	PartNumberMarker       int    `xml:",omitempty"`
	MaxKeys, MaxUploads    int    `xml:",omitempty"`
	MaxParts               int    `xml:",omitempty"`
	IsTruncated            bool   // there are more, from here on:
	NextMarker             string `xml:",omitempty"`
	NextKeyMarker          string `xml:",omitempty"`
	NextUploadIdMarker     string `xml:",omitempty"`
	NextPartNumberMarker   int    `xml:",omitempty"`
	Contents, Upload, Part []listed
	CommonPrefixes         []commonPrefix
}

// listed is an object, an upload or a part.
type listed struct {
	Key, UploadId           string `xml:",omitempty"`
	PartNumber              int    `xml:",omitempty"`
	Initiated, LastModified string `xml:",omitempty"`
	ETag                    string `xml:",omitempty"`
	Size                    int64
	StorageClass            string
}

type commonPrefix struct{ Prefix string }

func (x *call) listObjects() *failure {
	ask, bad := x.paging("max-keys")
	if bad != nil {
		return bad
	}
	marker := x.query["marker"]
	out := listing{paging: ask, Name: x.Bucket, Marker: ask.text(marker), MaxKeys: ask.most}
	items, next := x.page(&out, x.store.Objects, marker, func(b *blob) bool { return b.Key > marker })
	for _, b := range items {
		out.Contents = append(out.Contents, listed{
			Key: ask.text(b.Key), LastModified: iso(b.Stored), ETag: quoted(b.ETag), Size: b.Size, StorageClass: b.class(),
		})
	}
	out.NextMarker = ask.text(next.Key)
	x.xml(http.StatusOK, "ListBucketResult", out)
	return nil
}

func (x *call) listUploads() *failure {
	ask, bad := x.paging("max-uploads")
	if bad != nil {
		return bad
	}
	marker, id := x.query["key-marker"], x.query["upload-id-marker"]
	out := listing{paging: ask, Bucket: x.Bucket, KeyMarker: ask.text(marker), UploadIdMarker: id, MaxUploads: ask.most}
	items, next := x.page(&out, x.store.Uploads, marker, func(b *blob) bool {
		return b.Key > marker || id != "" && b.Key == marker && b.Upload > id
	})
	for _, b := range items {
		out.Upload = append(out.Upload, listed{
			Key: ask.text(b.Key), UploadId: b.Upload, Initiated: iso(b.Stored), StorageClass: b.class(),
		})
	}
	out.NextKeyMarker, out.NextUploadIdMarker = ask.text(next.Key), next.Upload
	x.xml(http.StatusOK, "ListMultipartUploadsResult", out)
	return nil
}

// page cuts one page out, and fills in what all listings have. A delimiter folds the keys that have it after the prefix
// into folders; a folder counts as one item, and as a marker it stands for all that is in it. next is the last item, if
// there are more.
func (x *call) page(
	out *listing, all map[string]*blob, marker string, after func(*blob) bool,
) (items []*blob, next blob) {
	prefix, delimiter, last := x.query["prefix"], x.query["delimiter"], blob{}
	out.Prefix, out.Delimiter = out.text(prefix), out.text(delimiter)
	for _, b := range x.store.under(prefix, all) {
		inside := ""
		if i := strings.Index(b.Key[len(prefix):], delimiter); delimiter != "" && i >= 0 {
			inside = b.Key[:len(prefix)+i+len(delimiter)]
		}
		if !after(b) || inside != "" && (inside == marker || inside == last.Key) {
			continue
		}
		if len(items)+len(out.CommonPrefixes) == out.most {
			out.IsTruncated = true
			return items, last
		}
		if inside == "" {
			items, last = append(items, b), *b
		} else {
			out.CommonPrefixes, last = append(out.CommonPrefixes, commonPrefix{out.text(inside)}), blob{Key: inside}
		}
	}
	return items, blob{}
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
	out := listing{
		paging: ask, Bucket: x.Bucket, Key: ask.text(x.key), UploadId: u.Upload, StorageClass: u.class(),
		PartNumberMarker: marker, MaxParts: ask.most,
	}
	numbers := slices.DeleteFunc(slices.Sorted(maps.Keys(u.Parts)), func(n int) bool { return n <= marker })
	if out.IsTruncated = len(numbers) > ask.most; out.IsTruncated {
		numbers = numbers[:ask.most]
		out.NextPartNumberMarker = append([]int{marker}, numbers...)[ask.most]
	}
	for _, n := range numbers {
		p := u.Parts[n]
		out.Part = append(out.Part, listed{
			PartNumber: n, LastModified: iso(p.Stored), ETag: quoted(p.ETag), Size: p.Size, StorageClass: u.class(),
		})
	}
	x.xml(http.StatusOK, "ListPartsResult", out)
	return nil
}
