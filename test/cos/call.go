package cos

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
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
}

func (c *COS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	seen := &statusWriter{ResponseWriter: w}
	now := c.Now()
	x := &call{COS: c, w: seen, r: r, record: Record{Time: now, Method: r.Method, RequestID: requestID()}}
	h := w.Header()
	h.Set("Server", "tencent-cos")
	h.Set("Date", now.UTC().Format(http.TimeFormat))
	h.Set("x-cos-request-id", x.record.RequestID)
	defer func() { // a fault may end the connection by a panic, as net/http has it
		x.record.Status = seen.status
		c.history.remember(x.record)
	}()
	var bad *failure
	if allowed := x.cors(); r.Method == http.MethodOptions {
		bad = x.preflight(allowed)
	} else {
		bad = x.answer()
	}
	if bad != nil {
		x.refuse(bad)
	}
}

// answer is the whole way of a request: what it is, who signed it, whether the key's policy lets it through. Only then
// is an object touched.
func (x *call) answer() *failure {
	if bad := x.read(); bad != nil {
		return bad
	}
	if bad := x.authenticate(); bad != nil {
		return bad
	}
	if bad := x.authorize(); bad != nil {
		return bad
	}
	if x.op.run == nil {
		return fail("NotImplemented", "This COS is a small one, for tests: %s is not built.", x.op.action)
	}
	if fault := x.history.choose(x.record); fault != nil {
		x.record.Fault = fault
		return x.play(fault)
	}
	return x.op.run(x)
}

// read finds the operation and the key.
func (x *call) read() (bad *failure) {
	if !x.isHost(x.r.Host) {
		return fail("NoSuchBucket", "The specified bucket does not exist.")
	}
	if x.query, bad = parseQuery(x.r.URL.RawQuery); bad != nil {
		return bad
	}
	path := x.r.URL.Path
	if !strings.HasPrefix(path, "/") {
		return fail("InvalidURI", "The path must begin with a slash.")
	}
	x.key = path[1:]
	x.record.Key = x.key
	if x.key != "" {
		if bad := checkKey(x.key); bad != nil {
			return bad
		}
	}
	x.op, bad = find(x.r.Method, x.key != "", x.query)
	x.record.Action = x.op.action
	if bad == nil && x.op.form {
		x.form, bad = x.readForm()
	}
	return bad
}

// isHost: this machine, at whatever port, or the bucket's own name in the cloud.
func (x *call) isHost(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	if ip := net.ParseIP(strings.Trim(name, "[]")); ip != nil {
		return ip.IsLoopback()
	}
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || name == x.domain()
}

// domain is the bucket's host in the cloud.
func (c *COS) domain() string { return c.Bucket + ".cos." + c.Region + ".myqcloud.com" }

// parseQuery is stricter than net/url where it matters, a name that is there twice, and laxer where the SDKs need it: a
// signed URL has semicolons in q-sign-time.
func parseQuery(raw string) (map[string]string, *failure) {
	out := map[string]string{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return nil, fail("InvalidURI", "The query can't be decoded.")
		}
		if _, twice := out[name]; twice {
			return nil, fail("InvalidArgument", "A query parameter is there twice.")
		}
		out[name] = value
	}
	return out, nil
}

const longestKey = 850

// checkKey: https://cloud.tencent.com/document/product/436/13324
func checkKey(key string) *failure {
	switch {
	case len(key) > longestKey:
		return fail("KeyTooLong", "The key is longer than %d bytes.", longestKey)
	case key == "" || key[0] == '/' || key[0] == '\\':
		return fail("InvalidURI", "A key can't be empty, or begin with a slash or a backslash.")
	case slices.ContainsFunc(strings.Split(key, "/"), func(s string) bool { return s == "." || s == ".." }):
		return fail("InvalidURI", "A key can't have the segments . and .. in it: browsers resolve them, and sign another path than they send.")
	case !utf8.ValidString(key):
		return fail("InvalidURI", "A key is UTF-8.")
	case strings.ContainsAny(key, "\x00\x18\x19\x1a\x1b"):
		return fail("InvalidURI", "A key can't have the characters NUL, CAN, EM, SUB and ESC.")
	}
	return nil
}

// statusWriter remembers what the client got to see.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

const isoTime = "2006-01-02T15:04:05.000Z"

func iso(t time.Time) string { return t.UTC().Format(isoTime) }
