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

// makeEvent writes r and its body as the function gets it. A Function URL sends the first five members (and the sixth only
// where a body is no text), API Gateway all of them. https://cloud.tencent.com/document/product/583/96099 and /12513
func makeEvent(r *http.Request, body []byte, id string, apiGateway bool) ([]byte, error) {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	text, encoded, lines := string(body), !utf8.Valid(body), headers(r)
	if encoded {
		text = base64.StdEncoding.EncodeToString(body)
	}
	event := map[string]any{
		"body": text, "headers": lines, "httpMethod": r.Method, "path": r.URL.Path, "queryString": query(r.URL.RawQuery),
	}
	if encoded || apiGateway {
		event["isBase64Encoded"] = encoded
	}
	if !apiGateway {
		lines["x-scf-remote-addr"] = address
		return json.Marshal(event)
	}
	lines["x-api-requestid"], lines["x-api-scheme"], lines["requestsource"] = id, "http", "APIGW"
	for _, declared := range []string{"headerParameters", "pathParameters", "queryStringParameters"} {
		event[declared] = struct{}{} // none were
	}
	event["requestContext"] = map[string]any{
		"httpMethod": "ANY", "identity": struct{}{}, "path": "/", "serviceId": "service-local",
		"sourceIp": address, "stage": "release",
	}
	return json.Marshal(event)
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
