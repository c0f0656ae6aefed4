package cos

import (
	"crypto/rand"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"cos-credentials/test/cam"
	"cos-credentials/test/sts"
)

// call is one request on its way.
type call struct {
	*COS
	w      http.ResponseWriter
	r      *http.Request
	query  map[string]string
	key    string // of the object; "" for the bucket
	op     operation
	form   *form // of POST Object
	grant  sts.Grant
	policy cam.Policy
	record Record

	anonymous bool // nobody signed it
}

func (c *COS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	seen := &statusWriter{ResponseWriter: w}
	now := c.now()
	x := &call{COS: c, w: seen, r: r, record: Record{Time: now, Method: r.Method, RequestID: rand.Text()}}
	h := w.Header()
	h.Set("Server", "tencent-cos")
	h.Set("Date", now.UTC().Format(http.TimeFormat))
	h.Set("x-cos-request-id", x.record.RequestID)
	var bad *failure
	if allowed := x.cors(); r.Method == http.MethodOptions {
		bad = x.preflight(allowed)
	} else {
		bad = x.answer()
	}
	if bad != nil {
		x.refuse(bad)
	}
	x.record.Status = seen.status
	c.history.remember(x.record)
}

// answer is the whole way of a request: what it is, who signed it, whether the key's policy lets it through. Only then
// is an object touched.
func (x *call) answer() *failure {
	for _, step := range []func() *failure{x.read, x.authenticate, x.authorize} {
		if bad := step(); bad != nil {
			return bad
		}
	}
	if x.op.run == nil {
		return notBuilt(x.op.action)
	}
	for _, name := range x.op.lacks {
		if x.query[name] != "" {
			return notBuilt("the parameter " + name)
		}
	}
	return x.run()
}

// read finds the operation and the key.
func (x *call) read() (bad *failure) {
	if !x.isHost(x.r.Host) {
		return noSuchBucket
	}
	if x.query, bad = parseQuery(x.r.URL.RawQuery); bad != nil {
		return bad
	}
	x.key = strings.TrimPrefix(x.r.URL.Path, "/")
	if bad = x.find(); bad == nil && x.op.form {
		bad = x.readForm()
	}
	x.record.Key = x.key
	if bad == nil && (x.key != "" || x.op.form) {
		bad = checkKey(x.key)
	}
	return bad
}

// isHost: this machine, at whatever port, or the bucket's own name in the cloud.
func (c *COS) isHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	return name == "localhost" || name == c.domain() || net.ParseIP(name).IsLoopback()
}

// parseQuery is stricter than net/url where it matters, a name that is there twice, and laxer where the SDKs need it: a
// signed URL has semicolons in q-sign-time.
func parseQuery(raw string) (map[string]string, *failure) {
	values, err := url.ParseQuery(strings.ReplaceAll(raw, ";", "%3B"))
	if err != nil {
		return nil, fail("InvalidURI", "The query can't be decoded.")
	}
	out := map[string]string{}
	for name, all := range values {
		if len(all) > 1 {
			return nil, fail("InvalidArgument", "A query parameter is there twice.")
		}
		out[name] = all[0]
	}
	return out, nil
}

const longestKey = 850

// checkKey: https://cloud.tencent.com/document/product/436/13324
func checkKey(key string) *failure {
	dots := func(segment string) bool { return segment == "." || segment == ".." }
	switch {
	case len(key) > longestKey:
		return fail("KeyTooLong", "The key is longer than %d bytes.", longestKey)
	case key == "" || key[0] == '/' || key[0] == '\\':
		return fail("InvalidURI", "A key can't be empty, or begin with a slash or a backslash.")
	case !utf8.ValidString(key) || strings.ContainsAny(key, "\x00\x18\x19\x1a\x1b"):
		return fail("InvalidURI", "A key is UTF-8, without the characters NUL, CAN, EM, SUB and ESC.")
	case slices.ContainsFunc(strings.Split(key, "/"), dots): // browsers resolve them, and sign another path than they send
		return fail("InvalidURI", "A key can't have the segments . and .. in it.")
	}
	return nil
}

// statusWriter remembers what the client got to see; every answer says its status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}
