package cos

import (
	"encoding/xml"
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
			bad = denied
		case o.VersionId != "":
			bad = notBuilt("a version")
		default:
			x.store.remove(o.Key)
		}
		if bad != nil {
			x.record.Code = bad.code
			out.Error = append(out.Error, struct{ Key, Code, Message string }{o.Key, bad.code, bad.message})
		} else if !in.Quiet {
			out.Deleted = append(out.Deleted, struct{ Key string }{o.Key})
		}
	}
	x.xml(http.StatusOK, "DeleteResult", out)
	return nil
}

const mostXML = 4 << 20

// readXML reads a body that is a document.
func (x *call) readXML(into any) *failure {
	body, bad := x.readAll(x.r.Body, mostXML)
	if bad == nil && xml.Unmarshal(body, into) != nil {
		bad = fail("MalformedXML", "The XML you provided was not well-formed, or not the document that this needs.")
	}
	return bad
}
