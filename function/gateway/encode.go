package gateway

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Encode writes an answer as the gateways' integrated response, which holds the body as a string:
//
//	{"isBase64Encoded":false,"statusCode":200,"headers":{…},"body":"{\"credentials\":…}"}
//
// It is written into one buffer: encoding/json would take twice the time, a quarter of that of an answer from the
// cache.
func (r Response) Encode() ([]byte, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = json.Marshal(r.Body); err != nil {
			return nil, err
		}
	}
	out := make([]byte, 0, len(body)*5/4+1024)
	out = append(out, `{"isBase64Encoded":false,"statusCode":`...)
	out = strconv.AppendInt(out, int64(r.Status), 10)
	out = append(out, `,"headers":{"Cache-Control":"no-store"`...)
	if body != nil {
		out = append(out, `,"Content-Type":"application/json; charset=utf-8"`...)
	}
	for name, value := range r.Header {
		out = append(appendString(append(out, ','), name), ':')
		out = appendString(out, value)
	}
	out = append(out, `},"body":`...)
	return append(appendString(out, body), '}'), nil
}

// appendString writes text, which is UTF-8, as a JSON string (RFC 8259 section 7).
func appendString[T string | []byte](out []byte, text T) []byte {
	out = append(out, '"')
	for _, c := range []byte(text) {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < ' ':
			out = fmt.Appendf(out, `\u%04x`, c)
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
