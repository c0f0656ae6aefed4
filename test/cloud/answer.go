package cloud

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
)

// answer is what a function returns: {"statusCode":200,"headers":{…},"body":"…","isBase64Encoded":false}.
type answer struct {
	StatusCode *int                       `json:"statusCode"`
	Headers    map[string]json.RawMessage `json:"headers"`
	Body       string                     `json:"body"`
	Base64     bool                       `json:"isBase64Encoded"`
}

// platformError is the platform's own answer, in place of one that the function gave or didn't give.
type platformError struct {
	status int
	body   string
}

// wrongFormat is API Gateway's answer to what is no answer.
// https://cloud.tencent.com/document/product/583/12513
var wrongFormat = &platformError{
	403, `{"errno":403,"error":"Invalid scf response format. please check your scf response format."}`,
}

// failed is an invocation that ended without an answer, under SCF's own status code.
// https://cloud.tencent.com/document/product/583/42611
func failed(status int, id, format string, args ...any) *platformError {
	body, _ := json.Marshal(map[string]any{
		"errorCode": -1, "errorMessage": fmt.Sprintf(format, args...), "requestId": id, "statusCode": status,
	})
	return &platformError{status, string(body)}
}

func (e *platformError) write(w http.ResponseWriter) int {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.status)
	w.Write([]byte(e.body))
	return e.status
}

// writeAnswer passes an answer on as it is, and returns the status. A Function URL takes any other JSON for the body of
// a 200; API Gateway does not.
func writeAnswer(w http.ResponseWriter, payload []byte, apiGateway bool) int {
	var a answer
	err := json.Unmarshal(payload, &a)
	if err != nil || a.StatusCode == nil {
		if apiGateway || !json.Valid(payload) || err != nil && bytes.Contains(payload, []byte(`"statusCode"`)) {
			return wrongFormat.write(w)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(payload)
		return 200
	}
	body, header := []byte(a.Body), http.Header{}
	if a.Base64 {
		body, err = base64.StdEncoding.DecodeString(a.Body)
	}
	for name, raw := range a.Headers {
		var one string
		var many []string
		if json.Unmarshal(raw, &one) == nil {
			many = []string{one}
		} else if json.Unmarshal(raw, &many) != nil {
			return wrongFormat.write(w)
		}
		for _, v := range many {
			header.Add(name, v)
		}
	}
	if err != nil || *a.StatusCode < 200 || *a.StatusCode > 599 {
		return wrongFormat.write(w)
	}
	for name, values := range header {
		w.Header()[name] = values
	}
	w.WriteHeader(*a.StatusCode)
	w.Write(body)
	return *a.StatusCode
}
