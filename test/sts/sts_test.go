package sts

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	vendor "github.com/tencentyun/qcloud-cos-sts-sdk/go"
)

const (
	appID    = "1250000000"
	object   = "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/users/alice/*"
	document = `{"version":"2.0","statement":[{"action":["name/cos:PutObject"],"effect":"allow",` +
		`"resource":["` + object + `"]}]}`
	role = "qcs::cam::uin/100000000001:roleName/uploader"
)

var (
	permanent = Key{SecretID: "AKIDpermanent", SecretKey: "permanent-key", AppID: appID}
	temporary = Key{SecretID: "AKIDtemporary", SecretKey: "temporary-key", Token: "session-token", AppID: appID}
)

func local(t *testing.T) (*STS, *httptest.Server) {
	s := &STS{Keys: []Key{permanent, temporary}, Roles: []Role{{ARN: role, ExternalID: "ext-1"}}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server
}

// spoiler is a transport that changes a request after it was signed. A nil one changes nothing.
type spoiler func(r *http.Request, body string) string

func (f spoiler) RoundTrip(r *http.Request) (*http.Response, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if f != nil {
		text = []byte(f(r, string(text)))
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return http.DefaultTransport.RoundTrip(r)
}

func vendorClient(server *httptest.Server, key Key, spoil spoiler) *vendor.Client {
	client := &http.Client{Transport: spoil}
	host := strings.TrimPrefix(server.URL, "http://")
	return vendor.NewClient(key.SecretID, key.SecretKey, client, vendor.Host(host), vendor.Scheme("http"))
}

func options() *vendor.CredentialOptions {
	statement := vendor.CredentialPolicyStatement{
		Effect: "allow", Action: []string{"name/cos:PutObject"},
		Resource: []string{strings.Replace(object, "alice", "a & b+c/中文", 1)},
	}
	return &vendor.CredentialOptions{
		Policy: &vendor.CredentialPolicy{Statement: []vendor.CredentialPolicyStatement{statement}}, DurationSeconds: 900,
		RoleArn: role, RoleSessionName: "alice@mini", ExternalId: "ext-1",
	}
}

// The vendor's SDK is the caller that the emulator must agree with.
func TestVendorSDK(t *testing.T) {
	s, server := local(t)
	client := vendorClient(server, permanent, nil)
	want, _ := json.Marshal(vendor.CredentialPolicy{Version: "2.0", Statement: options().Policy.Statement})
	for action, ask := range map[string]func(*vendor.CredentialOptions) (*vendor.CredentialResult, error){
		"GetFederationToken": client.GetCredential, "AssumeRole": client.GetRoleCredential,
	} {
		got, err := ask(options())
		if err != nil {
			t.Fatalf("%s: %v", action, err)
		}
		grant, err := s.OpenToken(got.Credentials.SessionToken)
		if err != nil {
			t.Fatal(err)
		}
		if grant.TmpSecretID != got.Credentials.TmpSecretID || grant.TmpSecretKey != got.Credentials.TmpSecretKey ||
			grant.Policy != string(want) || grant.Action != action || grant.AppID != appID {
			t.Errorf("%s: the token carries %+v", action, grant)
		}
		end := int64(got.ExpiredTime)
		if life := end - time.Now().Unix(); life < 840 || life > 900 || grant.Expires != end {
			t.Errorf("%s: lives %d s", action, life)
		}
		if got.RequestId == "" || !strings.HasSuffix(got.Expiration, "Z") {
			t.Errorf("%s: %+v", action, got)
		}
		s.Now = func() time.Time { return time.Now().Add(15 * time.Minute) }
		if _, err := s.OpenToken(got.Credentials.SessionToken); !errors.Is(err, ErrExpired) {
			t.Errorf("after its end: %v", err)
		}
		s.Now = nil
	}
}
