package credential

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	tc "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/sts/v20180813"
	sts "github.com/tencentyun/qcloud-cos-sts-sdk/go"
)

// ExecutionRole asks with the temporary key of the function's execution role, through tencentcloud-sdk-go, so that nobody
// holds a permanent key: AssumeRole of the role whose permissions the policy cuts down. (GetFederationToken takes
// permanent keys only.)
type ExecutionRole struct {
	RoleARN    string
	ExternalID string // if the role's trust wants one
	Host       string
	Scheme     string
	// Env looks up TENCENTCLOUD_SECRETID, _SECRETKEY and _SESSIONTOKEN. The platform delivers them anew with every
	// invocation, so they are read at every call and never kept.
	Env func(string) (string, bool)

	transport http.RoundTripper
}

// NewExecutionRole dials STS, in the background; it sends nothing yet.
func NewExecutionRole(e ExecutionRole) *ExecutionRole {
	e.transport = newTransport(e.Scheme, e.Host)
	return &e
}

// Issue implements [Issuer].
func (e *ExecutionRole) Issue(ctx context.Context, r Request) (Credential, error) {
	id, key, token := e.env("TENCENTCLOUD_SECRETID"), e.env("TENCENTCLOUD_SECRETKEY"), e.env("TENCENTCLOUD_SESSIONTOKEN")
	if id == "" || key == "" || token == "" {
		return Credential{}, &Error{Kind: Misconfigured, Reason: "the platform delivered no execution role's key: give the function an execution role (role in serverless.yml), or set STS_SECRET_ID and STS_SECRET_KEY"}
	}
	ctx, cancel := withMargin(ctx)
	defer cancel()
	x := &exchange{ctx: ctx, base: e.transport}
	client := &tc.Client{}
	client.Init(r.Region).WithCredential(common.NewTokenCredential(id, key, token)).WithHttpTransport(x.client().Transport).WithProfile(e.profile())
	result, err := client.AssumeRoleWithContext(ctx, e.request(r))
	if err != nil || result.Response == nil || result.Response.Credentials == nil {
		return Credential{}, x.refused(err)
	}
	got := result.Response
	return x.usable(Credential{
		SecretID:  value(got.Credentials.TmpSecretId),
		SecretKey: value(got.Credentials.TmpSecretKey),
		Token:     value(got.Credentials.Token),
		Expires:   time.Unix(value(got.ExpiredTime), 0),
		RequestID: value(got.RequestId),
	})
}

func (e *ExecutionRole) env(name string) string { v, _ := e.Env(name); return v }

// profile says where STS is. Times and retries are ours to keep, and no region stands in for a dead one unasked.
func (e *ExecutionRole) profile() *profile.ClientProfile {
	p := profile.NewClientProfile()
	p.HttpProfile.Scheme, p.HttpProfile.Endpoint, p.HttpProfile.ReqTimeout = e.Scheme, e.Host, 0
	return p
}

func (e *ExecutionRole) request(r Request) *tc.AssumeRoleRequest {
	request := tc.NewAssumeRoleRequest()
	seconds, policy := uint64(r.Life/time.Second), encodePolicy(r.Policy)
	request.RoleArn, request.RoleSessionName, request.DurationSeconds, request.Policy = &e.RoleARN, &r.Session, &seconds, &policy
	if e.ExternalID != "" {
		request.ExternalId = &e.ExternalID
	}
	return request
}

// encodePolicy URL-encodes a policy once, as both calls want it. A space becomes %20: whether STS reads a + as one is
// nowhere said. https://cloud.tencent.com/document/api/598/33164
func encodePolicy(p *sts.CredentialPolicy) string {
	text, _ := json.Marshal(p) // strings, numbers and booleans only: it can't fail
	return strings.ReplaceAll(url.QueryEscape(string(text)), "+", "%20")
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
