package cos

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

type copyAnswer struct{ ETag, CRC64, LastModified string }

func (x *call) copied(b *blob, root string) {
	x.xml(http.StatusOK, root, copyAnswer{quoted(b.etag), strconv.FormatUint(b.crc, 10), iso(b.stored)})
}

// copyObject: the target was authorised. Neither the ACL nor the storage class of the source is copied.
func (x *call) copyObject(said described) *failure {
	source, bad := x.source()
	if bad != nil {
		return bad
	}
	switch x.r.Header.Get("x-cos-metadata-directive") {
	case "", "Copy":
		said.header = source.header
	case "Replaced":
	default:
		return fail("InvalidArgument", "x-cos-metadata-directive is Copy or Replaced.")
	}
	return x.keep(x.written(source.bytes, said), func(b *blob) { x.copied(b, "CopyObjectResult") })
}

const copyRange = copySource + "-Range"

var someBytes = regexp.MustCompile(`^bytes=(\d{1,18})-(\d{1,18})$`)

// copyPart is the bytes of a part that are another object's, or some of them.
func (x *call) copyPart() ([]byte, *failure) {
	source, bad := x.source()
	if bad != nil {
		return nil, bad
	}
	wanted := x.r.Header.Get(copyRange)
	if wanted == "" {
		return source.bytes, nil
	}
	ends := someBytes.FindStringSubmatch(wanted)
	if ends == nil {
		return nil, fail("InvalidArgument", "x-cos-copy-source-range must be such as bytes=0-1048575.")
	}
	first, _ := strconv.Atoi(ends[1])
	last, _ := strconv.Atoi(ends[2])
	if first > last || last >= len(source.bytes) { // that it is refused, and so, is only believed
		return nil, fail("InvalidRange", "The requested range cannot be satisfied.")
	}
	return source.bytes[first : last+1], nil
}

// source is what a copy is made of. It is read, and needs the right to that, unless it is public.
func (x *call) source() (*blob, *failure) {
	host, path, _ := strings.Cut(x.r.Header.Get(copySource), "/")
	key, err := url.PathUnescape(path)
	switch {
	case err != nil:
		return nil, fail("InvalidArgument", "x-cos-copy-source can't be decoded.")
	case host != x.r.Host && host != x.domain():
		return nil, noSuchBucket
	case strings.Contains(path, "?"):
		return nil, notBuilt("a version")
	}
	for name := range x.r.Header {
		if strings.HasPrefix(name, copySource+"-") && name != copyRange {
			return nil, notBuilt(name)
		}
	}
	if !x.may("GetObject", key) && !x.store.isPublic(key) {
		return nil, denied
	}
	b := x.store.object(key)
	switch {
	case b == nil:
		return nil, noSuchKey
	case b.frozen():
		return nil, invalidState
	}
	return b, nil
}
