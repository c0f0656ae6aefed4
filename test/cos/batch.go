package cos

import (
	"bytes"
	"crypto/md5"
	"encoding/xml"
	"io"
	"net/http"
)

type (
	deletion struct {
		XMLName xml.Name `xml:"Delete"`
		Quiet   bool
		Object  []struct{ Key, VersionId string }
	}
	deleted struct {
		Deleted []struct{ Key string }
		Error   []struct{ Key, Code, Message string }
	}
)

const mostDeleted = 1000

// deleteObjects holds each key to the policy on its own: one that is refused doesn't stop the others.
func (x *call) deleteObjects() *failure {
	if x.r.Header.Get("Content-MD5") == "" {
		return fail("InvalidRequest", "Missing required header for this request: Content-MD5.")
	}
	var in deletion
	if bad := x.readXML(&in); bad != nil {
		return bad
	}
	if len(in.Object) == 0 || len(in.Object) > mostDeleted {
		return fail("MalformedXML", "The XML must name 1 to %d objects.", mostDeleted)
	}
	var out deleted
	for _, o := range in.Object {
		bad := checkKey(o.Key)
		switch {
		case bad != nil:
		case !x.may(x.op.action, o.Key):
			bad = denied()
		case o.VersionId != "" && o.VersionId != "null":
			bad = notBuilt("a version")
		default:
			bad = x.store.put(o.Key, nil, false)
		}
		if bad != nil {
			x.record.Code = bad.code
			out.Error = append(out.Error, struct{ Key, Code, Message string }{o.Key, bad.code, bad.message})
			continue
		}
		if !in.Quiet {
			out.Deleted = append(out.Deleted, struct{ Key string }{o.Key})
		}
	}
	x.xml(http.StatusOK, "DeleteResult", out)
	return nil
}

// readXML reads a body that is a document, and what Content-MD5 says of it.
func (x *call) readXML(into any) *failure {
	want, bad := contentMD5(x.r.Header.Get("Content-MD5"))
	if bad != nil {
		return bad
	}
	body, err := io.ReadAll(io.LimitReader(x.r.Body, mostXML+1))
	sum := md5.Sum(body)
	switch {
	case err != nil:
		return fail("IncompleteBody", "The body ended too early.")
	case len(body) > mostXML:
		return fail("MalformedXML", "The XML is longer than %d bytes.", mostXML)
	case want != nil && !bytes.Equal(want, sum[:]):
		return fail("BadDigest", "The Content-MD5 you specified did not match what we received.")
	case xml.Unmarshal(body, into) != nil:
		return fail("MalformedXML", "The XML you provided was not well-formed, or not the document that this needs.")
	}
	return nil
}
