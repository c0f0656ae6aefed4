package smoke

import (
	"encoding/xml"
	"maps"
	"strings"
)

// verb is one thing to do with an object or a bucket, by CAM's name for it.
type verb struct {
	action string
	words  string // with %s for the object
	op     func(place) operation
}

// place is where a verb is tried.
type place struct {
	folder   string // users/alice/
	key      string // of an object in it
	uploadID string // of a multipart upload of that object
	kind     string // a content type that the grant takes

	headers map[string]string // that the answer says to send with an upload
}

// upload is the header of an upload that writes the object at once.
func (p place) upload() map[string]string {
	header := map[string]string{"Content-Type": p.kind}
	maps.Copy(header, p.headers)
	return header
}

const content = "written by smoke"

// verbs is every verb that reaches an object or a list of them, in an order in which each finds what the one before
// left. What would change a bucket as a whole is not here: if it were open, trying it would be the damage.
var verbs = []verb{
	{"PutObject", "write %s", func(p place) operation {
		return operation{method: "PUT", key: p.key, body: content, header: p.upload()}
	}},
	{"GetObject", "read %s", func(p place) operation { return operation{method: "GET", key: p.key} }},
	{"HeadObject", "look at %s", func(p place) operation { return operation{method: "HEAD", key: p.key} }},
	{"GetBucket", "list the folder of %s", func(p place) operation {
		return operation{method: "GET", query: map[string]string{"prefix": p.folder}}
	}},
	{"GetBucketObjectVersions", "list the versions of %s", func(p place) operation {
		return operation{method: "GET", query: map[string]string{"versions": "", "prefix": p.folder}}
	}},
	{"GetObjectACL", "read the access list of %s", func(p place) operation {
		return operation{method: "GET", key: p.key, query: map[string]string{"acl": ""}}
	}},
	{"PutObjectACL", "open %s to everybody", func(p place) operation {
		return operation{method: "PUT", key: p.key, query: map[string]string{"acl": ""},
			header: map[string]string{"x-cos-acl": "public-read"}}
	}},
	{"PutObjectTagging", "tag %s", func(p place) operation {
		return operation{method: "PUT", key: p.key, query: map[string]string{"tagging": ""},
			body: "<Tagging><TagSet><Tag><Key>smoke</Key><Value>1</Value></Tag></TagSet></Tagging>"}
	}},
	{"AppendObject", "append to %s", func(p place) operation {
		return operation{method: "POST", key: p.key, body: content,
			query: map[string]string{"append": "", "position": "0"}}
	}},
	{"InitiateMultipartUpload", "begin an upload in parts of %s", func(p place) operation {
		return operation{method: "POST", key: p.key, query: map[string]string{"uploads": ""},
			header: map[string]string{"Content-Type": p.kind}}
	}},
	{"UploadPart", "upload a part of %s", func(p place) operation {
		return operation{method: "PUT", key: p.key, body: content,
			query: map[string]string{"partNumber": "1", "uploadId": p.uploadID}}
	}},
	{"ListParts", "list the parts of %s", func(p place) operation {
		return operation{method: "GET", key: p.key, query: map[string]string{"uploadId": p.uploadID}}
	}},
	{"AbortMultipartUpload", "break off an upload of %s", func(p place) operation {
		return operation{method: "DELETE", key: p.key, query: map[string]string{"uploadId": p.uploadID}}
	}},
	{"PostObject", "upload %s by a form", func(p place) operation {
		return operation{form: true, key: p.key, body: content, header: map[string]string{"Content-Type": p.kind}}
	}},
	{"DeleteObject", "delete %s", func(p place) operation { return operation{method: "DELETE", key: p.key} }},
}

// writes tells the verbs that make an object at once.
func (v verb) writes() bool {
	return v.action == "PutObject" || v.action == "PostObject" || v.action == "AppendObject"
}

// uploadID reads the answer of InitiateMultipartUpload.
func uploadID(body []byte) string {
	var initiated struct {
		UploadID string `xml:"UploadId"`
	}
	xml.Unmarshal(body, &initiated)
	return strings.TrimSpace(initiated.UploadID)
}

func (v verb) to(what string) string { return strings.Replace(v.words, "%s", what, 1) }
