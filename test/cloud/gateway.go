package cloud

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"unicode/utf8"

	"cos-credentials/test/scf"
)

// maxBytes is the most that an event may have, as JSON. https://cloud.tencent.com/document/product/583/11637
const maxBytes = 6 << 20

// gateway is the function's URL: HTTP → event → the real binary → HTTP. It hides nothing.
func (s *Local) gateway() http.Handler {
	return s.log.requests("function", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBytes))
		event := makeEvent(r, body)
		if err != nil || len(event) > maxBytes {
			fail(w, 413, "the size of the request exceeds the upper limit (6MB)")
			return
		}
		i, err := s.pool.take(r.Context())
		if err != nil {
			io.WriteString(s.log, err.Error()+"\n")
			fail(w, 405, "the function doesn't start: see serve's output")
			return
		}
		defer s.pool.give(i)
		// A client that goes away doesn't end an invocation.
		in := scf.Invocation{RequestID: rand.Text()}
		answer, err := i.Invoke(context.WithoutCancel(r.Context()), event, in)
		if err != nil {
			io.WriteString(s.log, err.Error()+"\n")
			fail(w, 430, "the function gave no answer: see serve's output")
			return
		}
		if s.options.Returned != nil {
			s.options.Returned(answer)
		}
		writeAnswer(w, answer)
	}))
}

// fail answers in the platform's place, with SCF's own status codes.
// https://cloud.tencent.com/document/product/583/42611
func fail(w http.ResponseWriter, status int, message string) {
	reply(w, status, map[string]any{"errorCode": -1, "errorMessage": message, "statusCode": status})
}

// makeEvent writes r and its body as a Function URL hands them over.
// https://cloud.tencent.com/document/product/583/96099
func makeEvent(r *http.Request, body []byte) []byte {
	headers, query := map[string]string{"host": r.Host}, map[string]any{}
	for name, values := range r.Header {
		// X-Scf-* is the platform's to say: what a client sends under that name is dropped.
		if name = strings.ToLower(name); !strings.HasPrefix(name, "x-scf-") {
			headers[name] = strings.Join(values, ", ")
		}
	}
	headers["x-scf-remote-addr"], _, _ = net.SplitHostPort(r.RemoteAddr)
	for name, values := range r.URL.Query() {
		if query[name] = values; len(values) == 1 {
			query[name] = values[0]
		}
	}
	event := map[string]any{
		"body": string(body), "headers": headers, "httpMethod": r.Method, "path": r.URL.Path, "queryString": query,
	}
	if !utf8.Valid(body) {
		event["body"], event["isBase64Encoded"] = base64.StdEncoding.EncodeToString(body), true
	}
	text, _ := json.Marshal(event)
	return text
}

// writeAnswer passes what the function returned on as it is: status, headers and body.
func writeAnswer(w http.ResponseWriter, payload []byte) {
	var a struct {
		StatusCode int
		Headers    map[string]string
		Body       string
	}
	if err := json.Unmarshal(payload, &a); err != nil || a.StatusCode < 200 || a.StatusCode > 599 {
		fail(w, 403, "Invalid scf response format. please check your scf response format.")
		return
	}
	for name, v := range a.Headers {
		w.Header().Set(name, v)
	}
	w.WriteHeader(a.StatusCode)
	io.WriteString(w, a.Body)
}
