package credential

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	sts "github.com/tencentyun/qcloud-cos-sts-sdk/go"

	strict "cos-credentials/test/sts"
)

// The strict STS checks the TC3 signature, the session token, and that the policy arrives encoded once.

const roleARN = "qcs::cam::uin/100000000001:roleName/cos-uploader"

func executionRole(t *testing.T, env map[string]string) (*ExecutionRole, *strict.STS) {
	t.Helper()
	server := &strict.STS{
		Keys:  []strict.Key{{SecretID: "AKIDrole1", SecretKey: "k1", Token: "t1", AppID: "1250000000"}, {SecretID: "AKIDrole2", SecretKey: "k2", Token: "t2", AppID: "1250000000"}},
		Roles: []strict.Role{{ARN: roleARN, ExternalID: "ext-1"}},
	}
	host, stop, err := server.Serve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return NewExecutionRole(ExecutionRole{RoleARN: roleARN, ExternalID: "ext-1", Host: host, Scheme: "http", Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}), server
}

func delivered(n string) map[string]string {
	return map[string]string{"TENCENTCLOUD_SECRETID": "AKIDrole" + n, "TENCENTCLOUD_SECRETKEY": "k" + n, "TENCENTCLOUD_SESSIONTOKEN": "t" + n}
}

func TestExecutionRole(t *testing.T) {
	env := delivered("1")
	role, server := executionRole(t, env)
	r := exampleRequest
	r.Policy = &sts.CredentialPolicy{Version: "2.0", Statement: []sts.CredentialPolicyStatement{{
		Action: []string{"name/cos:PutObject"}, Effect: "allow", Resource: []string{"qcs::cos:ap-guangzhou:uid/1250000000:b-1250000000/my files/a+b/小%2F/*"},
	}}}
	got, err := role.Issue(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	record := server.Records()[0]
	if record.Action != "AssumeRole" || record.Signature != "TC3" || record.Params["RoleSessionName"] != "alice@shop" || record.Params["ExternalId"] != "ext-1" || record.Params["DurationSeconds"] != "900" {
		t.Errorf("%+v", record)
	}
	if grant, err := server.OpenToken(got.Token); err != nil || grant.TmpSecretID != got.SecretID || got.SecretKey == "" || got.RequestID == "" || time.Until(got.Expires) < 14*time.Minute ||
		!strings.Contains(grant.Policy, "/my files/a+b/小%2F/*") {
		t.Errorf("%v %v", grant, err)
	}

	// The platform delivers another key with the next invocation: nothing of the first is kept.
	for k, v := range delivered("2") {
		env[k] = v
	}
	if _, err := role.Issue(t.Context(), r); err != nil || server.Records()[1].SecretID != "AKIDrole2" {
		t.Errorf("%v: the key of the first invocation was kept", err)
	}
}

func TestPolicyIsEncodedOnceWithoutPlus(t *testing.T) {
	p := &sts.CredentialPolicy{Version: "2.0", Statement: []sts.CredentialPolicyStatement{{Resource: []string{"a b+c"}}}}
	got := encodePolicy(p)
	if strings.Contains(got, "+") || !strings.Contains(got, "a%20b%2Bc") {
		t.Error(got)
	}
	if once, err := url.PathUnescape(got); err != nil || once != `{"version":"2.0","statement":[{"resource":["a b+c"]}]}` {
		t.Error(once, err)
	}
}

func TestExecutionRoleWithoutAKey(t *testing.T) {
	for missing := range delivered("1") {
		env := delivered("1")
		delete(env, missing)
		role, server := executionRole(t, env)
		var refused *Error
		if _, err := role.Issue(t.Context(), exampleRequest); !errors.As(err, &refused) || refused.Kind != Misconfigured || len(server.Records()) != 0 {
			t.Errorf("%s missing: %v", missing, err)
		}
	}
}

// What STS answers means the same through both SDKs.
func TestExecutionRoleFaults(t *testing.T) {
	for fault, want := range map[strict.Fault]Kind{
		{Code: "RequestLimitExceeded"}:          Busy,
		{Code: "InvalidParameter.OverLimit"}:    Busy,
		{Code: "AuthFailure.TokenFailure"}:      Misconfigured,
		{Code: "ResourceNotFound.RoleNotFound"}: Misconfigured,
		{Code: "InternalError.GetRoleError"}:    Failed,
		{Code: "FailedOperation.New"}:           Failed,
		{Status: 500, Body: "<html>"}:           Failed,
		{Status: 503, Body: `{"Response":{"Error":{"Code":"LimitExceeded","Message":"m"},"RequestId":"r"}}`}: Busy,
		{Status: 502, Body: "{}"}:                              Failed,
		{Body: "{}"}:                                           Failed,
		{Body: `{"Response":{"RequestId":"r"}}`}:               Failed,
		{Body: `{"code":4000,"codeDesc":"Old","message":"m"}`}: Failed,
		{Status: 200, Body: "not JSON"}:                        Failed,
		{Cut: true}:                                            Failed,
		{Reset: true}:                                          Busy,
		{Huge: 2 << 20}:                                        Failed,
	} {
		role, server := executionRole(t, delivered("1"))
		server.Play(func(strict.Record) *strict.Fault { return &fault })
		var refused *Error
		if _, err := role.Issue(t.Context(), exampleRequest); !errors.As(err, &refused) || refused.Kind != want {
			t.Errorf("%+v: %v, want kind %d", fault, err, want)
		}
	}
}
