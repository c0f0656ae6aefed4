package cos

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// exposed are the headers that a page may read. Without ETag no browser can complete a multipart upload.
const exposed = "ETag, Date, Content-Length, Content-Range, Content-Disposition, Last-Modified, Location, Accept-Ranges, x-cos-request-id, x-cos-hash-crc64ecma, x-cos-storage-class"

// isLocal is the origin of a page on this machine, on any port.
func isLocal(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Scheme == "http" && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1") && origin == "http://"+u.Host
}

// cors lets a page of an allowed origin read every answer, a refusal too. It reports whether it did.
func (x *call) cors() bool {
	h, origin := x.w.Header(), x.r.Header.Get("Origin")
	h.Add("Vary", "Origin")
	if origin == "" || !x.Origin(origin) {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", exposed)
	return true
}

const corsMethods = "GET, PUT, POST, DELETE, HEAD"

// preflight answers a browser's question before the real request. It carries no signature and no key.
func (x *call) preflight(allowed bool) *failure {
	method := x.r.Header.Get("Access-Control-Request-Method")
	if !allowed || !slices.Contains(strings.Split(corsMethods, ", "), method) {
		return fail("AccessForbidden", "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.")
	}
	h := x.w.Header()
	h.Add("Vary", "Access-Control-Request-Method")
	h.Add("Vary", "Access-Control-Request-Headers")
	h.Set("Access-Control-Allow-Methods", corsMethods)
	if names := x.r.Header.Get("Access-Control-Request-Headers"); names != "" {
		h.Set("Access-Control-Allow-Headers", names)
	}
	h.Set("Access-Control-Max-Age", "600")
	x.w.WriteHeader(http.StatusOK)
	return nil
}
