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

// decode reads an event. Strictly, because that takes a third of encoding/json's time; but an odd header that some browser
// sends is no reason to refuse its user, and nothing in an event is believed, so what strict reading refuses is read again:
// only what is needed of it, because it may be large.
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
	for _, name := range []string{"httpMethod", "path", "headers", "queryString", "body", "isBase64Encoded", "requestContext"} {
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

// Parse reads an event.
func Parse(payload []byte) (Request, *Error) {
	if first := bytes.TrimLeft(payload, " \t\r\n"); len(first) == 0 || first[0] != '{' {
		return Request{}, invalid("The event is not a JSON object: this function answers HTTP requests of a Function URL or an API Gateway trigger.")
	}
	ev, ok := decode(payload)
	method, okMethod := member[string](ev, "httpMethod")
	path, okPath := member[string](ev, "path")
	body, okBody := member[string](ev, "body")
	headers, okHeaders := member[map[string]any](ev, "headers")
	source, okContext := member[map[string]any](ev, "requestContext")
	ip, okIP := member[string](source, "sourceIp")
	if !ok || !okMethod || !okPath || !okBody || !okHeaders || !okContext || !okIP {
		return Request{}, invalid("The event can't be read: it is not the JSON of an HTTP request by a Function URL or an API Gateway trigger.")
	}
	if method == "" || !strings.HasPrefix(path, "/") {
		return Request{}, invalid("The event has no httpMethod or path: this function answers HTTP requests of a Function URL or an API Gateway trigger.")
	}
	r := Request{Method: method, Resource: resource(path), query: ev["queryString"], body: body}
	switch ev["isBase64Encoded"] {
	case true, "true":
		r.encoded = true
	case nil, false, "false", "":
	default:
		return Request{}, invalid("The event's isBase64Encoded is neither true nor false.")
	}
	r.authorization = header(headers, "authorization")
	if origins := header(headers, "origin"); len(origins) == 1 {
		r.Origin = origins[0]
	}
	// The header can be sent by anyone where the gateway names the source itself, so it counts only where that doesn't.
	if source["sourceIp"] != nil {
		r.Address = address(ip)
	} else if from := header(headers, "x-scf-remote-addr"); len(from) == 1 {
		r.Address = address(from[0])
	}
	return r, nil
}

func invalid(message string) *Error { return &Error{Code: InvalidRequest, Message: message} }

// resource is the last segment of a path, so that the function works under any base path. One final slash is ignored,
// but "/" is the root only: nothing else ends in the empty segment.
func resource(path string) string {
	if path == "/" {
		return ""
	}
	path = strings.TrimSuffix(path, "/")
	if last := path[strings.LastIndexByte(path, '/')+1:]; last != "" {
		return last
	}
	return "/" // no resource is called so
}

// header gathers the different values of a header, whatever the case of its name; a value may be a string or a list.
func header(all map[string]any, name string) []string {
	var out []string
	for k, value := range all {
		if len(k) != len(name) || !strings.EqualFold(k, name) {
			continue
		}
		for _, v := range texts(value) {
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	return out
}

// texts reads a string or a list of strings; anything else holds none.
func texts(value any) []string {
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

// address reads an IP address with or without a port.
func address(s string) netip.Addr {
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
		return "", invalid("The request has more than one Authorization header.")
	}
	if len(r.authorization) == 1 {
		scheme, token, _ := strings.Cut(r.authorization[0], " ")
		if token = strings.TrimLeft(token, " "); strings.EqualFold(scheme, "Bearer") && token != "" {
			return token, nil
		}
	}
	return "", &Error{Code: TokenMissing, Message: "Log in first: send the login's token in the header Authorization, after the word Bearer."}
}

// Query is a query parameter's value, "" if it is absent. A parameter that is there more than once with different
// values, or without any, is an error.
func (r Request) Query(name string) (string, *Error) {
	if r.query == nil {
		return "", nil
	}
	all, ok := r.query.(map[string]any)
	if !ok {
		return "", invalid("The event's queryString can't be read.")
	}
	value, ok := all[name]
	if !ok {
		return "", nil
	}
	values := slices.Compact(texts(value))
	if len(values) != 1 || values[0] == "" {
		return "", invalid("The query parameter " + name + " must be there once, with a value.")
	}
	return values[0], nil
}

// Body is the request's body in bytes, at most [MaxBody] of them.
func (r Request) Body() ([]byte, *Error) {
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
		return nil, invalid("The event says that its body is base64, and it is not.")
	case len(body) > MaxBody:
		return nil, tooLarge
	}
	return body, nil
}
