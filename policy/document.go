package policy

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"

	sts "github.com/tencentyun/qcloud-cos-sts-sdk/go"
)

// maxDocument is the most characters that a CAM policy may have, white space not counted.
// https://cloud.tencent.com/document/product/598/10604
const maxDocument = 6144

// Document writes the entitlement as a CAM policy: one statement for each purpose, always the same bytes for the same
// entitlement. The error is a [*Refusal].
func (e *Entitlement) Document() (*sts.CredentialPolicy, error) {
	if len(e.Prefixes) == 0 || len(e.actions) == 0 || e.Bucket == "" || e.Region == "" {
		return nil, refuse(NotEntitled, "the grant opens nothing")
	}
	objects := make([]string, len(e.Prefixes))
	for i, p := range e.Prefixes {
		objects[i] = e.resource(p)
	}
	doc := &sts.CredentialPolicy{Version: "2.0"}
	for p := range purposes {
		allowed := e.purpose(p)
		if len(allowed) == 0 {
			continue
		}
		resources, conditions := objects, e.limits.every
		switch p {
		case single:
			conditions = e.limits.upload()
		case list:
			resources = []string{e.resource(""), e.resource("*")}
			var opens bool
			if conditions, opens = e.limits.listing(e.Prefixes); !opens {
				continue
			}
		}
		doc.Statement = append(doc.Statement, sts.CredentialPolicyStatement{
			Action: allowed, Effect: "allow", Resource: resources, Condition: conditions,
		})
	}
	if len(doc.Statement) == 0 {
		return nil, refuse(NotEntitled, "the grant opens nothing")
	}
	if n := size(doc); n > maxDocument {
		return nil, refuse(IdentityNotUsable, "the policy of grant %s would have %d characters, and CAM takes %d: give the grant fewer or shorter prefixes", e.Grant, n, maxDocument)
	}
	return doc, nil
}

// resource names objects in CAM's six-segment form.
// https://cloud.tencent.com/document/product/598/10606
func (e *Entitlement) resource(key string) string {
	return "qcs::cos:" + e.Region + ":uid/" + appID(e.Bucket) + ":" + e.Bucket + "/" + key
}

// purpose picks the actions of one statement. Where content types are limited, the request that begins a multipart upload
// stands with the single uploads: it carries the type of the whole object, and the later requests don't.
func (e *Entitlement) purpose(p purpose) []string {
	var out []string
	for _, a := range e.actions {
		of := purposeOf(a)
		if a == initiate && len(e.limits.contentTypes) > 0 {
			of = single
		}
		if of == p {
			out = append(out, a)
		}
	}
	return out
}

func (l limits) upload() condition {
	c := l.every
	if l.maxBytes > 0 {
		c = c.with("numeric_less_than_equal", "cos:content-length", l.maxBytes)
	}
	if len(l.contentTypes) > 0 {
		c = c.with("string_like", "cos:content-type", l.contentTypes)
	}
	return c
}

// listing holds GetBucket to the prefixes. Each is named twice, raw and URL-encoded, because sources disagree on which
// form COS compares; neither form opens a sibling. A prefix that is one object's key opens no listing: it would show
// every key that begins like it.
func (l limits) listing(prefixes []string) (condition, bool) {
	var values []string
	for _, p := range prefixes {
		stem, wildcard := strings.CutSuffix(p, "*")
		switch {
		case !wildcard:
			continue
		case stem == "":
			return l.every, true // everything: and a listing of everything names no prefix to compare
		}
		for _, v := range []string{p, encode(stem) + "*"} {
			if !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
	}
	if values == nil {
		return nil, false
	}
	return l.every.with("string_like", "cos:prefix", values), true
}

// encode is RFC 3986 percent-encoding, which the COS SDKs use for query values: unlike a form's, a space is %20.
func encode(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// size counts a document's characters as CAM does.
func size(doc *sts.CredentialPolicy) (n int) {
	text, _ := json.Marshal(doc) // strings, numbers and booleans only: it can't fail
	for _, c := range string(text) {
		if !unicode.IsSpace(c) {
			n++
		}
	}
	return n
}
