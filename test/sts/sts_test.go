package sts

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	vendor "github.com/tencentyun/qcloud-cos-sts-sdk/go"
)

const (
	appID    = "1250000000"
	object   = "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/users/alice/*"
	document = `{"version":"2.0","statement":[{"action":["name/cos:PutObject"],"effect":"allow","resource":["` + object + `"]}]}`
	role     = "qcs::cam::uin/100000000001:roleName/uploader"
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

func vendorClient(server *httptest.Server) *vendor.Client {
	host := strings.TrimPrefix(server.URL, "http://")
	return vendor.NewClient(permanent.SecretID, permanent.SecretKey, nil, vendor.Host(host), vendor.Scheme("http"))
}

// The vendor's SDK is the caller that the emulator must agree with.
func TestVendorSDK(t *testing.T) {
	s, server := local(t)
	client := vendorClient(server)
	statement := vendor.CredentialPolicyStatement{
		Effect: "allow", Action: []string{"name/cos:PutObject"},
		Resource: []string{strings.Replace(object, "alice", "a & b+c/中文", 1)},
	}
	options := &vendor.CredentialOptions{
		Policy: &vendor.CredentialPolicy{Statement: []vendor.CredentialPolicyStatement{statement}}, DurationSeconds: 900,
		RoleArn: role, RoleSessionName: "alice@mini", ExternalId: "ext-1",
	}
	want, _ := json.Marshal(vendor.CredentialPolicy{Version: "2.0", Statement: options.Policy.Statement})
	for action, ask := range map[string]func(*vendor.CredentialOptions) (*vendor.CredentialResult, error){
		"GetFederationToken": client.GetCredential, "AssumeRole": client.GetRoleCredential,
	} {
		got, err := ask(options)
		if err != nil {
			t.Fatalf("%s: %v", action, err)
		}
		grant, err := s.OpenToken(got.Credentials.SessionToken)
		if err != nil {
			t.Fatal(err)
		}
		if grant.Policy != string(want) || grant.Action != action || grant.AppID != appID {
			t.Errorf("%s: the token carries %+v", action, grant)
		}
		if grant.TmpSecretID != got.Credentials.TmpSecretID || grant.TmpSecretKey != got.Credentials.TmpSecretKey {
			t.Errorf("%s: the token is for another key", action)
		}
		end := int64(got.ExpiredTime)
		if life := end - time.Now().Unix(); life < 895 || life > 900 || grant.Expires != end {
			t.Errorf("%s: lives %d s", action, life)
		}
		if got.RequestId == "" || !strings.HasSuffix(got.Expiration, "Z") {
			t.Errorf("%s: %+v", action, got)
		}
	}
	if n := len(s.Records()); n != 2 {
		t.Errorf("%d records", n)
	}
}

// A key that this STS issued may call it in turn, as a function's role may.
func TestIssuedKeyCalls(t *testing.T) {
	s, server := local(t)
	first, err := vendorClient(server).GetRoleCredential(&vendor.CredentialOptions{
		RoleArn: role, RoleSessionName: "function", ExternalId: "ext-1", Policy: &vendor.CredentialPolicy{
			Statement: []vendor.CredentialPolicyStatement{{Effect: "allow", Action: []string{"*"}, Resource: []string{"*"}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := first.Credentials
	key := Key{SecretID: c.TmpSecretID, SecretKey: c.TmpSecretKey, Token: c.SessionToken}
	params := map[string]any{
		"RoleArn": role, "RoleSessionName": "alice", "ExternalId": "ext-1", "Policy": url.QueryEscape(document),
	}
	if code, granted := tc3(t, server, key, "AssumeRole", params, nil); !granted {
		t.Errorf("refused: %s", code)
	}
	other, _ := local(t)
	if _, err := other.OpenToken(key.Token); err == nil {
		t.Error("another STS opened the token")
	}
	s.Now = func() time.Time { return time.Now().Add(3 * time.Hour) }
	if _, err := s.OpenToken(key.Token); !errors.Is(err, ErrExpired) {
		t.Errorf("after its end: %v", err)
	}
}
