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
	overwrite := x.said(forbidOverwrite)
	switch {
	case overwrite != "" && (x.form != nil || !slices.Contains(x.op.says, forbidOverwrite)):
		return notBuilt(forbidOverwrite + " here") // whether COS takes it from a form isn't known
	case !slices.Contains([]string{"", "true", "false"}, overwrite): // a wish that isn't understood isn't ignored
		return fail("InvalidArgument", "x-cos-forbid-overwrite must be true or false.")
	case x.anonymous && !(x.op.public && x.store.isPublic(x.key)):
		return denied
	case x.anonymous || x.op.each:
		return nil
	}
	for _, object := range x.objects() {
		if !x.may(x.op.action, object) && !(x.copies() && x.may(x.op.copies, object)) {
			return denied
		}
	}
	return nil
}

// copies: sources disagree on the action of a copy's target, PutObject or PutObjectCopy. Either one is enough here, so
// that a policy which means to stop copies has to stop both.
func (x *call) copies() bool { return x.op.copies != "" && x.r.Header.Get(copySource) != "" }

// objects are the resources that a policy must name for the operation, without the bucket. Sources disagree on which
// one a listing is held to, the bucket itself or the prefix in it: it needs both here, so a policy that passes is right
// either way.
func (x *call) objects() []string {
	switch {
	case x.op.sub == "uploads" && x.op.lists:
		return []string{x.query["prefix"]}
	case x.op.lists:
		return []string{"", x.query["prefix"]}
	}
	return []string{x.key}
}

func (x *call) may(action, object string) bool {
	return x.policy.Allows(cam.Request{
		Action:   cosAction + action,
		Resource: "qcs::cos:" + x.Region + ":uid/" + x.appID + ":" + x.Bucket + "/" + object,
		Context:  x.context(),
	})
}

// context is what conditions can look at. A key that the operation doesn't carry is absent, so that a condition on it
// refuses. https://cloud.tencent.com/document/product/436/71306
func (x *call) context() map[string][]string {
	address, _, _ := net.SplitHostPort(x.r.RemoteAddr)
	out := map[string][]string{
		"qcs:ip":               {address},
		"qcs:current_time":     {x.now().UTC().Format(time.RFC3339)},
		"cos:secure-transport": {strconv.FormatBool(x.r.TLS != nil)},
	}
	for _, name := range x.op.says {
		value := x.said(name)
		if name == "Content-Length" { // of a form too, where it is the whole form's
			value = strconv.FormatInt(x.r.ContentLength, 10)
		}
		if value != "" {
			out["cos:"+strings.ToLower(name)] = []string{value}
		}
	}
	if prefix, sent := x.query["prefix"]; sent && x.op.lists {
		out["cos:prefix"] = []string{prefix}
	}
	return out
}

// said is what the request says of its object: in a header, or in a form's field, which stands for one.
func (x *call) said(name string) string {
	if x.form == nil {
		return x.r.Header.Get(name)
	}
	if acl := x.form.fields["acl"]; acl != "" && name == cannedACL {
		return acl
	}
	return x.form.fields[strings.ToLower(name)]
}
