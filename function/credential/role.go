package credential

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	tc "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/sts/v20180813"
	sts "github.com/tencentyun/qcloud-cos-sts-sdk/go"

	"cos-credentials/policy/text"
)

// ExecutionRole asks with the temporary key of the function's execution role, so that nobody holds a permanent key. It
// calls AssumeRole, through tencentcloud-sdk-go, for the role whose permissions the policy cuts down.
// (GetFederationToken takes permanent keys only.)
type ExecutionRole struct {
	RoleARN    string
	ExternalID string // if the role's trust wants one
	Host       string
	Scheme     string
	DialTLS    Dial // within DialTimeout; nil for Go's own
	// Env looks up TENCENTCLOUD_SECRETID, _SECRETKEY and _SESSIONTOKEN. The platform delivers them anew with every
	// invocation, so they are read at every call and never kept.
	Env func(string) (string, bool)

	transport http.RoundTripper
}

// NewExecutionRole dials STS, in the background; it sends nothing yet.
func NewExecutionRole(e ExecutionRole) *ExecutionRole {
	e.transport = newTransport(e.Scheme, e.Host, e.DialTLS)
	return &e
}

// Issue implements [Issuer].
func (e *ExecutionRole) Issue(ctx context.Context, r Request) (Credential, error) {
	id, key, token := e.env("TENCENTCLOUD_SECRETID"), e.env("TENCENTCLOUD_SECRETKEY"), e.env("TENCENTCLOUD_SESSIONTOKEN")
	if id == "" || key == "" || token == "" {
		return Credential{}, &Error{
			Kind: Misconfigured,
			Reason: "the platform delivered no execution role's key: " +
				"give the function an execution role (role in serverless.yml), or set STS_SECRET_ID and STS_SECRET_KEY",
		}
	}
	x := &exchange{ctx: ctx, base: e.transport, region: r.Region}
	client := &tc.Client{}
	client.Init(r.Region).
		WithCredential(common.NewTokenCredential(id, key, token)).
		WithHttpTransport(x.client().Transport).
		WithProfile(e.profile())
	result, err := client.AssumeRoleWithContext(ctx, e.request(r))
	if err != nil || result.Response == nil || result.Response.Credentials == nil {
		return Credential{}, x.refused()
	}
	got := result.Response
	return x.usable(Credential{
		SecretID:  valueOf(got.Credentials.TmpSecretId),
		SecretKey: valueOf(got.Credentials.TmpSecretKey),
		Token:     valueOf(got.Credentials.Token),
		Expires:   time.Unix(valueOf(got.ExpiredTime), 0),
		RequestID: valueOf(got.RequestId),
	})
}

func (e *ExecutionRole) env(name string) string { v, _ := e.Env(name); return v }

// profile says where STS is. The SDK's own timeout and retries stay off, and so does its switch to another region: that
// is done here, by exchange and Retry.
func (e *ExecutionRole) profile() *profile.ClientProfile {
	p := profile.NewClientProfile()
	p.HttpProfile.Scheme, p.HttpProfile.Endpoint, p.HttpProfile.ReqTimeout = e.Scheme, e.Host, 0
	return p
}

func (e *ExecutionRole) request(r Request) *tc.AssumeRoleRequest {
	request := tc.NewAssumeRoleRequest()
	seconds, policy := uint64(r.Life/time.Second), encodePolicy(r.Policy)
	request.RoleArn = &e.RoleARN
	request.RoleSessionName = &r.Session
	request.DurationSeconds = &seconds
	request.Policy = &policy
	if e.ExternalID != "" {
		request.ExternalId = &e.ExternalID
	}
	return request
}

// encodePolicy URL-encodes a policy once, as both calls want it. A space becomes %20: whether STS reads a + as one is
// nowhere said. https://cloud.tencent.com/document/api/598/33164
func encodePolicy(p *sts.CredentialPolicy) string {
	document, _ := json.Marshal(p) // strings, numbers and booleans only: it can't fail
	return text.Percent(string(document))
}

func valueOf[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
