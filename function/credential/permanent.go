package credential

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	sts "github.com/tencentyun/qcloud-cos-sts-sdk/go"
)

// PermanentKey asks with the permanent key of a sub-account, through qcloud-cos-sts-sdk: AssumeRole if a role is named,
// GetFederationToken if not. The zero value can't sign anything that STS accepts.
type PermanentKey struct {
	SecretID   string
	SecretKey  string
	RoleARN    string // "" for GetFederationToken
	ExternalID string // of AssumeRole, if the role's trust wants one
	Host       string
	Scheme     string
	DialTLS    Dial // within DialTimeout; nil for Go's own

	transport http.RoundTripper
}

// NewPermanentKey dials STS, in the background; it sends nothing yet.
func NewPermanentKey(k PermanentKey) *PermanentKey {
	k.transport = newTransport(k.Scheme, k.Host, k.DialTLS)
	return &k
}

func (k PermanentKey) Format(f fmt.State, _ rune) { f.Write([]byte("[permanent key]")) }
func (k PermanentKey) LogValue() slog.Value       { return slog.StringValue("[permanent key]") }

// Issue implements [Issuer]. GetFederationToken's calling name is fixed by the SDK; AssumeRole's is the request's.
func (k *PermanentKey) Issue(ctx context.Context, r Request) (Credential, error) {
	x := &exchange{ctx: ctx, base: k.transport, region: r.Region}
	client := sts.NewClient(k.SecretID, k.SecretKey, x.client(), sts.Host(k.Host), sts.Scheme(k.Scheme))
	options := &sts.CredentialOptions{
		Policy:          r.Policy,
		Region:          r.Region,
		DurationSeconds: int64(r.Life / time.Second),
		RoleArn:         k.RoleARN,
		RoleSessionName: r.Session,
		ExternalId:      k.ExternalID,
	}
	ask := client.GetCredential
	if k.RoleARN != "" {
		ask = client.GetRoleCredential
	}
	result, err := ask(options)
	if err != nil || result == nil || result.Credentials == nil {
		return Credential{}, x.refused()
	}
	return x.usable(Credential{
		SecretID:  result.Credentials.TmpSecretID,
		SecretKey: result.Credentials.TmpSecretKey,
		Token:     result.Credentials.SessionToken,
		Expires:   time.Unix(int64(result.ExpiredTime), 0),
		RequestID: result.RequestId,
	})
}
