// Package gateway translates between the platform's HTTP events and requests and answers.
//
// API Gateway and Function URLs send the same event, the latter without requestContext and isBase64Encoded:
//
//	{"httpMethod":"POST","path":"/credentials","headers":{…},"queryString":{…},"body":"…"}
//
// and take the same answer, {"statusCode":200,"headers":{…},"body":"…"}.
// https://cloud.tencent.com/document/product/583/12513 and /96099
package gateway

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"

	"cos-credentials/function/strictjson"
)

// Request is one HTTP request.
type Request struct {
	Method   string
	Resource string // the last segment of the path; "" is the root
	Origin   string
	Address  netip.Addr // the client's; the zero Addr when it is unknown

	asksToSend    string // by a preflight: names of headers
	authorization []string
	query         any
	body          string
	encoded       bool
}

// maxEvent is the longest event in bytes: far above what a request of 256 KiB needs, and below what would cost the
// instance's memory.
const maxEvent = 2 << 20

// eventLimits are far above what a gateway sends: an event has a hundred members at most.
var eventLimits = strictjson.Limits{Depth: 16, Members: 10000}

// member returns a member of a type; null counts as absent.
func member[T any](of map[string]any, name string) (value T, ok bool) {
	v := of[name]
	if v == nil {
		return value, true
	}
	value, ok = v.(T)
	return value, ok
}

const httpOnly = "this function answers HTTP requests of a Function URL or an API Gateway trigger."

// Parse reads an event. A member that is there twice is refused, because two readers could take one each. An odd byte
// in a header that nobody reads is not: browsers send what they like.
func Parse(payload []byte) (Request, *Error) {
	if len(payload) > maxEvent {
		tooLong := &Error{Code: RequestTooLarge, Message: "The request is longer than 2 MiB, as an event."}
		return Request{Origin: skimOrigin(payload)}, tooLong
	}
	if first := bytes.TrimLeft(payload, " \t\r\n"); len(first) == 0 || first[0] != '{' {
		return Request{}, invalidRequest("The event is not a JSON object: " + httpOnly)
	}
	event, err := strictjson.DecodeLenient(payload, eventLimits)
	if err != nil {
		refusal := invalidRequest("The event can't be read, or has a member twice: " + httpOnly)
		refusal.Reason = "the event: " + err.Error()
		return Request{Origin: skimOrigin(payload)}, refusal
	}
	ev, _ := event.(map[string]any)
	method, okMethod := member[string](ev, "httpMethod")
	path, okPath := member[string](ev, "path")
	body, okBody := member[string](ev, "body")
	headers, okHeaders := member[map[string]any](ev, "headers")
	source, okContext := member[map[string]any](ev, "requestContext")
	ip, okIP := member[string](source, "sourceIp")
	r := Request{Origin: onlyValue(headers, "origin")} // first: its page is to read a refusal too
	if !okMethod || !okPath || !okBody || !okHeaders || !okContext || !okIP {
		return r, invalidRequest("The event can't be read: " + httpOnly)
	}
	if method == "" || !strings.HasPrefix(path, "/") {
		return r, invalidRequest("The event has no httpMethod or path: " + httpOnly)
	}
	switch ev["isBase64Encoded"] {
	case true, "true":
		r.encoded = true
	case nil, false, "false", "":
	default:
		return r, invalidRequest("The event's isBase64Encoded is neither true nor false.")
	}
	r.Method, r.Resource, r.query, r.body = method, lastSegment(path), ev["queryString"], body
	r.authorization = headerValues(headers, "authorization")
	r.asksToSend = onlyValue(headers, "access-control-request-headers")
	// An API Gateway names the source itself, and whoever calls it could add the header: so the header counts only
	// where the event has no source, as with a Function URL.
	if source["sourceIp"] != nil {
		r.Address = parseAddress(ip)
	} else {
		r.Address = parseAddress(onlyValue(headers, "x-scf-remote-addr"))
	}
	return r, nil
}

func invalidRequest(message string) *Error { return &Error{Code: InvalidRequest, Message: message} }

// lastSegment is the last segment of a path, so that the function works under any base path. One final slash is
// ignored. It is "" for the path "/" only.
func lastSegment(path string) string {
	if path == "/" {
		return ""
	}
	path = strings.TrimSuffix(path, "/")
	if last := path[strings.LastIndexByte(path, '/')+1:]; last != "" {
		return last
	}
	return "/" // no resource is called so
}

// headerValues gathers the different values of a header, whatever the case of its name; a value may be a string or a
// list.
func headerValues(all map[string]any, name string) []string {
	var out []string
	for k, value := range all {
		if len(k) != len(name) || !strings.EqualFold(k, name) {
			continue
		}
		for _, v := range stringsOf(value) {
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	return out
}

// onlyValue is the value of a header, "" if it is absent or has several.
func onlyValue(all map[string]any, name string) string {
	if values := headerValues(all, name); len(values) == 1 {
		return values[0]
	}
	return ""
}

// stringsOf reads a string or a list of strings; anything else holds none.
func stringsOf(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		out := make([]string, len(value))
		for i, v := range value {
			var ok bool
			if out[i], ok = v.(string); !ok {
				return nil
			}
		}
		return out
	}
	return nil
}

// parseAddress reads an IP address with or without a port.
func parseAddress(s string) netip.Addr {
	if a, err := netip.ParseAddr(s); err == nil {
		return a.Unmap().WithZone("")
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}
