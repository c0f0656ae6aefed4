package cos

import (
	"net"
	"strconv"
	"time"

	"cos-credentials/test/cam"
)

// authorize holds the request to the policy of its key.
func (x *call) authorize() *failure {
	if x.op.each {
		return nil
	}
	for _, object := range x.objects() {
		if !x.may(x.op.action, object) {
			return denied()
		}
	}
	return nil
}

// objects are the resources that a policy must name for the operation, without the bucket. Sources disagree on which one
// a listing is held to, the bucket itself or the prefix in it: it needs both here, so a policy that passes is right either way.
func (x *call) objects() []string {
	switch {
	case x.form != nil:
		return []string{x.form.key}
	case x.op.sub == "uploads" && !x.op.object:
		return []string{x.query["prefix"]}
	case x.op.lists:
		return []string{"", x.query["prefix"]}
	}
	return []string{x.key}
}

func (x *call) may(action, object string) bool {
	return x.policy.Allows(cam.Request{
		Action:   action,
		Resource: "qcs::cos:" + x.Region + ":uid/" + x.appID + ":" + x.Bucket + "/" + object,
		Context:  x.context(),
	})
}

// context is what conditions can look at. A key that the operation doesn't carry is absent, so that a condition on it
// refuses. https://cloud.tencent.com/document/product/436/71306
func (x *call) context() map[string][]string {
	address, _, err := net.SplitHostPort(x.r.RemoteAddr)
	if err != nil {
		address = x.r.RemoteAddr
	}
	out := map[string][]string{
		"qcs:ip":               {address},
		"qcs:current_time":     {x.Now().UTC().Format(time.RFC3339)},
		"cos:secure-transport": {strconv.FormatBool(x.r.TLS != nil)},
	}
	set := func(name, value string) {
		if value != "" {
			out[name] = []string{value}
		}
	}
	header := x.r.Header.Get
	if x.form != nil { // the fields stand for the headers; the length is the whole form's
		header = func(name string) string { return x.form.header(name) }
	}
	if x.op.upload {
		out["cos:content-length"] = []string{strconv.FormatInt(x.r.ContentLength, 10)}
		set("cos:x-cos-acl", header("x-cos-acl"))
		set("cos:x-cos-storage-class", header("x-cos-storage-class"))
	}
	if x.op.typed {
		set("cos:content-type", header("Content-Type"))
	}
	if prefix, sent := x.query["prefix"]; sent && x.op.lists {
		out["cos:prefix"] = []string{prefix}
	}
	return out
}
