package cos

import (
	"iter"
	"net/http"
	"slices"
	"strings"
)

// kept are the headers of an upload that an object is given out with again; so is x-cos-meta-*.
var kept = strings.Fields(`Cache-Control Content-Disposition Content-Encoding Content-Language Content-Type Expires
	X-Cos-Storage-Class`)

// notKept are those that would make it another object than this COS can keep.
var notKept = strings.Fields(`X-Cos-Server-Side-Encryption X-Cos-Grant- X-Cos-Tagging X-Cos-Forbid-Overwrite
	X-Cos-Callback Pic-Operations`)

const (
	metaPrefix = "X-Cos-Meta-"
	mostMeta   = 2 << 10
)

// described reads what an upload says about its object. names are all the names that it may say it under.
func described(header func(string) string, names iter.Seq[string]) (map[string]string, *failure) {
	out := map[string]string{"Content-Type": "application/octet-stream"}
	size := 0
	for name := range names {
		name := http.CanonicalHeaderKey(name)
		value := header(name)
		meta, isMeta := strings.CutPrefix(name, metaPrefix)
		switch {
		case slices.ContainsFunc(notKept, func(start string) bool { return strings.HasPrefix(name, start) }):
			return nil, notBuilt(name)
		case isMeta:
			size += len(meta) + len(value)
			out[name] = value
		case slices.Contains(kept, name) && value != "":
			out[name] = value
		}
	}
	if size > mostMeta {
		return nil, fail("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size.")
	}
	if acl := header("x-cos-acl"); acl != "" && acl != "private" && acl != "default" {
		return nil, notBuilt("an object that isn't private")
	}
	return out, nil
}
