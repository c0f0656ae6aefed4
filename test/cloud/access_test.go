package cloud

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cos-credentials/test/issuer"
)

// saved writes an access file.
func saved(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "access.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The access file that the function comes with works as it is: the login signs with the secret that it names. Its variables come
// from Options.Env before this process's environment, and nothing else of that reaches the function.
func TestOwnAccessFile(t *testing.T) {
	t.Setenv("COS_BUCKET", "mine-1300000000")
	t.Setenv("COS_REGION", "ap-shanghai")
	t.Setenv("STS_ROLE_ARN", "no role at all") // it would be a mistake, did the function see it
	s := begin(t, Options{Access: "../../events/access/shipped.yaml", Env: map[string]string{"COS_REGION": "ap-beijing"}})
	_, answer := key(t, s, "alice")
	if s.Bucket != "mine-1300000000" || s.Region != "ap-beijing" || !strings.Contains(answer, `["users/alice/*"]`) {
		t.Errorf("%s in %s: %s", s.Bucket, s.Region, answer)
	}
	records := s.STS.Records()
	if len(records) != 1 || !strings.Contains(records[0].Policy, "uid/1300000000:mine-1300000000/users/alice/*") {
		t.Errorf("%+v", records)
	}
}

// A file that trusts an issuer elsewhere: no login can be made here, and its own tokens open the door.
func TestOwnIssuer(t *testing.T) {
	private, err := issuer.NewKey("ES256")
	if err != nil {
		t.Fatal(err)
	}
	public, err := issuer.PEM(private)
	if err != nil {
		t.Fatal(err)
	}
	token, err := issuer.Sign("ES256", private, issuer.Claims{
		"iss": "https://login.example.com/", "aud": "app", "sub": "alice", "exp": time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	s := begin(t, Options{Env: map[string]string{"SHOP_KEY": public}, Access: saved(t, `
issuers:
  - {name: shop, issuer: https://login.example.com/, audiences: [app], algorithms: [ES256], publicKey: "${SHOP_KEY}"}
grants:
  - {name: f, bucket: "${COS_BUCKET}", region: "${COS_REGION}", allowPrefixes: ["{sub}/*"], allowActions: [upload]}
`)})
	answer, text := ask(t, "POST", s.Login, `{"user":"alice"}`)
	if answer.StatusCode != 404 || !strings.Contains(text, "your own issuer") {
		t.Errorf("%d %s", answer.StatusCode, text)
	}
	if _, text := ask(t, "GET", s.Page+"config.json", ""); !strings.Contains(text, `"canLogIn":false`) {
		t.Error(text)
	}
	_, text = ask(t, "GET", s.Credentials, "", "Authorization", "Bearer "+token)
	if !strings.Contains(text, `"prefix":"alice/"`) {
		t.Error(text)
	}
}
