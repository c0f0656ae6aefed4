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
	"encoding/base64"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"

	"cos-credentials/function/strictjson"
)

// MaxBody is the longest body in bytes, after base64 decoding.
const MaxBody = 256 << 10

// Request is one HTTP request.
type Request struct {
	Method   string
	Resource string // the last segment of the path; "" is the root
	Origin   string
	Address  netip.Addr // the client's; the zero Addr when it is unknown

	authorization []string
	query         any
	body          string
	encoded       bool
}

// eventLimits are far above what a gateway sends: an event has a hundred members at most.
var eventLimits = strictjson.Limits{Depth: 16, Members: 2000}

var eventMembers = []string{
	"httpMethod", "path", "headers", "queryString", "body", "isBase64Encoded", "requestContext",
}

// decode reads an event: first with strictjson, which takes a third of encoding/json's time. What that refuses is read
// again with encoding/json, because an odd header of some browser is no reason to refuse its user, and nothing in an
// event is believed. Then only the members that are needed are decoded, because an event may be large.
func decode(payload []byte) (event map[string]any, ok bool) {
	if value, err := strictjson.Decode(payload, eventLimits); err == nil {
		event, ok = value.(map[string]any)
		return event, ok
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(payload, &members) != nil {
		return nil, false
	}
	event = map[string]any{}
	for _, name := range eventMembers {
		if raw := members[name]; raw != nil {
			var value any
			json.Unmarshal(raw, &value) // of valid JSON: a number beyond float64 stays nil, and no member is one
			event[name] = value
		}
	}
	return event, true
}

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

// Parse reads an event.
func Parse(payload []byte) (Request, *Error) {
	if first := bytes.TrimLeft(payload, " \t\r\n"); len(first) == 0 || first[0] != '{' {
		return Request{}, invalidRequest("The event is not a JSON object: " + httpOnly)
	}
	ev, ok := decode(payload)
	method, okMethod := member[string](ev, "httpMethod")
	path, okPath := member[string](ev, "path")
	body, okBody := member[string](ev, "body")
	headers, okHeaders := member[map[string]any](ev, "headers")
	source, okContext := member[map[string]any](ev, "requestContext")
	ip, okIP := member[string](source, "sourceIp")
	if !ok || !okMethod || !okPath || !okBody || !okHeaders || !okContext || !okIP {
		return Request{}, invalidRequest("The event can't be read: " + httpOnly)
	}
	if method == "" || !strings.HasPrefix(path, "/") {
		return Request{}, invalidRequest("The event has no httpMethod or path: " + httpOnly)
	}
	r := Request{Method: method, Resource: lastSegment(path), query: ev["queryString"], body: body}
	switch ev["isBase64Encoded"] {
	case true, "true":
		r.encoded = true
	case nil, false, "false", "":
	default:
		return Request{}, invalidRequest("The event's isBase64Encoded is neither true nor false.")
	}
	r.authorization = headerValues(headers, "authorization")
	if origins := headerValues(headers, "origin"); len(origins) == 1 {
		r.Origin = origins[0]
	}
	// An API Gateway names the source itself, and whoever calls it could add the header: so the header counts only where
	// the event has no source, as with a Function URL.
	if source["sourceIp"] != nil {
		r.Address = parseAddress(ip)
	} else if from := headerValues(headers, "x-scf-remote-addr"); len(from) == 1 {
		r.Address = parseAddress(from[0])
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

// Token is the bearer token (RFC 6750 section 2.1). It is looked for in the Authorization header and nowhere else.
func (r Request) Token() (string, *Error) {
	if len(r.authorization) > 1 {
		return "", invalidRequest("The request has more than one Authorization header.")
	}
	if len(r.authorization) == 1 {
		scheme, token, _ := strings.Cut(r.authorization[0], " ")
		if token = strings.TrimLeft(token, " "); strings.EqualFold(scheme, "Bearer") && token != "" {
			return token, nil
		}
	}
	return "", &Error{
		Code:    TokenMissing,
		Message: "Log in first: send the login's token in the header Authorization, after the word Bearer.",
	}
}

// Query is a query parameter's value, "" if it is absent. A parameter that is there more than once with different
// values, or without any, is an error.
func (r Request) Query(name string) (string, *Error) {
	if r.query == nil {
		return "", nil
	}
	all, ok := r.query.(map[string]any)
	if !ok {
		return "", invalidRequest("The event's queryString can't be read.")
	}
	value, ok := all[name]
	if !ok {
		return "", nil
	}
	values := slices.Compact(stringsOf(value))
	if len(values) != 1 || values[0] == "" {
		return "", invalidRequest("The query parameter " + name + " must be there once, with a value.")
	}
	return values[0], nil
}

// Body is the request's body in bytes, at most [MaxBody] of them. Only a POST has one: that of a GET means nothing
// (RFC 9110 section 9.3.1), and is not read.
func (r Request) Body() ([]byte, *Error) {
	if r.Method != "POST" {
		return nil, nil
	}
	tooLarge := &Error{Code: RequestTooLarge, Message: "The body is longer than 256 KiB."}
	if !r.encoded {
		if len(r.body) > MaxBody {
			return nil, tooLarge
		}
		return []byte(r.body), nil
	}
	if len(r.body) > base64.StdEncoding.EncodedLen(MaxBody) {
		return nil, tooLarge
	}
	body, err := base64.StdEncoding.Strict().DecodeString(r.body)
	switch {
	case err != nil:
		return nil, invalidRequest("The event says that its body is base64, and it is not.")
	case len(body) > MaxBody:
		return nil, tooLarge
	}
	return body, nil
}
