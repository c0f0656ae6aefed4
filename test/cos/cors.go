package cos

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// exposed are the headers that a page may read. Without ETag no browser can complete a multipart upload.
const exposed = "ETag, Date, Content-Length, Content-Range, Content-Disposition, Last-Modified, Location, " +
	"Accept-Ranges, x-cos-request-id, x-cos-hash-crc64ecma, x-cos-storage-class"

const corsMethods = "GET, PUT, POST, DELETE, HEAD"

// localOrigin is the origin of a page on this machine, on any port.
var localOrigin = regexp.MustCompile(`^http://(localhost|127\.0\.0\.1)(:\d+)?$`)

// cors lets a page of an allowed origin read every answer, a refusal too. It reports whether it did.
func (x *call) cors() bool {
	h, origin := x.w.Header(), x.r.Header.Get("Origin")
	h.Add("Vary", "Origin")
	if !localOrigin.MatchString(origin) {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", exposed)
	return true
}

// preflight answers a browser's question before the real request. It carries no signature and no key.
func (x *call) preflight(allowed bool) *failure {
	method := x.r.Header.Get("Access-Control-Request-Method")
	if !allowed || !slices.Contains(strings.Split(corsMethods, ", "), method) {
		return fail("AccessForbidden", "CORSResponse: This CORS request is not allowed.")
	}
	h := x.w.Header()
	h.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
	h.Set("Access-Control-Allow-Methods", corsMethods)
	h.Set("Access-Control-Allow-Headers", x.r.Header.Get("Access-Control-Request-Headers"))
	h.Set("Access-Control-Max-Age", "600")
	x.w.WriteHeader(http.StatusOK)
	return nil
}
