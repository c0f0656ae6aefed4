package cos

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// failure is an error as COS answers it. https://cloud.tencent.com/document/product/436/7730
type failure struct {
	status        int
	code, message string
	clock         bool // the client's clock may be the reason: the answer carries this one's time, which SDKs set theirs by
}

var statuses = map[string]int{
	"NotModified":           http.StatusNotModified,
	"BadDigest":             http.StatusBadRequest,
	"EntityTooLarge":        http.StatusBadRequest,
	"EntityTooSmall":        http.StatusBadRequest,
	"IncompleteBody":        http.StatusBadRequest,
	"InvalidArgument":       http.StatusBadRequest,
	"InvalidDigest":         http.StatusBadRequest,
	"InvalidPart":           http.StatusBadRequest,
	"InvalidPartOrder":      http.StatusBadRequest,
	"InvalidRequest":        http.StatusBadRequest,
	"InvalidURI":            http.StatusBadRequest,
	"KeyTooLong":            http.StatusBadRequest,
	"MalformedPOSTRequest":  http.StatusBadRequest,
	"MalformedXML":          http.StatusBadRequest,
	"MetadataTooLarge":      http.StatusBadRequest,
	"AccessDenied":          http.StatusForbidden,
	"AccessForbidden":       http.StatusForbidden,
	"InvalidAccessKeyId":    http.StatusForbidden,
	"RequestTimeTooSkewed":  http.StatusForbidden,
	"SignatureDoesNotMatch": http.StatusForbidden,
	"NoSuchBucket":          http.StatusNotFound,
	"NoSuchKey":             http.StatusNotFound,
	"NoSuchUpload":          http.StatusNotFound,
	"MethodNotAllowed":      http.StatusMethodNotAllowed,
	"MissingContentLength":  http.StatusLengthRequired,
	"PreconditionFailed":    http.StatusPreconditionFailed,
	"InvalidRange":          http.StatusRequestedRangeNotSatisfiable,
	"InternalError":         http.StatusInternalServerError,
	"NotImplemented":        http.StatusNotImplemented,
	"SlowDown":              http.StatusServiceUnavailable,
}

func fail(code, format string, args ...any) *failure {
	status := statuses[code]
	if status == 0 {
		status = http.StatusInternalServerError
	}
	return &failure{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

func denied() *failure { return fail("AccessDenied", "Access Denied.") }

// mostDrained is how much of a refused upload is read on, so that its sender gets to see the refusal: a browser reports a
// connection that is closed while it sends as a network error.
const mostDrained = 64 << 20

func (x *call) refuse(f *failure) {
	if x.r.Header.Get("Expect") == "" {
		io.Copy(io.Discard, io.LimitReader(x.r.Body, mostDrained))
	}
	x.record.Code = f.code
	if f.status == http.StatusNotModified {
		x.w.WriteHeader(f.status)
		return
	}
	body := xmlError{
		Code: f.code, Message: f.message, Resource: x.r.Host + x.r.URL.EscapedPath(),
		RequestID: x.record.RequestID, TraceID: x.record.RequestID,
	}
	if f.clock {
		body.ServerTime = x.Now().UTC().Format(time.RFC3339)
	}
	x.xml(f.status, body)
}

type xmlError struct {
	XMLName    xml.Name `xml:"Error"`
	Code       string
	Message    string
	Resource   string
	RequestID  string `xml:"RequestId"`
	TraceID    string `xml:"TraceId"`
	ServerTime string `xml:",omitempty"`
}

// xml answers with a document. It is made before the first byte goes out, so that its length is known.
func (x *call) xml(status int, document any) {
	body, err := xml.Marshal(document)
	if err != nil {
		status, body = http.StatusInternalServerError, nil
	}
	body = append([]byte("<?xml version='1.0' encoding='utf-8' ?>\n"), body...)
	x.w.Header().Set("Content-Type", "application/xml")
	x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	x.w.WriteHeader(status)
	if x.r.Method != http.MethodHead {
		x.w.Write(body)
	}
}
