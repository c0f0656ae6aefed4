package smoke

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

const mostBytes = 1 << 20 // of an answer

// answer is what the function said.
type answer struct {
	status int
	header http.Header
	body   []byte

	Code        int
	CodeDesc    string
	Credentials struct{ TmpSecretID, TmpSecretKey, SessionToken string }
	StartTime   int64
	ExpiredTime int64
	Bucket      string
	Region      string
	Grant       string
	Prefixes    []string
	Headers     map[string]string // to send with every upload
}

// asked is one request to the function.
type asked struct {
	method, path, token, origin, body string
	header                            map[string]string
}

// ask sends it. A connection that fails is an error; every answer is an answer.
func (r *run) ask(ctx context.Context, a asked) (*answer, error) {
	request, err := http.NewRequestWithContext(ctx, a.method, r.URL+a.path, bytes.NewReader([]byte(a.body)))
	if err != nil {
		return nil, err
	}
	if a.token != "" {
		request.Header.Set("Authorization", "Bearer "+a.token)
	}
	if a.origin != "" {
		request.Header.Set("Origin", a.origin)
	}
	for name, value := range a.header {
		request.Header.Set(name, value)
	}
	got, err := r.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("the function can't be reached: %w", err)
	}
	defer got.Body.Close()
	out := &answer{status: got.StatusCode, header: got.Header}
	if out.body, err = io.ReadAll(io.LimitReader(got.Body, mostBytes)); err != nil {
		return nil, fmt.Errorf("the function's answer breaks off: %w", err)
	}
	json.Unmarshal(out.body, out) // what is no JSON has no code
	return out, nil
}

// post asks as the first user.
func (r *run) post(ctx context.Context, path, body string) (*answer, error) {
	wish := asked{method: "POST", path: path, token: r.Users[0].Token, body: body}
	if r.own[0].SealedOnly {
		return r.askSealed(ctx, wish)
	}
	return r.ask(ctx, wish)
}

// said is an answer in words that hold no key.
func (a *answer) said() string {
	if a.Credentials.TmpSecretKey != "" {
		return fmt.Sprintf("it answered %d and a key", a.status)
	}
	return fmt.Sprintf("it answered %d %s", a.status, a.CodeDesc)
}

// refused: with this status and code, and nothing that opens anything.
func (a *answer) refused(status, code int) bool {
	return a.status == status && a.Code == code && a.Credentials.TmpSecretKey == ""
}
