package cloud

import (
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// event is an HTTP request as the function gets it. A Function URL sends the first six members (and the seventh only
// where a body is no text), API Gateway all of them. https://cloud.tencent.com/document/product/583/96099 and /12513
type event struct {
	Body        string            `json:"body"`
	Headers     map[string]string `json:"headers"`
	HTTPMethod  string            `json:"httpMethod"`
	Path        string            `json:"path"`
	QueryString map[string]any    `json:"queryString"`
	Base64      *bool             `json:"isBase64Encoded,omitempty"`

	*fromAPIGateway
}

// fromAPIGateway is what only API Gateway says.
type fromAPIGateway struct {
	HeaderParameters map[string]string `json:"headerParameters"`
	PathParameters   map[string]string `json:"pathParameters"`
	QueryParameters  map[string]string `json:"queryStringParameters"`
	RequestContext   requestContext    `json:"requestContext"`
}

type requestContext struct {
	HTTPMethod string            `json:"httpMethod"`
	Identity   map[string]string `json:"identity"`
	Path       string            `json:"path"`
	ServiceID  string            `json:"serviceId"`
	SourceIP   string            `json:"sourceIp"`
	Stage      string            `json:"stage"`
}

// makeEvent writes r and its body as the platform would.
func makeEvent(r *http.Request, body []byte, id string, apiGateway bool) ([]byte, error) {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	ev := event{
		Body: string(body), HTTPMethod: r.Method, Path: r.URL.Path,
		Headers: headers(r), QueryString: query(r.URL.RawQuery),
	}
	encoded := !utf8.Valid(body)
	if encoded {
		ev.Body = base64.StdEncoding.EncodeToString(body)
	}
	if encoded || apiGateway {
		ev.Base64 = &encoded
	}
	if !apiGateway {
		ev.Headers["x-scf-remote-addr"] = address
		return json.Marshal(ev)
	}
	ev.Headers["x-api-requestid"], ev.Headers["x-api-scheme"], ev.Headers["requestsource"] = id, "http", "APIGW"
	none := map[string]string{}
	ev.fromAPIGateway = &fromAPIGateway{
		HeaderParameters: none, PathParameters: none, QueryParameters: none, // those that were declared: none were
		RequestContext: requestContext{
			HTTPMethod: "ANY", Identity: none, Path: "/", ServiceID: "service-local", SourceIP: address, Stage: "release",
		},
	}
	return json.Marshal(ev)
}

// headers are lower-case, one text each. X-Scf-* is the platform's to say: what a client sends under that name is dropped.
func headers(r *http.Request) map[string]string {
	out := map[string]string{"host": r.Host}
	for name, values := range r.Header {
		if name = strings.ToLower(name); !strings.HasPrefix(name, "x-scf-") {
			out[name] = strings.Join(values, ", ")
		}
	}
	return out
}

// query reads a query as the platform does: a text, a list of texts for a key that is there more than once, and true for
// one without a value.
func query(raw string) map[string]any {
	out := map[string]any{}
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, has := strings.Cut(part, "=")
		name = unescape(name)
		var v any = unescape(value)
		if !has {
			v = true
		}
		switch before := out[name].(type) {
		case nil:
			out[name] = v
		case []any:
			out[name] = append(before, v)
		default:
			out[name] = []any{before, v}
		}
	}
	return out
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}
