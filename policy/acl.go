package policy

import "cos-credentials/policy/strictyaml"

// publicACLs are the headers of an upload that open or give away the object which it makes: every canned ACL but
// private and default, and every header that grants a right to somebody. Each has a condition of its own, because a
// condition is met only by a request that meets all of its keys. They are met by value: an upload without the header
// is never touched.
//
// The canned ACLs of objects: https://cloud.tencent.com/document/product/436/30752 (public-read-write is for buckets,
// and some clients offer it for objects too). The grant headers, of which write is for buckets:
// https://cloud.tencent.com/document/product/436/7749.
var publicACLs = []condition{
	{"string_equal": {"cos:x-cos-acl": []string{
		"public-read", "public-read-write", "authenticated-read", "bucket-owner-read", "bucket-owner-full-control",
	}}},
	{"string_like": {"cos:x-cos-grant-read": "*"}},
	{"string_like": {"cos:x-cos-grant-write": "*"}},
	{"string_like": {"cos:x-cos-grant-read-acp": "*"}},
	{"string_like": {"cos:x-cos-grant-write-acp": "*"}},
	{"string_like": {"cos:x-cos-grant-full-control": "*"}},
}

// readObjectACL reads private, which is the default, or any.
func readObjectACL(r *reader, l *limits) func(strictyaml.Node) {
	return func(n strictyaml.Node) {
		var word string
		r.Matching(&word, func(s string) bool { return s == "private" || s == "any" }, "private or any")(n)
		l.anyACL = word == "any"
	}
}

// readOverwrite reads overwrite, whose default is true.
func readOverwrite(r *reader, l *limits) func(strictyaml.Node) {
	return func(n strictyaml.Node) {
		allowed := true
		r.Flag(&allowed)(n)
		l.forbidOverwrite = !allowed
	}
}
