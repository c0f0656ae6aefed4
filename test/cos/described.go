package cos

import (
	"iter"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// described is what an upload says about its object.
type described struct {
	Header map[string]string // that it is given out with
	ACL    string            `json:",omitempty"` // one of canned; "" is private
	Grants map[string]string `json:",omitempty"` // by header: whom it is given to besides
}

// kept are the headers that an object is given out with again; so is x-cos-meta-*.
var kept = strings.Fields(`Cache-Control Content-Disposition Content-Encoding Content-Language Content-Type Expires
	X-Cos-Storage-Class`)

// notKept are those that would make it another object than this COS can keep.
var notKept = strings.Fields(`X-Cos-Server-Side-Encryption X-Cos-Tagging X-Cos-Callback Pic-Operations`)

// canned are an object's: https://cloud.tencent.com/document/product/436/30752
var canned = strings.Fields(`default private public-read authenticated-read bucket-owner-read
	bucket-owner-full-control`)

// grants are the headers that name receivers. That an object takes x-cos-grant-write too is only believed.
var grants = strings.Fields(`X-Cos-Grant-Read X-Cos-Grant-Write X-Cos-Grant-Read-Acp X-Cos-Grant-Write-Acp
	X-Cos-Grant-Full-Control`)

// grantees: id="100000000001", one or more. That uri="…" is taken too is only believed.
var grantees = regexp.MustCompile(`^(id|uin|uri)="[^"]+"(, *(id|uin|uri)="[^"]+")*$`)

// classes: https://cloud.tencent.com/document/product/436/33417
var classes = strings.Fields(`STANDARD STANDARD_IA INTELLIGENT_TIERING ARCHIVE DEEP_ARCHIVE MAZ_STANDARD MAZ_STANDARD_IA
	MAZ_INTELLIGENT_TIERING`)

const (
	storageClass = "X-Cos-Storage-Class"
	metaPrefix   = "X-Cos-Meta-"
	mostMeta     = 2 << 10
)

// describe reads what an upload says. names are all the names that it may say it under.
func describe(header func(string) string, names iter.Seq[string]) (d described, _ *failure) {
	d = described{map[string]string{"Content-Type": "application/octet-stream"}, header("x-cos-acl"), map[string]string{}}
	size := 0
	for name := range names {
		name := http.CanonicalHeaderKey(name)
		value := header(name)
		meta, isMeta := strings.CutPrefix(name, metaPrefix)
		switch {
		case slices.ContainsFunc(notKept, func(start string) bool { return strings.HasPrefix(name, start) }):
			return d, notBuilt(name)
		case isMeta:
			size += len(meta) + len(value)
			d.Header[name] = value
		case slices.Contains(kept, name) && value != "":
			d.Header[name] = value
		case slices.Contains(grants, name):
			d.Grants[name] = value
		}
	}
	if size > mostMeta {
		return d, fail("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size.")
	}
	return d, d.check()
}

func (d described) check() *failure {
	for name, value := range d.Grants {
		if !grantees.MatchString(value) {
			return fail("InvalidArgument", `%s must be such as id="100000000001".`, name)
		}
	}
	class := d.Header[storageClass]
	switch {
	case d.ACL != "" && !slices.Contains(canned, d.ACL):
		return fail("InvalidArgument", "x-cos-acl must be one of %s.", strings.Join(canned, ", "))
	case class != "" && !slices.Contains(classes, class): // the code is only believed
		return fail("InvalidArgument", "x-cos-storage-class must be one of %s.", strings.Join(classes, ", "))
	}
	return nil
}

// class is the storage class.
func (d described) class() string {
	if class := d.Header[storageClass]; class != "" {
		return class
	}
	return "STANDARD"
}

// frozen objects aren't readable before they are restored, which isn't built.
func (d described) frozen() bool { return strings.HasSuffix(d.class(), "ARCHIVE") }

func invalidState() *failure {
	return fail("InvalidObjectState", "The operation is not valid for the object's storage class: restore it first.")
}

// public reports whether everybody may read the object. That a grant can say so too, and how, is only believed.
func (d described) public() bool {
	toAll := func(name string) bool {
		return strings.Contains(d.Grants[name], "anyone") || strings.Contains(d.Grants[name], "AllUsers")
	}
	return d.ACL == "public-read" || toAll("X-Cos-Grant-Read") || toAll("X-Cos-Grant-Full-Control")
}

// putACL makes an object as public, or as private, as the headers say.
func (x *call) putACL() *failure {
	said, bad := x.described()
	if bad == nil && x.r.ContentLength != 0 {
		bad = notBuilt("an ACL in the body")
	}
	if bad != nil {
		return bad
	}
	bad = x.store.change(func() ([]*blob, *failure) {
		b := x.store.Objects[x.key]
		if b == nil {
			return nil, noSuchKey()
		}
		now := *b // whoever reads the old one goes on
		now.ACL, now.Grants = said.ACL, said.Grants
		x.store.Objects[x.key] = &now
		return nil, nil
	})
	if bad == nil {
		x.w.WriteHeader(http.StatusOK)
	}
	return bad
}
