package cos

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

const (
	copySource    = "X-Cos-Copy-Source"
	copyCondition = "X-Cos-Copy-Source-" // in front of If-Match and its like
)

type copyAnswer struct{ ETag, CRC64, LastModified string }

func (b *blob) copied() copyAnswer {
	return copyAnswer{quoted(b.ETag), strconv.FormatUint(b.CRC, 10), iso(b.Stored)}
}

// copyObject: the target was authorised. Neither the ACL nor the storage class of the source is copied.
func (x *call) copyObject(said described) *failure {
	b, body, bad := x.source()
	if bad != nil {
		return bad
	}
	defer body.Close()
	switch cmp.Or(x.r.Header.Get("x-cos-metadata-directive"), "Copy") {
	case "Copy":
		class := said.Header[storageClass]
		said.Header = map[string]string{}
		for name, value := range b.Header {
			said.Header[name] = value
		}
		said.Header[storageClass] = class
	case "Replaced":
	default:
		return fail("InvalidArgument", "x-cos-metadata-directive is Copy or Replaced.")
	}
	target, bad := x.store.write(blob{Key: x.key, described: said, Stored: x.now()}, body, b.Size, nil)
	return x.keep(target, bad, func() { x.xml(http.StatusOK, "CopyObjectResult", target.copied()) })
}

var copyRange = regexp.MustCompile(`^bytes=(\d{1,18})-(\d{1,18})$`)

// copyPart is a part whose bytes are another object's, or some of them.
func (x *call) copyPart() (*blob, *failure) {
	b, body, bad := x.source()
	if bad != nil {
		return nil, bad
	}
	defer body.Close()
	first, last := int64(0), b.Size-1
	if text := x.r.Header.Get(copyCondition + "Range"); text != "" {
		ends := copyRange.FindStringSubmatch(text)
		if ends == nil {
			return nil, fail("InvalidArgument", "x-cos-copy-source-range must be such as bytes=0-1048575.")
		}
		first, _ = strconv.ParseInt(ends[1], 10, 64)
		last, _ = strconv.ParseInt(ends[2], 10, 64)
		if first > last || last >= b.Size { // that it is refused, and so, is only believed
			return nil, fail("InvalidRange", "The requested range cannot be satisfied.")
		}
	}
	if _, err := body.Seek(first, io.SeekStart); err != nil {
		return nil, folderFails(err)
	}
	size := last - first + 1
	return x.store.write(blob{Key: x.key, Stored: x.now()}, io.LimitReader(body, size), size, nil)
}

// source is what a copy is made of, opened. It is read, and needs the right to that, unless it is public.
func (x *call) source() (*blob, io.ReadSeekCloser, *failure) {
	host, escaped, _ := strings.Cut(x.r.Header.Get(copySource), "/")
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
	if !x.may(cosAction+"GetObject", from) && !x.store.isPublic(from) {
		return nil, nil, denied()
	}
	b, body, bad := x.store.open(from)
	if bad != nil {
		return nil, nil, bad
	}
	conditions := http.Header{}
	for name, values := range x.r.Header {
		if plain, ok := strings.CutPrefix(name, copyCondition); ok && plain != "Range" {
			conditions[plain] = values
		}
	}
	switch {
	case b.frozen():
		bad = invalidState()
	case b.answers(conditions, body) != http.StatusOK:
		bad = preconditionFailed()
	default:
		return b, body, nil
	}
	body.Close()
	return nil, nil, bad
}
