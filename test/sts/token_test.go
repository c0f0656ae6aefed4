package sts

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	vendor "github.com/tencentyun/qcloud-cos-sts-sdk/go"
)

// A key that this STS issued may call it in turn, as a function's role may.
func TestIssuedKeyCalls(t *testing.T) {
	s, server := local(t)
	if _, err := s.OpenToken("x.y"); err == nil {
		t.Error("a made-up token opened")
	}
	client := vendor.NewClient(permanent.SecretID, permanent.SecretKey, nil, vendor.Host(strings.TrimPrefix(server.URL, "http://")), vendor.Scheme("http"))
	first, err := client.GetRoleCredential(&vendor.CredentialOptions{RoleArn: role, RoleSessionName: "function", ExternalId: "ext-1",
		Policy: &vendor.CredentialPolicy{Statement: []vendor.CredentialPolicyStatement{{Effect: "allow", Action: []string{"*"}, Resource: []string{"*"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	key := Key{SecretID: first.Credentials.TmpSecretID, SecretKey: first.Credentials.TmpSecretKey, Token: first.Credentials.SessionToken}
	params := map[string]any{"RoleArn": role, "RoleSessionName": "alice", "ExternalId": "ext-1", "Policy": url.QueryEscape(document)}
	if code, granted := tc3(t, server, key, "AssumeRole", params, nil); !granted {
		t.Errorf("refused: %s", code)
	}
	s.Now = func() time.Time { return time.Now().Add(3 * time.Hour) }
	if _, err := s.OpenToken(key.Token); !errors.Is(err, ErrExpired) {
		t.Errorf("after its end: %v", err)
	}
}

func TestTokenIsSealed(t *testing.T) {
	s, _ := local(t)
	token := s.sealed(Grant{Policy: document, TmpSecretID: "AKIDx", Expires: time.Now().Add(time.Hour).Unix()})
	if _, err := s.OpenToken(token); err != nil {
		t.Fatal(err)
	}
	for i := range token {
		changed := []byte(token)
		if changed[i] ^= 1; changed[i] == '.' {
			continue
		}
		if _, err := s.OpenToken(string(changed)); err == nil {
			t.Fatalf("opened with byte %d changed", i)
		}
	}
	other := &STS{}
	if _, err := other.OpenToken(token); err == nil {
		t.Error("another STS opened the token")
	}
}
