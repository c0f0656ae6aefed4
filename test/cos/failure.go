package cos

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// failure is an error as COS answers it. https://cloud.tencent.com/document/product/436/7730
type failure struct {
	status        int
	code, message string
	clock         bool // the client's may be the reason: the answer carries this one's time, which SDKs set theirs by
}

// codes are COS's, by the status that they come with; any other is a 500.
var codes = map[int]string{
	http.StatusBadRequest: `BadDigest EntityTooLarge EntityTooSmall IncompleteBody InvalidArgument InvalidDigest
		InvalidPart InvalidPartOrder InvalidRequest InvalidURI KeyTooLong MalformedPOSTRequest MalformedXML`,
	http.StatusForbidden: `AccessDenied AccessForbidden InvalidAccessKeyId InvalidObjectState SignatureDoesNotMatch`,

	http.StatusNotFound:                     "NoSuchBucket NoSuchKey NoSuchUpload",
	http.StatusMethodNotAllowed:             "MethodNotAllowed",
	http.StatusConflict:                     "FileAlreadyExists",
	http.StatusLengthRequired:               "MissingContentLength",
	http.StatusRequestedRangeNotSatisfiable: "InvalidRange",
	http.StatusNotImplemented:               "NotImplemented",
	http.StatusServiceUnavailable:           "SlowDown",
}

func fail(code, format string, args ...any) *failure {
	f := &failure{status: http.StatusInternalServerError, code: code, message: fmt.Sprintf(format, args...)}
	for status, names := range codes {
		if slices.Contains(strings.Fields(names), code) {
			f.status = status
		}
	}
	return f
}

// The refusals that several operations have.
var (
	denied       = fail("AccessDenied", "Access Denied.")
	exists       = fail("FileAlreadyExists", "There is an object of this key, and it may not be replaced.")
	invalidState = fail("InvalidObjectState", "The object's storage class does not allow it: restore it first.")
	noSuchBucket = fail("NoSuchBucket", "The specified bucket does not exist.")
	noSuchKey    = fail("NoSuchKey", "The specified key does not exist.")
	noSuchUpload = fail("NoSuchUpload", "The specified multipart upload does not exist.")
)

func notBuilt(what string) *failure {
	return fail("NotImplemented", "This COS is a small one, for tests: %s is not built.", what)
}

// mostDrained is how much of a refused upload is read on, so that its sender gets to see the refusal: a browser reports
// a connection that is closed while it sends as a network error.
const mostDrained = 64 << 20

func (x *call) refuse(f *failure) {
	if x.r.Header.Get("Expect") == "" {
		io.Copy(io.Discard, io.LimitReader(x.r.Body, mostDrained))
	}
	x.record.Code = f.code
	body := xmlError{
		Code: f.code, Message: f.message, Resource: x.r.Host + x.r.URL.EscapedPath(),
		RequestID: x.record.RequestID, TraceID: x.record.RequestID,
	}
	if f.clock {
		body.ServerTime = x.now().UTC().Format(time.RFC3339)
	}
	x.xml(f.status, "Error", body)
}

type xmlError struct {
	Code, Message, Resource string
	RequestID               string `xml:"RequestId"`
	TraceID                 string `xml:"TraceId"`
	ServerTime              string `xml:",omitempty"`
}

// xml answers with a document. It is made before the first byte goes out, so that its length is known.
func (x *call) xml(status int, root string, document any) {
	var body strings.Builder
	body.WriteString("<?xml version='1.0' encoding='utf-8' ?>\n")
	// Texts and numbers can't fail, nor can a strings.Builder.
	xml.NewEncoder(&body).EncodeElement(document, xml.StartElement{Name: xml.Name{Local: root}})
	x.w.Header().Set("Content-Type", "application/xml")
	x.w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	x.w.WriteHeader(status)
	io.WriteString(x.w, body.String()) // net/http sends none of it in answer to HEAD
}
