package main

import (
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/test/deploy"
)

// serverless.yml sets, or offers in a comment, exactly the variables that the function asks for: what it looks up is
// written down while it starts and answers, with nothing set and with everything.
func TestServerlessSetsWhatIsRead(t *testing.T) {
	all := deploy.Fill(deploy.Everything, "").Inputs.Environment.Variables

	read := map[string]bool{}
	keyless := map[string]string{"STS_ROLE_ARN": "qcs::cam::uin/1:roleName/r", "JWT_SECRET": secret, "COS_BUCKET": "b-1", "COS_REGION": "ap-guangzhou", "STS_HOST": "127.0.0.1:1"}
	for _, env := range []map[string]string{{}, all, keyless} {
		lookup := func(name string) (string, bool) {
			read[name] = true
			if name == "ACCESS_FILE" { // serverless.yml has what this one reads; policy/access.yaml is its user's to change
				return "../events/access/shipped.yaml", true
			}
			v, ok := env[name]
			return v, ok
		}
		h := newHandler(lookup, os.ReadFile, io.Discard)
		event := `{"httpMethod":"GET","path":"/","headers":{"authorization":"Bearer ` + newToken(t, jwt.MapClaims{"iss": "mini-program"}) + `"},"queryString":{}}`
		h.serve(t.Context(), "1", []byte(event))
	}
	if !read["TENCENTCLOUD_SESSIONTOKEN"] {
		t.Error("no event got as far as to STS, so not everything was looked up")
	}
	maps.DeleteFunc(read, func(name string, _ bool) bool { return strings.HasPrefix(name, "TENCENTCLOUD_") }) // the platform's own
	want, got := slices.Sorted(maps.Keys(read)), slices.Sorted(maps.Keys(all))
	if !slices.Equal(want, got) {
		t.Errorf("the function reads %q\nserverless.yml has %q", want, got)
	}
}
