package login

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"cos-credentials/policy/claim"
	"cos-credentials/policy/trust"
)

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func publicPEM(key any) string { return pemOf("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(key))) }

func TestNewRefuses(t *testing.T) {
	keys := keyring()
	p224 := must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
	goodPEM := publicPEM(keys.rsa.Public())
	for name, c := range map[string]struct {
		change func(*trust.Issuer)
		field  string
	}{
		"no name":               {func(i *trust.Issuer) { i.Name = "" }, "name"},
		"no iss":                {func(i *trust.Issuer) { i.Spellings = nil }, "issuer"},
		"no audience":           {func(i *trust.Issuer) { i.Audiences = nil }, "audiences"},
		"empty audience":        {func(i *trust.Issuer) { i.Audiences = []string{"a", ""} }, "audiences"},
		"no algorithm":          {func(i *trust.Issuer) { i.Algorithms = nil }, "algorithms"},
		"none":                  {func(i *trust.Issuer) { i.Algorithms = []string{"RS256", "none"} }, "algorithms"},
		"unknown algorithm":     {func(i *trust.Issuer) { i.Algorithms = []string{"RS256", "rs256"} }, "algorithms"},
		"HS with public keys":   {func(i *trust.Issuer) { i.Algorithms = []string{"RS256", "HS256"} }, "algorithms"},
		"RS with a secret":      {func(i *trust.Issuer) { i.JWKS, i.Secrets = "", []trust.Secret{keys.secret} }, "algorithms"},
		"short secret":          {secret(31, "HS256"), "secret"},
		"short for the longest": {secret(63, "HS256", "HS512"), "secret"},
		"short for HS384":       {secret(47, "HS384"), "secret"},
		"a key file as secret": {func(i *trust.Issuer) {
			i.JWKS, i.Secrets, i.Algorithms = "", []trust.Secret{[]byte(goodPEM)}, []string{"HS256"}
		}, "secret"},
		"negative leeway":         {func(i *trust.Issuer) { i.Leeway = -1 }, "leewaySeconds"},
		"long leeway":             {func(i *trust.Issuer) { i.Leeway = 301 * time.Second }, "leewaySeconds"},
		"no lifetime":             {func(i *trust.Issuer) { i.MaxLifetime = 0 }, "maxLifetimeSeconds"},
		"negative lifetime":       {func(i *trust.Issuer) { i.MaxLifetime = -time.Second }, "maxLifetimeSeconds"},
		"no key source":           {func(i *trust.Issuer) { i.JWKS = "" }, ""},
		"empty secret":            {secret(0, "HS256"), "secret"},
		"two key sources":         {func(i *trust.Issuer) { i.Discovery = true }, ""},
		"a spelling is empty":     {func(i *trust.Issuer) { i.Spellings = append(i.Spellings, "") }, "issuer"},
		"a secret for nothing":    {func(i *trust.Issuer) { i.Secrets = []trust.Secret{keys.secret} }, "secret"},
		"a key set for nothing":   {func(i *trust.Issuer) { i.Secrets, i.Algorithms = []trust.Secret{keys.secret}, []string{"HS256"} }, "jwks"},
		"whose algorithms?":       {func(i *trust.Issuer) { i.Secrets, i.Algorithms = []trust.Secret{keys.secret}, nil }, "algorithms"},
		"four secrets":            {func(i *trust.Issuer) { secret(32, "HS256")(i); i.Secrets = slices.Repeat(i.Secrets, 4) }, "secret"},
		"four PEM keys":           {func(i *trust.Issuer) { pemText(goodPEM)(i); i.PublicKeys = slices.Repeat(i.PublicKeys, 4) }, "publicKey"},
		"an old secret is short":  {func(i *trust.Issuer) { secret(32, "HS256")(i); i.Secrets = append(i.Secrets, i.Secrets[0][:31]) }, "secret"},
		"an old PEM is bad":       {func(i *trust.Issuer) { pemText(goodPEM)(i); i.PublicKeys = append(i.PublicKeys, "MIIB") }, "publicKey[1]"},
		"subject of a key set":    {func(i *trust.Issuer) { i.Subject.Claim = "uid" }, "subject"},
		"subject that is no user": {func(i *trust.Issuer) { pemText(goodPEM)(i); i.Subject.Claim = "iss" }, "subject"},
		"audienceClaim aud":       {func(i *trust.Issuer) { i.AudienceClaim = "aud" }, "audienceClaim"},
		"required and refused":    {func(i *trust.Issuer) { i.Require, i.Refuse = role("a", "b"), role("c", "b") }, "refuse"},
		"http":                    {uri("http://login.example.com/jwks"), "jwksUri"},
		"http, almost loopback":   {uri("http://127.0.0.1.example.com/jwks"), "jwksUri"},
		"http, loopback as user":  {uri("http://localhost@example.com/jwks"), "jwksUri"},
		"http, private network":   {uri("http://10.0.0.1/jwks"), "jwksUri"},
		"http, any address":       {uri("http://0.0.0.0/jwks"), "jwksUri"},
		"file":                    {uri("file:///etc/keys"), "jwksUri"},
		"no scheme":               {uri("login.example.com/jwks"), "jwksUri"},
		"no host":                 {uri("https:///jwks"), "jwksUri"},
		"only a port":             {uri("https://:443/jwks"), "jwksUri"},
		"opaque":                  {uri("https:login.example.com"), "jwksUri"},
		"password":                {uri("https://u:p@login.example.com/jwks"), "jwksUri"},
		"fragment":                {uri("https://login.example.com/jwks#a"), "jwksUri"},
		"empty fragment":          {uri("https://login.example.com/jwks#"), "jwksUri"},
		"control character":       {uri("https://login.example.com/\n"), "jwksUri"},
		"discovery of no URL":     {func(i *trust.Issuer) { i.JWKS, i.Discovery, i.Spellings = "", true, []string{"mini"} }, "issuer"},
		"discovery over http":     {func(i *trust.Issuer) { i.JWKS, i.Discovery, i.Spellings = "", true, []string{"http://example.com"} }, "issuer"},
		"discovery with a query": {func(i *trust.Issuer) {
			i.JWKS, i.Discovery, i.Spellings = "", true, []string{"https://example.com/?a=b"}
		}, "issuer"},
		"JWKS is no JSON":         {func(i *trust.Issuer) { i.JWKS = "keys" }, "jwks"},
		"JWKS is a key":           {func(i *trust.Issuer) { i.JWKS = string(must(json.Marshal(jwk(keys.rsa.Public())))) }, "jwks"},
		"JWKS is empty":           {func(i *trust.Issuer) { i.JWKS = jwks() }, "jwks"},
		"JWKS of other algorithm": {func(i *trust.Issuer) { i.JWKS = jwks(jwk(keys.p256.Public())) }, "jwks"},
		"JWKS of twins": {func(i *trust.Issuer) {
			i.JWKS = jwks(jwk(keys.rsa.Public(), "kid", "a"), jwk(keys.rsa2.Public(), "kid", "a"))
		}, "jwks"},
		"PEM is no PEM":           {pemText("MIIB"), "publicKey"},
		"PEM with text before":    {pemText("my key:\n" + goodPEM), "publicKey"},
		"PEM with text after":     {pemText(goodPEM + "x"), "publicKey"},
		"PEM with headers":        {pemText(strings.Replace(goodPEM, "KEY-----\n", "KEY-----\nA: b\n\n", 1)), "publicKey"},
		"two PEM blocks":          {pemText(goodPEM + goodPEM), "publicKey"},
		"private PEM":             {pemText(pemOf("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(keys.rsa)))), "publicKey"},
		"private RSA PEM":         {pemText(pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(keys.rsa))), "publicKey"},
		"mislabelled private PEM": {pemText(pemOf("PUBLIC KEY", must(x509.MarshalPKCS8PrivateKey(keys.rsa)))), "publicKey"},
		"PEM of something else":   {pemText(pemOf("CERTIFICATE REQUEST", []byte("a"))), "publicKey"},
		"PEM with a bad key":      {pemText(pemOf("PUBLIC KEY", []byte("a"))), "publicKey"},
		"PEM of 1024 bits":        {pemText(publicPEM(keys.rsaSmall.Public())), "publicKey"},
		"PEM of P-224":            {pemText(publicPEM(p224.Public())), "publicKey"},
		"PEM of other algorithm":  {pemText(publicPEM(keys.ed25519.Public())), "algorithms"},
	} {
		i := shop()
		c.change(&i)
		v, err := New([]trust.Issuer{i}, Revoked{}, nil)
		var problem *ConfigError
		if v != nil || !errors.As(err, &problem) {
			t.Errorf("%s: accepted", name)
			continue
		}
		if c.field != problem.Field || problem.Field != "" && !strings.Contains(err.Error(), ": "+c.field+": ") {
			t.Errorf("%s: no problem with %s: %v", name, c.field, err)
		}
		if want := map[bool]string{true: "shop", false: "issuers[0]"}[i.Name != ""]; problem.Issuer != want {
			t.Errorf("%s: issuer %q, want %q", name, problem.Issuer, want)
		}
		if text := err.Error(); strings.Contains(text, "secret-") || strings.Contains(text, "MII") || strings.Contains(text, "u:p") {
			t.Errorf("%s: the message holds key material: %s", name, text)
		}
	}
}

func secret(size int, algorithms ...string) func(*trust.Issuer) {
	return func(i *trust.Issuer) {
		i.JWKS, i.Secrets, i.Algorithms = "", []trust.Secret{bytes.Repeat([]byte("secret-1"), 8)[:size]}, algorithms
	}
}

func role(values ...any) []claim.Requirement {
	return []claim.Requirement{{Claim: "role", Values: values}}
}

func uri(uri string) func(*trust.Issuer) {
	return func(i *trust.Issuer) { i.JWKS, i.JWKSURI = "", uri }
}

func pemText(text string) func(*trust.Issuer) {
	return func(i *trust.Issuer) { i.JWKS, i.PublicKeys = "", []string{text} }
}

func TestNewReportsEverythingAtOnce(t *testing.T) {
	if v, err := New(nil, Revoked{}, nil); v != nil || err == nil {
		t.Error("no issuer is fine?")
	}
	twin := shop()
	_, err := New([]trust.Issuer{{}, {Name: "mini", Algorithms: []string{"HS256"}, Secrets: []trust.Secret{[]byte("short")}}, shop(), twin}, Revoked{}, nil)
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("%T", err)
	}
	got := map[string]bool{}
	for _, err := range joined.Unwrap() {
		var problem *ConfigError
		if !errors.As(err, &problem) || problem.Message == "" {
			t.Fatalf("%T: %v", err, err)
		}
		got[problem.Issuer+" "+problem.Field] = true
	}
	for _, want := range []string{
		"issuers[0] name", "issuers[0] issuer", "issuers[0] audiences", "issuers[0] algorithms", "issuers[0] ",
		"issuers[0] maxLifetimeSeconds", "mini issuer", "mini audiences", "mini secret", "mini maxLifetimeSeconds",
		"shop name", "shop issuer",
	} {
		if !got[want] {
			t.Errorf("%s is not reported: %v", want, err)
		}
		delete(got, want)
	}
	if len(got) > 0 {
		t.Errorf("reported too: %v", got)
	}
}

// A spelling belongs to one issuer, whichever of its spellings it is.
func TestNewRefusesTakenSpellings(t *testing.T) {
	other := shop()
	other.Name, other.Spellings = "other", []string{"https://other.example.com", shop().Spellings[0]}
	_, err := New([]trust.Issuer{shop(), other}, Revoked{}, nil)
	var problem *ConfigError
	if !errors.As(err, &problem) || problem.Issuer != "other" || problem.Field != "issuer" {
		t.Error(err)
	}
}

// New does no I/O: nothing listens there.
func TestNewAcceptsURLs(t *testing.T) {
	for _, address := range []string{
		"https://login.example.com/.well-known/jwks.json", "https://login.example.com:8443/a?b=c", "https://10.0.0.1/",
		"http://127.0.0.1:1/jwks", "http://127.8.9.10/", "http://[::1]:1/jwks", "http://localhost:1/jwks", "HTTP://LOCALHOST/",
	} {
		i := shop()
		uri(address)(&i)
		newVerifier(t, i)
	}
}

func TestPEMKeys(t *testing.T) {
	keys := keyring()
	certificate := must(x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "login"}, NotAfter: epoch.Add(-time.Hour),
	}, &x509.Certificate{}, keys.p256.Public(), keys.p256))
	for alg, c := range map[string]struct {
		key any
		pem string
	}{
		"RS256": {keys.rsa, publicPEM(keys.rsa.Public())},
		"PS384": {keys.rsa, " \r\n" + pemOf("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&keys.rsa.PublicKey)) + "\n\n"},
		"ES256": {keys.p256, pemOf("CERTIFICATE", certificate)},
		"ES384": {keys.p384, publicPEM(keys.p384.Public())},
		"ES512": {keys.p521, publicPEM(keys.p521.Public())},
		"EdDSA": {keys.ed25519, publicPEM(keys.ed25519.Public())},
	} {
		i := shop()
		i.JWKS, i.PublicKeys, i.Algorithms = "", []string{c.pem}, []string{"RS256", "PS384", "ES256", "ES384", "ES512", "EdDSA"}
		v := newVerifier(t, i)
		for _, header := range []string{`{"alg":"` + alg + `"}`, `{"alg":"` + alg + `","kid":"any"}`} {
			if _, kind := verify(t, v, sign(alg, c.key, header, shopClaims)); kind != accepted {
				t.Errorf("%s: %v", header, kind)
			}
		}
		if alg != "ES256" { // the list has it, the key can't do it
			if _, kind := verify(t, v, sign("ES256", keys.p256, `{"alg":"ES256"}`, shopClaims)); kind != Invalid {
				t.Errorf("%s key, ES256 token: %v", alg, kind)
			}
		}
	}
}

// The caller's slices may change after New.
func TestNewCopies(t *testing.T) {
	i := shop()
	i.JWKS, i.Algorithms, i.Secrets = "", []string{"HS256"}, []trust.Secret{bytes.Clone(keyring().secret)}
	v := newVerifier(t, i)
	i.Algorithms[0], i.Audiences[0] = "HS512", "other"
	clear(i.Secrets[0])
	if _, kind := verify(t, v, sign("HS256", keyring().secret, `{"alg":"HS256"}`, shopClaims)); kind != accepted {
		t.Error(kind)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	i := shop()
	i.JWKS, i.Algorithms, i.Secrets = "", []string{"HS256"}, []trust.Secret{keyring().secret}
	v := newVerifier(t, i)
	identity, kind := verify(t, v, sign("HS256", keyring().secret, `{"alg":"HS256"}`, shopClaims))
	if kind != accepted {
		t.Fatal(kind)
	}
	var out bytes.Buffer
	for _, value := range []any{i, &i, []trust.Issuer{i}, v, *v, v.issuers, identity, &identity, []Identity{identity}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
			slog.New(handler).Info("m", "v", value, "g", slog.GroupValue(slog.Any("v", value)))
		}
		data, _ := json.Marshal(value)
		out.Write(data)
	}
	for _, secret := range []string{"secret-0", "7365637265742d30", "115 101 99", b64(keyring().secret)[:10], "user-42", "0x73, 0x65"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q was printed", secret)
		}
	}
	if !strings.Contains(out.String(), "trust.Issuer(shop)") {
		t.Error("the issuer's name was not")
	}
}

func TestZeroValuesDeny(t *testing.T) {
	token := sign("RS256", keyring().rsa, `{"alg":"RS256","kid":"rsa"}`, shopClaims)
	if _, kind := verify(t, &Verifier{}, token); kind != Invalid {
		t.Error(kind)
	}
	if (&Error{}).Kind != Invalid {
		t.Error("the zero Kind is not Invalid")
	}
	var none keySet
	if key, err := none.candidates(t.Context(), joseHeader{}, false); key != nil || err == nil {
		t.Error("an empty set has a key")
	}
	if key, err := newOwnKeys(nil).candidates(t.Context(), joseHeader{}, false); key != nil || err == nil {
		t.Error("an empty key is one")
	}
}
