package cos

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"cos-credentials/test/cam"
)

// authorize holds the request to the policy of its key.
func (x *call) authorize() *failure {
	if bad := x.checkForbidsOverwrite(); bad != nil {
		return bad
	}
	switch {
	case x.anonymous && x.op.public && x.store.isPublic(x.key):
		return x.asItIs()
	case x.anonymous:
		return denied()
	case x.op.each:
		return nil
	}
	for _, object := range x.objects() {
		if !x.may(x.op.action, object) && !(x.copies() && x.may(cosAction+x.op.copies, object)) {
			return denied()
		}
	}
	return nil
}

// copies: sources disagree on the action of a copy's target, PutObject or PutObjectCopy. Either one is enough here, so
// that a policy which means to stop copies has to stop both.
func (x *call) copies() bool { return x.op.copies != "" && x.r.Header.Get(copySource) != "" }

// asItIs: whoever has no key can't say with which headers an object is given out.
func (x *call) asItIs() *failure {
	for name := range x.query {
		if strings.HasPrefix(name, "response-") { // the code is only believed
			return fail("InvalidRequest", "Request specific response headers cannot be used for anonymous GET requests.")
		}
	}
	return nil
}

func (x *call) forbidsOverwrite() bool { return x.r.Header.Get(forbidOverwrite) == "true" }

// checkForbidsOverwrite: a wish that isn't understood isn't ignored.
func (x *call) checkForbidsOverwrite() *failure {
	value := x.r.Header.Get(forbidOverwrite)
	switch {
	case value != "" && !slices.Contains(x.op.carries, forbidOverwrite):
		return notBuilt(forbidOverwrite + " here")
	case value != "" && value != "true" && value != "false":
		return fail("InvalidArgument", "x-cos-forbid-overwrite must be true or false.")
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
