package cos

import (
	"bytes"
	"crypto/md5"
	"encoding/xml"
	"io"
	"net/http"
)

type (
	deleteRequest struct {
		XMLName xml.Name `xml:"Delete"`
		Quiet   bool
		Object  []struct {
			Key       string
			VersionID string `xml:"VersionId"`
		}
	}
	deleteResult struct {
		XMLName xml.Name `xml:"DeleteResult"`
		Deleted []deletedKey
		Error   []keyError
	}
	deletedKey struct{ Key string }
	keyError   struct{ Key, Code, Message string }
)

const mostDeleted = 1000

// deleteObjects holds each key to the policy on its own: one that is refused doesn't stop the others.
func (x *call) deleteObjects() *failure {
	if x.r.Header.Get("Content-MD5") == "" {
		return fail("InvalidRequest", "Missing required header for this request: Content-MD5.")
	}
	var in deleteRequest
	if bad := x.readXML(&in); bad != nil {
		return bad
	}
	if len(in.Object) == 0 || len(in.Object) > mostDeleted {
		return fail("MalformedXML", "The XML must name 1 to %d objects.", mostDeleted)
	}
	var out deleteResult
	for _, o := range in.Object {
		bad := checkKey(o.Key)
		switch {
		case bad != nil:
		case !x.may(x.op.action, o.Key):
			bad = denied()
		case o.VersionID != "" && o.VersionID != "null":
			bad = fail("NotImplemented", "This COS is a small one, for tests: versions are not built.")
		}
		if bad != nil {
			x.record.Code = bad.code
			out.Error = append(out.Error, keyError{o.Key, bad.code, bad.message})
			continue
		}
		x.store.delete(o.Key)
		if !in.Quiet {
			out.Deleted = append(out.Deleted, deletedKey{o.Key})
		}
	}
	x.xml(http.StatusOK, out)
	return nil
}

// readXML reads a body that is a document, and what Content-MD5 says of it.
func (x *call) readXML(into any) *failure {
	want, bad := contentMD5(x.r.Header.Get("Content-MD5"))
	if bad != nil {
		return bad
	}
	body, err := io.ReadAll(io.LimitReader(x.r.Body, mostXML+1))
	switch {
	case err != nil:
		return fail("IncompleteBody", "The body ended too early.")
	case len(body) > mostXML:
		return fail("MalformedXML", "The XML is longer than %d bytes.", mostXML)
	}
	if sum := md5.Sum(body); want != nil && !bytes.Equal(want, sum[:]) {
		return fail("BadDigest", "The Content-MD5 you specified did not match what we received.")
	}
	if err := xml.Unmarshal(body, into); err != nil {
		return fail("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema.")
	}
	return nil
}
