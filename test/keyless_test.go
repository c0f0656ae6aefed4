package test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"cos-credentials/test/issuer"
	"cos-credentials/test/replay"
	"cos-credentials/test/scf"
	"cos-credentials/test/sts"
)

// The platform delivers the execution role's key anew with every invocation, and one that it delivered before is worth
// nothing: the function signs with what came with the event.
func TestExecutionRolesKeyChangesWithEveryInvocation(t *testing.T) {
	var keys []sts.Key
	for i := range 3 {
		k := sts.NewKey("1250000000")
		k.Token = fmt.Sprint("token-of-the-role-", i)
		keys = append(keys, k)
	}
	service := &sts.STS{Keys: keys, Roles: []sts.Role{{ARN: replay.RoleARN}}}
	host, stop, err := service.Serve()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	secret := strings.Repeat("secret-of-the-login", 3)
	f, err := scf.Start(t.Context(), binary, map[string]string{
		"COS_BUCKET": "examplebucket-1250000000", "COS_REGION": "ap-guangzhou", "JWT_SECRET": secret,
		"STS_ROLE_ARN": replay.RoleARN, "STS_HOST": host, "STS_SCHEME": "http", "STS_CACHE": "off",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Stop()
	token, err := issuer.Sign("HS256", []byte(secret), issuer.Claims{
		"iss": "mini-program", "aud": "cos-credentials", "sub": "alice", "exp": time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	event := []byte(asJSON(map[string]any{"httpMethod": "GET", "path": "/", "headers": map[string]string{"authorization": "Bearer " + token}}))
	ask := func(id string, role map[string]string) (status int, line string) {
		t.Helper()
		text, err := f.Invoke(t.Context(), event, scf.Invocation{RequestID: id, Environment: role})
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ StatusCode int }
		if err := json.Unmarshal(text, &answer); err != nil {
			t.Fatal(err)
		}
		wait, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		line, _ = f.Log.Wait(wait, id)
		return answer.StatusCode, line
	}

	// Before the platform has delivered any, the log says what to do, and STS is not asked.
	if status, line := ask("none", nil); status != 500 || !strings.Contains(line, "give the function an execution role (role in serverless.yml)") {
		t.Errorf("%d %s", status, line)
	}
	if n := len(service.Records()); n != 0 {
		t.Errorf("STS was asked %d times with no key", n)
	}
	for i, k := range append(keys, keys[0]) {
		status, line := ask(fmt.Sprint("role-", i), k.Environment())
		records := service.Records()
		if len(records) == 0 {
			t.Fatalf("%d: %d, and STS was not asked\n%s", i, status, line)
		}
		last := records[len(records)-1]
		if status != 200 || last.SecretID != k.SecretID || last.Action != "AssumeRole" || last.Signature != "TC3" || last.Params["RoleSessionName"] != "alice@mini" {
			t.Errorf("%d: %d %+v\n%s", i, status, last, line)
		}
	}
	// An id of one delivery with the token of another is nobody's key.
	mixed := sts.Key{SecretID: keys[0].SecretID, SecretKey: keys[0].SecretKey, Token: keys[1].Token}
	if status, line := ask("mixed", mixed.Environment()); status != 500 || !strings.Contains(line, "AuthFailure.TokenFailure") {
		t.Errorf("%d %s", status, line)
	}
	for _, line := range f.Log.Lines() {
		for _, k := range keys {
			if strings.Contains(line, k.SecretKey) || strings.Contains(line, k.Token) {
				t.Errorf("a secret in the log: %s", line)
			}
		}
	}
}
