package cos

// operation is what a request wants, and the action that a policy must allow for it.
type operation struct {
	method string
	object bool   // of an object, not of the bucket
	sub    string // the query parameter that stands for it
	action string
	run    func(*call) *failure // nil: not built
	// What a policy's condition on the operation can look at, beyond what every request carries:
	upload bool // cos:content-length
	typed  bool // cos:content-type
	lists  bool // cos:prefix

	form bool // signed in the body, not in the headers
	each bool // authorised key by key
}

const cosAction = "name/cos:"

// operations: https://cloud.tencent.com/document/product/436/31923
var operations []operation

func init() { // not a literal at the top, because the operations look themselves up here
	operations = []operation{
		{method: "GET", action: "GetBucket", run: (*call).listObjects, lists: true},
		{method: "HEAD", action: "HeadBucket", run: (*call).headBucket},
		{method: "PUT", action: "PutBucket"},
		{method: "DELETE", action: "DeleteBucket"},
		{method: "GET", sub: "uploads", action: "ListMultipartUploads", run: (*call).listUploads, lists: true},
		{method: "POST", sub: "delete", action: "DeleteObject", run: (*call).deleteObjects, each: true},
		{method: "POST", action: "PostObject", run: (*call).postObject, upload: true, typed: true, form: true},

		{method: "GET", object: true, action: "GetObject", run: (*call).getObject},
		{method: "HEAD", object: true, action: "HeadObject", run: (*call).getObject},
		{method: "PUT", object: true, action: "PutObject", run: (*call).putObject, upload: true, typed: true},
		{method: "DELETE", object: true, action: "DeleteObject", run: (*call).deleteObject},
		{method: "POST", object: true, sub: "uploads", action: "InitiateMultipartUpload", run: (*call).initiate, typed: true},
		{method: "PUT", object: true, sub: "uploadId", action: "UploadPart", run: (*call).uploadPart},
		{method: "GET", object: true, sub: "uploadId", action: "ListParts", run: (*call).listParts},
		{method: "POST", object: true, sub: "uploadId", action: "CompleteMultipartUpload", run: (*call).complete},
		{method: "DELETE", object: true, sub: "uploadId", action: "AbortMultipartUpload", run: (*call).abort},
		{method: "POST", object: true, sub: "append", action: "AppendObject"},
	}
	for i := range operations {
		operations[i].action = cosAction + operations[i].action
	}
}

// unbuilt are the operations that aren't built, by the query parameter that stands for them: with the method's verb in
// front, the name is their action's.
var unbuilt = map[bool]map[string]string{
	false: {
		"acl": "BucketACL", "cors": "BucketCORS", "lifecycle": "BucketLifecycle", "versioning": "BucketVersioning",
		"versions": "BucketObjectVersions", "tagging": "BucketTagging", "policy": "BucketPolicy", "location": "BucketLocation",
		"website": "BucketWebsite", "logging": "BucketLogging", "replication": "BucketReplication", "referer": "BucketReferer",
		"domain": "BucketDomain", "encryption": "BucketEncryption", "inventory": "BucketInventory", "accelerate": "BucketAccelerate",
		"origin": "BucketOrigin", "intelligenttiering": "BucketIntelligentTiering", "object-lock": "BucketObjectLockConfiguration",
	},
	true: {
		"acl": "ObjectACL", "tagging": "ObjectTagging", "restore": "ObjectRestore", "retention": "ObjectRetention",
		"symlink": "Symlink", "select": "ObjectSelect", "versionId": "Object", "ci-process": "Object", "image_process": "Object",
	},
}

var verbs = map[string]string{"GET": "Get", "HEAD": "Head", "PUT": "Put", "POST": "Post", "DELETE": "Delete"}

// find takes the request for one operation, and never for a plain one when it asks for something else.
func find(method string, object bool, query map[string]string) (operation, *failure) {
	sub, rest := "", operation{}
	for name := range query {
		noun, unbuilt := unbuilt[object][name]
		if !unbuilt && !isSub(object, name) {
			continue
		}
		if sub != "" {
			return operation{}, fail("InvalidArgument", "The query asks for two things at once.")
		}
		sub = name
		if unbuilt {
			rest = operation{method: method, object: object, sub: sub, action: cosAction + verbs[method] + noun}
		}
	}
	for _, op := range operations {
		if op.method == method && op.object == object && op.sub == sub {
			return op, nil
		}
	}
	if rest.action != "" && verbs[method] != "" {
		return rest, nil
	}
	return operation{}, fail("MethodNotAllowed", "The specified method is not allowed against this resource.")
}

func isSub(object bool, name string) bool {
	if name == "" {
		return false
	}
	for _, op := range operations {
		if op.object == object && op.sub == name {
			return true
		}
	}
	return false
}
