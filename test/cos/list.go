package cos

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cos-credentials/policy/text"
)

// listing is a page of objects, or all uploads of a prefix, or all parts of an upload.
type listing struct {
	Name, Bucket           string `xml:",omitempty"`
	Prefix, Delimiter      string `xml:",omitempty"`
	EncodingType           string `xml:",omitempty"`
	Key, UploadId          string `xml:",omitempty"`
	Marker                 string `xml:",omitempty"`
	MaxKeys                int    `xml:",omitempty"`
	IsTruncated            bool   // there are more, from here on:
	NextMarker             string `xml:",omitempty"`
	Contents, Upload, Part []listed
	CommonPrefixes         []commonPrefix
}

// listed is an object, an upload or a part.
type listed struct {
	Key, UploadId           string `xml:",omitempty"`
	PartNumber              int    `xml:",omitempty"`
	Initiated, LastModified string `xml:",omitempty"`
	ETag                    string `xml:",omitempty"`
	Size                    int
	StorageClass            string
}

type commonPrefix struct{ Prefix string }

// mostListed is a page's, and what is asked for if nothing is said.
const mostListed = 1000

// listObjects cuts one page out. A delimiter folds the keys that have it after the prefix into folders; a folder counts
// as one item, and as a marker it stands for all that is in it.
func (x *call) listObjects() *failure {
	most, err := strconv.Atoi(cmp.Or(x.query["max-keys"], strconv.Itoa(mostListed)))
	if err != nil || most < 1 {
		return fail("InvalidArgument", "max-keys must be a number from 1 on.")
	}
	written := func(key string) string { return key }
	if kind := x.query["encoding-type"]; kind == "url" { // XML can't hold every character
		written = text.Percent
	} else if kind != "" {
		return fail("InvalidArgument", "encoding-type can only be url.")
	}
	prefix, delimiter, marker := x.query["prefix"], x.query["delimiter"], x.query["marker"]
	out := listing{
		Name: x.Bucket, Prefix: written(prefix), Delimiter: written(delimiter), Marker: written(marker),
		EncodingType: x.query["encoding-type"], MaxKeys: min(most, mostListed),
	}
	last := "" // object or folder
	for _, b := range x.store.under(prefix, x.store.objects) {
		item, isFolder := b.key, false
		if i := strings.Index(b.key[len(prefix):], delimiter); delimiter != "" && i >= 0 {
			item, isFolder = b.key[:len(prefix)+i+len(delimiter)], true
		}
		if b.key <= marker || isFolder && (item == marker || item == last) {
			continue
		}
		if len(out.Contents)+len(out.CommonPrefixes) == out.MaxKeys {
			out.IsTruncated, out.NextMarker = true, written(last)
			break
		}
		last = item
		if isFolder {
			out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{written(item)})
			continue
		}
		out.Contents = append(out.Contents, listed{
			Key: written(b.key), LastModified: iso(b.stored), ETag: quoted(b.etag), Size: len(b.bytes), StorageClass: b.class,
		})
	}
	x.xml(http.StatusOK, "ListBucketResult", out)
	return nil
}

func (x *call) listUploads() *failure {
	out := listing{Bucket: x.Bucket, Prefix: x.query["prefix"]}
	for _, b := range x.store.under(out.Prefix, x.store.uploads) {
		out.Upload = append(out.Upload, listed{
			Key: b.key, UploadId: b.upload, Initiated: iso(b.stored), StorageClass: b.class,
		})
	}
	return x.onePage("ListMultipartUploadsResult", out)
}

func (x *call) listParts() *failure {
	u, bad := x.store.begun(x.key, x.query["uploadId"])
	if bad != nil {
		return bad
	}
	out := listing{Bucket: x.Bucket, Key: x.key, UploadId: u.upload}
	for _, n := range slices.Sorted(maps.Keys(u.parts)) {
		p := u.parts[n]
		out.Part = append(out.Part, listed{
			PartNumber: n, LastModified: iso(p.stored), ETag: quoted(p.etag), Size: len(p.bytes), StorageClass: u.class,
		})
	}
	return x.onePage("ListPartsResult", out)
}

func (x *call) onePage(root string, out listing) *failure {
	if len(out.Upload) > mostListed || len(out.Part) > mostListed {
		return notBuilt("a second page")
	}
	x.xml(http.StatusOK, root, out)
	return nil
}
