package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/policy"
	"cos-credentials/test/cloud"
	"cos-credentials/test/scf"
)

// The events of the two triggers, with the token in the place of %s.
const (
	functionURL = `{"body":"","headers":{"authorization":"Bearer %s","origin":"https://pages-07.shop.example.com","x-scf-remote-addr":"203.0.113.7:52044"},
		"httpMethod":"GET","path":"/credentials","queryString":{}}`
	apiGateway = `{"headerParameters":{},"headers":{"authorization":"Bearer %s","origin":"https://pages-07.shop.example.com"},"httpMethod":"GET","isBase64Encoded":false,
		"path":"/credentials","pathParameters":{},"queryString":{},"queryStringParameters":{},
		"requestContext":{"httpMethod":"ANY","identity":{},"path":"/","serviceId":"service-bylee882","sourceIp":"203.0.113.7","stage":"release"}}`
)

// The real binary, in the environment that each variant of the file gives it, hands out keys.
func TestFunctionRunsInIt(t *testing.T) {
	binary, err := scf.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	access := filepath.Join(t.TempDir(), "access.yaml")
	if err := os.WriteFile(access, policy.DefaultFile, 0o600); err != nil {
		t.Fatal(err)
	}
	env := values()
	env["ACCESS_FILE"], env["STS_SCHEME"] = access, "http"
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			sts := &cloud.STS{
				Keys: []cloud.Key{
					{SecretID: env["STS_SECRET_ID"], SecretKey: env["STS_SECRET_KEY"], AppID: "1250000000"},
					{SecretID: "AKIDexecutionrole", SecretKey: "the-role's-key", Token: "the-role's-session", AppID: "1250000000"},
				},
				Roles: []cloud.Role{{ARN: role}},
			}
			text := Use(v.change(file(t)), "STS_HOST", "STS_SCHEME") // where the local STS is
			external := strings.Contains(text, "\n      STS_EXTERNAL_ID:")
			if external {
				sts.Roles[0].ExternalID = env["STS_EXTERNAL_ID"]
			}
			host, stop, err := sts.Serve()
			if err != nil {
				t.Fatal(err)
			}
			defer stop()
			env["STS_HOST"] = host
			c, err := Parse(text, env)
			if err != nil {
				t.Fatal(err)
			}
			for _, event := range triggers(c) {
				key, headers := ask(t, binary, c, event)
				granted, err := sts.OpenToken(key)
				if err != nil || !strings.Contains(granted.Policy, env["COS_BUCKET"]+"/users/alice/*") || !strings.Contains(granted.Policy, "qcs::cos:"+env["COS_REGION"]) {
					t.Errorf("the key opens %s: %v", granted.Policy, err)
				}
				if used := c.Inputs.Environment.Variables["ALLOW_ORIGINS"] != ""; used != (headers["access-control-allow-origin"] == "https://pages-07.shop.example.com") {
					t.Errorf("ALLOW_ORIGINS is there: %v, headers %v", used, headers)
				}
			}
			for _, r := range sts.Records() {
				if asked := r.Action + " " + r.Signature; asked != v.asks || r.Code != "" || (r.Params["ExternalId"] != "") != external {
					t.Errorf("asked for %s instead of %s: %+v", asked, v.asks, r)
				}
			}
		})
	}
}

func triggers(c *Component) (events []string) {
	for _, e := range c.Inputs.Events {
		if e.HTTP != nil {
			events = append(events, functionURL)
		}
		if e.APIGW != nil {
			events = append(events, apiGateway)
		}
	}
	return events
}

// ask starts the function as the platform would from the file, sends it one event, and returns the session token of its
// answer and its headers in lower case.
func ask(t *testing.T, binary string, c *Component, event string) (session string, headers map[string]string) {
	t.Helper()
	variables := c.Inputs.Environment.Variables
	f, err := scf.Start(t.Context(), binary, variables)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Stop()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": "mini-program", "aud": "cos-credentials", "sub": "alice", "exp": time.Now().Add(time.Hour).Unix(),
	}).SignedString([]byte(variables["JWT_SECRET"]))
	if err != nil {
		t.Fatal(err)
	}
	in := scf.Invocation{RequestID: "deployed", TimeLimit: time.Duration(c.Inputs.Timeout) * time.Second, Environment: map[string]string{}}
	if c.Inputs.Role != "" { // then, and only then, the platform delivers the role's key
		in.Environment = map[string]string{
			"TENCENTCLOUD_SECRETID": "AKIDexecutionrole", "TENCENTCLOUD_SECRETKEY": "the-role's-key", "TENCENTCLOUD_SESSIONTOKEN": "the-role's-session",
		}
	}
	answer, err := f.Invoke(t.Context(), fmt.Appendf(nil, event, token), in)
	if err != nil {
		t.Fatal(err)
	}
	var response struct {
		StatusCode int
		Headers    map[string]string
		Body       string
	}
	var body struct{ Credentials struct{ SessionToken string } }
	if err := json.Unmarshal(answer, &response); err != nil {
		t.Fatalf("%v in %s", err, answer)
	}
	wait, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	f.Log.Wait(wait, in.RequestID)
	if err := json.Unmarshal([]byte(response.Body), &body); err != nil || response.StatusCode != 200 {
		t.Fatalf("%d %s\n%s", response.StatusCode, response.Body, f.Log.Tail())
	}
	headers = map[string]string{}
	for k, v := range response.Headers {
		headers[strings.ToLower(k)] = v
	}
	return body.Credentials.SessionToken, headers
}
