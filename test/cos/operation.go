package cos

import (
	"slices"
	"strings"
)

// operation is what a request wants, and the action that a policy must allow for it.
type operation struct {
	method string
	object bool   // of an object, not of the bucket
	sub    string // the query parameter that stands for it
	action string
	run    func(*call) *failure // nil: not built

	says   []string // the headers that a policy's condition can look at
	lists  bool     // a condition can look at cos:prefix
	form   bool     // signed in the body, not in the headers
	each   bool     // authorised key by key
	copies string   // another action that is enough, if it copies
	public bool     // of a public object it needs no signature
	lacks  []string // parameters that no client here sends
}

const (
	cosAction       = "name/cos:"
	cannedACL       = "X-Cos-Acl"
	storageClass    = "X-Cos-Storage-Class"
	forbidOverwrite = "X-Cos-Forbid-Overwrite"
	copySource      = "X-Cos-Copy-Source"
)

// What an upload says of its object: https://cloud.tencent.com/document/product/436/71306
// That conditions can look at grants, and at forbidOverwrite, is only believed.
var (
	acls    = append([]string{cannedACL}, grants...)
	ofBegun = append([]string{"Content-Type", storageClass}, acls...)
	ofWhole = append([]string{"Content-Length", forbidOverwrite}, ofBegun...)
	atEnd   = []string{forbidOverwrite}
)

var paging = strings.Fields(`encoding-type delimiter key-marker upload-id-marker max-uploads part-number-marker
	max-parts`)

// operations: https://cloud.tencent.com/document/product/436/31923
var operations = []operation{
	{method: "GET", action: "GetBucket", run: (*call).listObjects, lists: true},
	{method: "HEAD", action: "HeadBucket", run: (*call).headBucket},
	{method: "GET", sub: "uploads", action: "ListMultipartUploads", run: (*call).listUploads, lists: true, lacks: paging},
	{method: "POST", sub: "delete", action: "DeleteObject", run: (*call).deleteObjects, each: true},
	{method: "POST", action: "PostObject", run: (*call).postObject, says: ofWhole, form: true},

	{method: "GET", object: true, action: "GetObject", run: (*call).getObject, public: true},
	{method: "HEAD", object: true, action: "HeadObject", run: (*call).getObject, public: true},
	{method: "PUT", object: true, action: "PutObject", run: (*call).putObject, says: ofWhole, copies: "PutObjectCopy"},
	{method: "DELETE", object: true, action: "DeleteObject", run: (*call).deleteObject},
	{method: "PUT", object: true, sub: "acl", action: "PutObjectACL", run: (*call).putACL, says: acls},

	{method: "POST", object: true, sub: "uploads", action: "InitiateMultipartUpload", run: (*call).begin, says: ofBegun},
	{method: "PUT", object: true, sub: "uploadId", action: "UploadPart", run: (*call).putPart, copies: "UploadPartCopy"},
	{method: "GET", object: true, sub: "uploadId", action: "ListParts", run: (*call).listParts, lacks: paging},
	{method: "POST", object: true, sub: "uploadId", action: "CompleteMultipartUpload", run: (*call).complete, says: atEnd},
	{method: "DELETE", object: true, sub: "uploadId", action: "AbortMultipartUpload", run: (*call).abort},
}

// subs are the query parameters that make a request another one. Those that no operation has are not built.
var subs = strings.Fields(`uploads delete uploadId acl accelerate append ci-process cors domain encryption image_process
	intelligenttiering inventory lifecycle location logging object-lock origin policy referer replication restore
	retention select symlink tagging versionId versioning versions website`)

// find takes the request for one operation, and never for a plain one when it asks for something else.
func (x *call) find() *failure {
	sub := ""
	for name := range x.query {
		if !slices.Contains(subs, name) {
			continue
		}
		if sub != "" {
			return fail("InvalidArgument", "The query asks for two things at once.")
		}
		sub = name
	}
	for _, op := range operations {
		if op.method == x.r.Method && op.object == (x.key != "") && op.sub == sub {
			x.op = op
			x.record.Action = cosAction + op.action
			return nil
		}
	}
	if sub == "" {
		return fail("MethodNotAllowed", "The specified method is not allowed against this resource.")
	}
	x.op.action = x.r.Method + "?" + sub // no policy names it
	x.record.Action = cosAction + x.op.action
	return nil
}
