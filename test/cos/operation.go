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

	carries []string // the headers that a policy's condition can look at
	lists   bool     // a condition can look at cos:prefix
	form    bool     // signed in the body, not in the headers
	each    bool     // authorised key by key
	copies  string   // another action that is enough, if it copies
	public  bool     // of a public object it needs no signature
}

const cosAction = "name/cos:"

// What an upload says of its object: https://cloud.tencent.com/document/product/436/71306
var (
	ofBegun = append([]string{"Content-Type", "X-Cos-Acl", storageClass}, grants...) // that grants are is only believed
	ofWhole = append([]string{"Content-Length", forbidOverwrite}, ofBegun...)
)

const forbidOverwrite = "X-Cos-Forbid-Overwrite" // that conditions can look at it is only believed

// operations: https://cloud.tencent.com/document/product/436/31923
var operations = []operation{
	{method: "GET", action: "GetBucket", run: (*call).listObjects, lists: true},
	{method: "HEAD", action: "HeadBucket", run: (*call).headBucket},
	{method: "PUT", action: "PutBucket"},
	{method: "DELETE", action: "DeleteBucket"},
	{method: "GET", sub: "uploads", action: "ListMultipartUploads", run: (*call).listUploads, lists: true},
	{method: "POST", sub: "delete", action: "DeleteObject", run: (*call).deleteObjects, each: true},
	{method: "POST", action: "PostObject", run: (*call).postObject, carries: ofWhole, form: true},

	{method: "GET", object: true, action: "GetObject", run: (*call).getObject, public: true},
	{method: "HEAD", object: true, action: "HeadObject", run: (*call).getObject, public: true},
	{method: "PUT", object: true, action: "PutObject", run: (*call).putObject, carries: ofWhole,
		copies: "PutObjectCopy"},
	{method: "DELETE", object: true, action: "DeleteObject", run: (*call).deleteObject},
	{method: "POST", object: true, sub: "uploads", action: "InitiateMultipartUpload", run: (*call).initiate,
		carries: ofBegun},
	{method: "PUT", object: true, sub: "uploadId", action: "UploadPart", run: (*call).uploadPart,
		copies: "UploadPartCopy"},
	{method: "GET", object: true, sub: "uploadId", action: "ListParts", run: (*call).listParts},
	{method: "POST", object: true, sub: "uploadId", action: "CompleteMultipartUpload", run: (*call).complete,
		carries: []string{forbidOverwrite}},
	{method: "PUT", object: true, sub: "acl", action: "PutObjectACL", run: (*call).putACL,
		carries: append([]string{"X-Cos-Acl"}, grants...)},
	{method: "DELETE", object: true, sub: "uploadId", action: "AbortMultipartUpload", run: (*call).abort},
	{method: "POST", object: true, sub: "append", action: "AppendObject", carries: ofWhole},
}

// unbuilt are the query parameters that stand for something else, which isn't built.
var unbuilt = strings.Fields(`accelerate acl ci-process cors domain encryption image_process intelligenttiering
	inventory lifecycle location logging object-lock origin policy referer replication restore retention select symlink
	tagging versionId versioning versions website`)

// find takes the request for one operation, and never for a plain one when it asks for something else.
func find(method string, object bool, query map[string]string) (operation, *failure) {
	known := operation{method: method, object: object}
	for name := range query {
		isSub := func(op operation) bool { return op.object == object && op.sub == name }
		if name == "" || !slices.Contains(unbuilt, name) && !slices.ContainsFunc(operations, isSub) {
			continue
		}
		if known.sub != "" {
			return known, fail("InvalidArgument", "The query asks for two things at once.")
		}
		known.sub = name
	}
	for _, op := range operations {
		if op.method == method && op.object == object && op.sub == known.sub {
			op.action = cosAction + op.action
			return op, nil
		}
	}
	if !slices.Contains(unbuilt, known.sub) {
		return known, fail("MethodNotAllowed", "The specified method is not allowed against this resource.")
	}
	known.action = cosAction + method + "?" + known.sub // no policy names it
	return known, nil
}
