package cos

import (
	"net"
	"strconv"
	"strings"
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

// objects are the resources that a policy must name for the operation, without the bucket. Sources disagree on which
// one a listing is held to, the bucket itself or the prefix in it: it needs both here, so a policy that passes is right
// either way.
func (x *call) objects() []string {
	switch {
	case x.form != nil:
		return []string{x.form.key}
	case x.op.lists && x.op.sub == "uploads":
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
		"qcs:current_time":     {x.now().UTC().Format(time.RFC3339)},
		"cos:secure-transport": {strconv.FormatBool(x.r.TLS != nil)},
	}
	for _, name := range x.op.carries {
		if value := x.said(name); value != "" {
			out["cos:"+strings.ToLower(name)] = []string{value}
		}
	}
	if prefix, sent := x.query["prefix"]; sent && x.op.lists {
		out["cos:prefix"] = []string{prefix}
	}
	return out
}

// said is what the upload says of its object: in its headers, or in a form's fields, which stand for them.
func (x *call) said(name string) string {
	switch {
	case name == "Content-Length": // of a form too, where it is the whole form's
		return strconv.FormatInt(x.r.ContentLength, 10)
	case x.form != nil:
		return x.form.header(name)
	}
	return x.r.Header.Get(name)
}
