package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/function/login"
	"cos-credentials/test/issuer"
)

// explained pipes a token into explain.
func explained(t *testing.T, token string, args ...string) (status int, out string) {
	t.Helper()
	file := save(t, t.TempDir(), "token", token)
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	was := os.Stdin
	os.Stdin = in
	defer func() { os.Stdin = was }()
	status, out, problems := local(t, append([]string{"explain", "--token", "-"}, args...)...)
	if len(token) > 20 && strings.Contains(out+problems, token) {
		t.Error("the token is shown")
	}
	return status, out + problems
}

const explainedAccess = `issuers:
  - name: shop
    issuer: https://login.example.com
    audiences: [cos-credentials]
    secret: ["${JWT_SECRET}", "${JWT_SECRET_OLD?}"]
    require: {token_use: [access]}
    refuse: {scope: [anonymous]}
  - name: base
    issuer: base
    audiences: [cos-credentials]
    secret: ${BASE_SECRET}
    secretEncoding: base64
grants:
  - {name: staff, issuers: [shop], when: {role: [staff, admin]}, bucket: b-1, region: ap-guangzhou,
     allowPrefixes: ["all/*"], allowActions: [download]}
  - {name: own, issuers: [shop], when: {role: [member]}, bucket: b-1, region: ap-guangzhou,
     allowPrefixes: ["users/{sub}/*"], allowActions: [upload]}
  - {name: base, issuers: [base], when: {tenant: [acme]}, bucket: b-1, region: ap-guangzhou,
     allowPrefixes: ["base/{sub}/*"], allowActions: [upload]}
`

// What each rule says, with the values that the token and the file have.
func TestExplainToken(t *testing.T) {
	secret := strings.Repeat("s", 32)
	t.Setenv("JWT_SECRET", secret)
	t.Setenv("TOKENS_NOT_BEFORE", "2020-01-01T00:00:00Z")
	mallory := "shop/" + login.Identity{Subject: "mallory"}.User()
	t.Setenv("BLOCKED", mallory)
	access := save(t, t.TempDir(), "access.yaml", explainedAccess)
	now := time.Now().Unix()
	for _, c := range []struct {
		change issuer.Claims // of a good token; nil takes a claim away
		alg    string
		key    string
		status int
		says   []string
	}{
		{nil, "HS256", secret, 0, []string{"No rule refuses the token.", "gets grant own.", "users/alice/*",
			"Grant staff is not for this login: role is member; when wants staff or admin."}},
		{issuer.Claims{"iss": "https://login.example.com/"}, "HS256", secret, 1, []string{
			"iss is https://login.example.com/ – the file has it without the final slash, as issuer shop", "One rule"}},
		{issuer.Claims{"iss": "https://Login.example.com"}, "HS256", secret, 1, []string{"with other capitals"}},
		{issuer.Claims{"iss": "x\x1b[31m"}, "HS256", secret, 1, []string{`iss is "x\x1b[31m"`, "base (base)"}},
		{nil, "HS512", secret, 1, []string{"alg is HS512; issuer shop has HS256"}},
		{issuer.Claims{"aud": []string{"a", "b"}}, "HS256", secret, 1, []string{
			`aud is ["a","b"]; issuer shop takes cos-credentials`, "If it were not refused", "gets grant own."}},
		{issuer.Claims{"aud": nil, "client_id": "web"}, "HS256", secret, 1, []string{
			"there is no aud, and client_id is web: audienceClaim: client_id would take it"}},
		{issuer.Claims{"sub": 42}, "HS256", secret, 1, []string{"sub is 42", "{sub|int}"}},
		{issuer.Claims{"exp": now + 700000, "iat": nil}, "HS256", secret, 1, []string{
			"life left", "maxLifetimeSeconds: 86400"}},
		{issuer.Claims{"iat": now - 90000}, "HS256", secret, 1, []string{"it lives 93600 s"}},
		{issuer.Claims{"exp": (now + 60) * 1000}, "HS256", secret, 1, []string{"in milliseconds", "exp is 17"}},
		{issuer.Claims{"exp": now - 60}, "HS256", secret, 1, []string{
			"exp has passed: exp is 20", "leewaySeconds is 30"}},
		{issuer.Claims{"jti": 5}, "HS256", secret, 1, []string{"the jti is not a string"}},
		{issuer.Claims{"token_use": "id"}, "HS256", secret, 1, []string{"token_use is id; require wants access"}},
		{issuer.Claims{"scope": "a anonymous"}, "HS256", secret, 1, []string{
			"scope is a anonymous; refuse names anonymous"}},
		{issuer.Claims{"iat": 1, "exp": now + 60}, "HS256", secret, 1, []string{
			"TOKENS_NOT_BEFORE is 2020-01-01T00:00:00Z"}},
		{issuer.Claims{"sub": "mallory"}, "HS256", secret, 1, []string{"BLOCKED names this user: " + mallory}},
		{nil, "HS256", strings.Repeat("t", 32), 1, []string{
			"the signature does not match: is the secret that is set here"}},
		{issuer.Claims{"iss": "base", "role": nil}, "HS256", secret, 1, []string{
			"No rule refuses", "the secret of issuer base is not set here", "there is no tenant; when wants acme"}},
	} {
		held := issuer.Claims{"iss": "https://login.example.com", "aud": "cos-credentials", "sub": "alice", "iat": now,
			"exp": now + 3600, "token_use": "access", "role": "member"}
		for name, value := range c.change {
			if held[name] = value; value == nil {
				delete(held, name)
			}
		}
		token, err := jwt.NewWithClaims(jwt.GetSigningMethod(c.alg), jwt.MapClaims(held)).SignedString([]byte(c.key))
		if err != nil {
			t.Fatal(err)
		}
		status, out := explained(t, "Bearer "+token+"\n", "--access", access)
		for _, want := range c.says {
			if status != c.status || !strings.Contains(out, want) {
				t.Errorf("%v: %d, no %q in\n%s", c.change, status, want, out)
			}
		}
	}
	for token, want := range map[string]string{
		"aMzHF8vNoBGTe0Qz": "it is opaque", "": "it is opaque",
		"a.b.c.d.e": "it is encrypted", "eyJ\neyJ.x.y": "a character outside",
	} {
		if status, out := explained(t, token, "--access", access); status != 1 || !strings.Contains(out, want) {
			t.Errorf("%q: %d\n%s", token, status, out)
		}
	}
}

// A token is taken from nowhere else, is never shown, and never beside --sub.
func TestTokenIsNoArgument(t *testing.T) {
	for _, args := range [][]string{
		{"explain", "--token", "eyJhbGciOiJIUzI1NiJ9"}, {"explain", "--token", "-", "--sub", "a"}} {
		status, out, problems := local(t, append(args, "--access", shipped)...)
		if status != 2 || strings.Contains(out+problems, "eyJhbGciOiJIUzI1NiJ9") {
			t.Errorf("%d\n%s%s", status, out, problems)
		}
	}
}

// Nobody is asked for keys unless --fetch says so.
func TestExplainFetchesOnlyWhenTold(t *testing.T) {
	key, err := issuer.NewKey("ES256")
	if err != nil {
		t.Fatal(err)
	}
	set, err := issuer.KeySet(key)
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int64
	keys := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Write([]byte(set))
	}))
	defer keys.Close()
	access := filepath.Join(t.TempDir(), "access.yaml")
	text := "issuers: [{name: idp, issuer: idp, audiences: [a], jwksUri: " + keys.URL + "/jwks}]\n" +
		"grants: [{name: g, bucket: b-1, region: ap-guangzhou, allowPrefixes: [\"{sub}/*\"], allowActions: [upload]}]\n"
	if err := os.WriteFile(access, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	other, err := issuer.NewKey("ES256")
	if err != nil {
		t.Fatal(err)
	}
	held := issuer.Claims{"iss": "idp", "aud": "a", "sub": "alice", "exp": time.Now().Unix() + 60}
	forged, err := issuer.Sign("ES256", other, held)
	if err != nil {
		t.Fatal(err)
	}
	good, err := issuer.Sign("ES256", key, held)
	if err != nil {
		t.Fatal(err)
	}
	expect := func(token string, wantStatus int, wantAsked int64, want string, args ...string) {
		t.Helper()
		status, out := explained(t, token, append(args, "--access", access)...)
		if status != wantStatus || asked.Load() != wantAsked || !strings.Contains(out, want) {
			t.Errorf("%d after %d calls, no %q in\n%s", status, asked.Load(), want, out)
		}
	}
	expect(forged, 0, 0, "nothing is called without --fetch, and the keys of issuer idp are at "+keys.URL)
	expect(forged, 1, 1, "the signature does not match; kid is test, alg is ES256", "--fetch")
	expect(good, 0, 2, "gets grant g.", "--fetch")
	keys.Close()
	expect(good, 1, 2, "the keys of issuer idp can't be had: ", "--fetch")
}
