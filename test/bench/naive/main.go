// Command naive is the handler that the READMEs of its three libraries lead to: a typed handler, the token checked with
// golang-jwt, and a client of qcloud-cos-sts-sdk with its default options. It is here to be measured against, not to be
// used: it trusts any claim as a folder, and knows nothing of STS's bad days.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/golang-jwt/jwt/v5"
	sts "github.com/tencentyun/qcloud-cos-sts-sdk/go"
	"github.com/tencentyun/scf-go-lib/cloudfunction"
	"github.com/tencentyun/scf-go-lib/events"
)

func main() { cloudfunction.Start(handle) }

func handle(ctx context.Context, request events.APIGatewayRequest) (events.APIGatewayResponse, error) {
	var claims jwt.RegisteredClaims
	token := strings.TrimPrefix(request.Headers["authorization"], "Bearer ")
	_, err := jwt.ParseWithClaims(token, &claims, key, jwt.WithValidMethods([]string{"RS256"}))
	if err != nil {
		return answer(401, map[string]any{"error": err.Error()})
	}
	bucket, region := os.Getenv("COS_BUCKET"), os.Getenv("COS_REGION")
	appID := bucket[strings.LastIndex(bucket, "-")+1:]
	client := sts.NewClient(os.Getenv("STS_SECRET_ID"), os.Getenv("STS_SECRET_KEY"), nil, sts.Host(os.Getenv("STS_HOST")))
	result, err := client.GetCredential(&sts.CredentialOptions{
		DurationSeconds: 1800,
		Region:          region,
		Policy: &sts.CredentialPolicy{Statement: []sts.CredentialPolicyStatement{{
			Action: []string{
				"name/cos:PutObject", "name/cos:PostObject", "name/cos:InitiateMultipartUpload", "name/cos:ListMultipartUploads",
				"name/cos:ListParts", "name/cos:UploadPart", "name/cos:CompleteMultipartUpload",
			},
			Effect:   "allow",
			Resource: []string{fmt.Sprintf("qcs::cos:%s:uid/%s:%s/users/%s/*", region, appID, bucket, claims.Subject)},
		}}},
	})
	if err != nil {
		return answer(502, map[string]any{"error": err.Error()})
	}
	return answer(200, map[string]any{
		"credentials": result.Credentials, "startTime": result.StartTime, "expiredTime": result.ExpiredTime,
		"expiration": result.Expiration, "requestId": result.RequestId,
	})
}

// key reads the issuer's key as golang-jwt's examples do.
func key(*jwt.Token) (any, error) { return jwt.ParseRSAPublicKeyFromPEM([]byte(os.Getenv("JWT_KEY"))) }

func answer(status int, body map[string]any) (events.APIGatewayResponse, error) {
	text, err := json.Marshal(body)
	return events.APIGatewayResponse{
		StatusCode: status, Headers: map[string]string{"Content-Type": "application/json"}, Body: string(text),
	}, err
}
