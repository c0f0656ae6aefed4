package cloud

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/policy"
	"cos-credentials/policy/strictyaml"
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

// The function's built-in access file works as it is: the login signs with the secret that it names. Its variables come
// from Options.Env before this process's environment, and nothing else of that reaches the function.
func TestOwnAccessFile(t *testing.T) {
	t.Setenv("COS_BUCKET", "mine-1300000000")
	t.Setenv("COS_REGION", "ap-shanghai")
	t.Setenv("STS_ROLE_ARN", "no role at all") // it would be a mistake, did the function see it
	s := begin(t, Options{Access: saved(t, string(policy.DefaultFile)), Env: map[string]string{"COS_REGION": "ap-beijing"}})
	if s.Bucket != "mine-1300000000" || s.Region != "ap-beijing" {
		t.Errorf("%s in %s", s.Bucket, s.Region)
	}
	if c := key(t, s, "alice"); c.Bucket != s.Bucket || strings.Join(c.Prefixes, " ") != "users/alice/*" {
		t.Errorf("%+v", c)
	}
	records := s.STS.Records()
	if len(records) != 1 || !strings.Contains(records[0].Policy, "uid/1300000000:mine-1300000000/users/alice/*") {
		t.Errorf("%+v", records)
	}
}

// A file that trusts an issuer elsewhere: no login can be made here, and its own tokens open the door.
func TestOwnIssuer(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	file := `
issuers: [{name: shop, issuer: https://login.example.com/, audiences: [app], algorithms: [ES256], publicKey: "${SHOP_KEY}"}]
grants: [{name: files, bucket: "${COS_BUCKET}", region: "${COS_REGION}", allowPrefixes: ["{sub}/*"], allowActions: [upload]}]
`
	s := begin(t, Options{Access: saved(t, file), Env: map[string]string{
		"SHOP_KEY": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))}})
	if answer, text := ask(t, "POST", s.Login, `{"user":"alice"}`); answer.StatusCode != 404 || !strings.Contains(text, "your own issuer") {
		t.Errorf("%d %s", answer.StatusCode, text)
	}
	if _, text := ask(t, "GET", s.Page+"config.json", ""); !strings.Contains(text, `"canLogIn":false`) {
		t.Error(text)
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
		"iss": "https://login.example.com/", "aud": "app", "sub": "alice", "exp": time.Now().Add(time.Hour).Unix(),
	}).SignedString(private)
	if err != nil {
		t.Fatal(err)
	}
	if answer, text := ask(t, "GET", s.Credentials, "", "Authorization", "Bearer "+token); answer.StatusCode != 200 || !strings.Contains(text, `"prefix":"alice/"`) {
		t.Errorf("%d %s", answer.StatusCode, text)
	}
}

func TestAccessFileThatCannotBeUsed(t *testing.T) {
	issuer := "issuers: [{name: a, issuer: a, audiences: [a], secret: \"${JWT_SECRET}\"}]\n"
	grant := func(name, bucket string) string {
		return "  - {name: " + name + ", bucket: \"" + bucket + "\", region: ap-a, allowPrefixes: [\"" + name + "/{sub}/*\"], allowActions: [upload]}\n"
	}
	two := saved(t, issuer+"grants:\n"+grant("one", "a-1250000000")+grant("two", "b-1250000000"))
	if _, err := Start(t.Context(), Options{Binary: binary, Access: two}); err == nil || !strings.Contains(err.Error(), "the local COS is one bucket") {
		t.Error(err)
	}
	var problems *strictyaml.Problems
	unset := saved(t, issuer+"grants:\n"+grant("one", "${NO_SUCH_VARIABLE}"))
	if _, err := Start(t.Context(), Options{Binary: binary, Access: unset}); !errors.As(err, &problems) || !strings.Contains(err.Error(), "NO_SUCH_VARIABLE") {
		t.Error(err)
	}
	if _, err := Start(t.Context(), Options{Binary: binary, Access: filepath.Join(t.TempDir(), "none")}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
