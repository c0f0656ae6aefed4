package cos

import (
	"cmp"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// described is what an upload says about its object.
type described struct {
	header map[string]string // that it is given out with
	class  string            // storage class
	public bool              // everybody may read it
}

// kept are the headers that an object is given out with again; so is x-cos-meta-*.
var kept = strings.Fields(`Cache-Control Content-Disposition Content-Encoding Content-Language Content-Type Expires`)

// notKept begin those that would make it another object than this COS can keep.
var notKept = regexp.MustCompile(`^(X-Cos-Server-Side-Encryption|X-Cos-Tagging|X-Cos-Callback|Pic-Operations)`)

// canned are an object's: https://cloud.tencent.com/document/product/436/30752
var canned = strings.Fields(`default private public-read authenticated-read bucket-owner-read
	bucket-owner-full-control`)

// grants are the headers that name receivers. That an object takes x-cos-grant-write too is only believed.
var grants = strings.Fields(`X-Cos-Grant-Read X-Cos-Grant-Write X-Cos-Grant-Read-Acp X-Cos-Grant-Write-Acp
	X-Cos-Grant-Full-Control`)

// grantees: id="100000000001", one or more. That uri="…" is taken too is only believed, and so is what toAll says.
var (
	grantees = regexp.MustCompile(`^(id|uin|uri)="[^"]+"(, *(id|uin|uri)="[^"]+")*$`)
	toAll    = regexp.MustCompile(`anyone|AllUsers`)
)

// classes: https://cloud.tencent.com/document/product/436/33417
var classes = strings.Fields(`STANDARD STANDARD_IA INTELLIGENT_TIERING ARCHIVE DEEP_ARCHIVE MAZ_STANDARD MAZ_STANDARD_IA
	MAZ_INTELLIGENT_TIERING`)

// described reads what an upload says, in its headers or in its form's fields.
func (x *call) described() (described, *failure) {
	acl := cmp.Or(x.said(cannedACL), "private")
	d := described{
		header: map[string]string{"Content-Type": "application/octet-stream"},
		class:  cmp.Or(x.said(storageClass), "STANDARD"),
		public: acl == "public-read",
	}
	switch {
	case !slices.Contains(canned, acl):
		return d, fail("InvalidArgument", "x-cos-acl must be one of %s.", strings.Join(canned, ", "))
	case !slices.Contains(classes, d.class): // the code is only believed
		return d, fail("InvalidArgument", "x-cos-storage-class must be one of %s.", strings.Join(classes, ", "))
	}
	names := slices.Collect(maps.Keys(x.r.Header))
	if x.form != nil {
		names = slices.Collect(maps.Keys(x.form.fields))
	}
	for _, name := range names {
		name = http.CanonicalHeaderKey(name)
		value := x.said(name)
		switch {
		case notKept.MatchString(name):
			return d, notBuilt(name)
		case slices.Contains(grants, name) && !grantees.MatchString(value):
			return d, fail("InvalidArgument", `%s must be such as id="100000000001".`, name)
		case name == "X-Cos-Grant-Read" || name == "X-Cos-Grant-Full-Control":
			d.public = d.public || toAll.MatchString(value)
		case strings.HasPrefix(name, "X-Cos-Meta-") || slices.Contains(kept, name) && value != "":
			d.header[name] = value
		}
	}
	return d, nil
}

// frozen objects aren't readable before they are restored, which isn't built.
func (d described) frozen() bool { return strings.HasSuffix(d.class, "ARCHIVE") }

// putACL makes an object as public, or as private, as the headers say.
func (x *call) putACL() *failure {
	said, bad := x.described()
	if bad == nil && x.r.ContentLength != 0 {
		bad = notBuilt("an ACL in the body")
	}
	if bad == nil {
		bad = x.store.setPublic(x.key, said.public)
	}
	if bad == nil {
		x.w.WriteHeader(http.StatusOK)
	}
	return bad
}
