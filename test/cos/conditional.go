package cos

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// precondition checks If-Match and its relatives, which for a copy's source have a prefix.
func (x *call) precondition(b *blob, prefix string) *failure {
	header := func(name string) string { return x.r.Header.Get(prefix + name) }
	failed := fail("PreconditionFailed", "At least one of the pre-conditions you specified did not hold.")
	if v := header("If-Match"); v != "" {
		if !named(v, b.ETag) {
			return failed
		}
	} else if since, ok := date(header("If-Unmodified-Since")); ok && b.Stored.Truncate(time.Second).After(since) {
		return failed
	}
	unchanged := fail("NotModified", "")
	if v := header("If-None-Match"); v != "" {
		if named(v, b.ETag) {
			return unchanged
		}
	} else if since, ok := date(header("If-Modified-Since")); ok && !b.Stored.Truncate(time.Second).After(since) {
		return unchanged
	}
	return nil
}

// named: a list of ETags, quoted or not, or *.
func named(list, etag string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(s string) bool {
		s = strings.Trim(strings.TrimPrefix(strings.TrimSpace(s), "W/"), `"`)
		return s == "*" || s == etag
	})
}

func date(s string) (time.Time, bool) {
	t, err := http.ParseTime(s)
	return t, err == nil
}

// byteRange reads one range; a header that names several, or none that can be read, asks for the whole.
func (x *call) byteRange(b *blob) (from, length int64, partial bool, _ *failure) {
	spec, ok := strings.CutPrefix(x.r.Header.Get("Range"), "bytes=")
	if v := x.r.Header.Get("If-Range"); v != "" && !named(v, b.ETag) {
		ok = false
	}
	first, last, dash := strings.Cut(spec, "-")
	if !ok || !dash {
		return 0, b.Size, false, nil
	}
	out := fail("InvalidRange", "The requested range cannot be satisfied.")
	if first == "" { // the last bytes
		n, err := strconv.ParseInt(last, 10, 64)
		switch {
		case err != nil || n < 0:
			return 0, b.Size, false, nil
		case n == 0 || b.Size == 0:
			return 0, 0, false, out
		}
		n = min(n, b.Size)
		return b.Size - n, n, true, nil
	}
	start, err := strconv.ParseInt(first, 10, 64)
	end := b.Size - 1
	if last != "" && err == nil {
		if end, err = strconv.ParseInt(last, 10, 64); end < start {
			err = strconv.ErrRange
		}
	}
	switch {
	case err != nil || start < 0:
		return 0, b.Size, false, nil
	case start >= b.Size:
		return 0, 0, false, out
	}
	return start, min(end, b.Size-1) - start + 1, true, nil
}
