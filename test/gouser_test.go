package test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/tencentyun/cos-go-sdk-v5"
)

// goUser is somebody who uses cos-go-sdk-v5 with keys from the function: an http.RoundTripper that signs, and asks for
// another key when the one it has is about to end.
type goUser struct {
	*sdk.Client
	name, folder string
	credentials  string // the function's URL
	token        string
	body         string // of the request for a key; GET if empty

	mu      sync.Mutex
	key     goKey
	calls   int
	keysHad map[string]bool
}

// goKey is what a Go program reads of the function's answer.
type goKey struct {
	Credentials struct{ TmpSecretID, TmpSecretKey, SessionToken string }
	ExpiredTime int64
	Prefix      string
	Headers     map[string]string
	CodeDesc    string
	Message     string
}

func newGoUser(t *testing.T, c *localCloud, name string) *goUser {
	t.Helper()
	token, err := c.Token(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	u := &goUser{name: name, folder: "users/" + name + "/", credentials: c.Credentials, token: token, keysHad: map[string]bool{}}
	u.at(c.COSHost)
	return u
}

// at has the user's requests go to a COS.
func (u *goUser) at(host string) {
	u.Client = sdk.NewClient(&sdk.BaseURL{BucketURL: &url.URL{Scheme: "http", Host: host}}, &http.Client{Transport: u})
}

func (u *goUser) RoundTrip(r *http.Request) (*http.Response, error) {
	key, err := u.current(r.Context())
	if err != nil {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, err
	}
	c := key.Credentials
	signer := sdk.AuthorizationTransport{SecretID: c.TmpSecretID, SecretKey: c.TmpSecretKey, SessionToken: c.SessionToken}
	if r.Body == nil || r.Body == http.NoBody {
		return signer.RoundTrip(r)
	}
	body := &sentBody{ReadCloser: r.Body, closed: make(chan struct{})}
	r = r.WithContext(r.Context()) // a copy: it isn't ours to change
	r.Body = body
	answer, err := signer.RoundTrip(r)
	<-body.closed
	return answer, err
}

// sentBody tells when net/http has done with a request's body. That may be after the answer, if COS refuses before it
// has read all; the SDK rewinds and reads the body for its next try at once, which is a data race of its own.
type sentBody struct {
	io.ReadCloser
	once   sync.Once
	closed chan struct{}
}

func (b *sentBody) Close() error {
	defer b.once.Do(func() { close(b.closed) })
	return b.ReadCloser.Close()
}

func (u *goUser) current(ctx context.Context) (goKey, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if time.Until(time.Unix(u.key.ExpiredTime, 0)) > time.Minute {
		return u.key, nil
	}
	method := "GET"
	if u.body != "" {
		method = "POST"
	}
	r, err := http.NewRequestWithContext(ctx, method, u.credentials, strings.NewReader(u.body))
	if err != nil {
		return goKey{}, err
	}
	r.Header.Set("Authorization", "Bearer "+u.token)
	u.calls++
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return goKey{}, err
	}
	defer answer.Body.Close()
	var key goKey
	if err := json.NewDecoder(answer.Body).Decode(&key); err != nil {
		return goKey{}, fmt.Errorf("the credentials can't be read: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return goKey{}, fmt.Errorf("no credentials: %d %s: %s", answer.StatusCode, key.CodeDesc, key.Message)
	}
	u.key = key
	u.keysHad[key.Credentials.TmpSecretID] = true
	return key, nil
}

// asks sends a resource of the function a body, reads the answer and returns its status.
func (u *goUser) asks(t *testing.T, resource, body string, into any) int {
	t.Helper()
	address := strings.Replace(u.credentials, "credentials", resource, 1)
	r, err := http.NewRequestWithContext(t.Context(), "POST", address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+u.token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		t.Fatalf("%s: %d %v", body, answer.StatusCode, err)
	}
	return answer.StatusCode
}
