package gateway

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// One answer, sealed once with another implementation of HPKE; clients of every kind are held to it too.
const (
	vectorSealTo = "j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4KF8"
	vectorSealed = "" +
		"dT2kXvdF7cqSW3APAAuGLJZYX3x1ToxTG_JQ8F1_FiBGKmiOddLNxTfBvP3hjfaktQWan6AINtLUGditNxrh2h-6HigEFDOgHxEL" +
		"SDrr_1DtITfENyr13ZYJcDErQlG0o_vLGw7ZO7pkM2D8FdcNHXoPlbahc8elpIDhuQFRArvA9TGSIziDwXlupwdp644BYl4D6-SY" +
		"KDwEh6tCDRua4qOt0XmGfrWvhr6RaPllchhgw2hkFr8HrLy0oi6V0f8DmtztJBSaZXyGU5_JOhjl1x3XADKd"
	vectorAnswer = `{"credentials":{"tmpSecretId":"AKIDexample","tmpSecretKey":"secret","sessionToken":"token"},` +
		`"startTime":1700000000,"expiredTime":1700001800,"prefix":"users/小明/"}`
)

// clientKey is the vector's secret: the bytes 0 to 31.
func clientKey(t *testing.T) hpke.PrivateKey {
	t.Helper()
	secret := make([]byte, 32)
	for i := range secret {
		secret[i] = byte(i)
	}
	key, err := hpke.DHKEM(ecdh.X25519()).NewPrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// open is what a client does with a sealed answer.
func open(key hpke.PrivateKey, sealed string) (string, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil {
		return "", err
	}
	plaintext, err := hpke.Open(key, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), []byte(sealInfo), raw)
	return string(plaintext), err
}

func recipient(t *testing.T, sealTo string) Recipient {
	t.Helper()
	to, err := ParseRecipient(sealTo)
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func TestSealVectorOpens(t *testing.T) {
	key := clientKey(t)
	if got := base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()); got != vectorSealTo {
		t.Fatalf("the secret's public key is %s, want %s", got, vectorSealTo)
	}
	if got, err := open(key, vectorSealed); err != nil || got != vectorAnswer {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestSealOpensForTheRecipientOnly(t *testing.T) {
	to := recipient(t, vectorSealTo)
	first, err := to.Seal([]byte(vectorAnswer))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := open(clientKey(t), first); err != nil || got != vectorAnswer {
		t.Errorf("got %q, %v", got, err)
	}
	if second, err := to.Seal([]byte(vectorAnswer)); err != nil || second[:43] == first[:43] {
		t.Errorf("two answers share a key: %v", err)
	}
	other, err := hpke.DHKEM(ecdh.X25519()).GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := open(other, first); err == nil {
		t.Errorf("another key opens it: %q", got)
	}
}

func TestSealedAnswerWithAByteChangedDoesNotOpen(t *testing.T) {
	sealed, err := base64.RawURLEncoding.DecodeString(vectorSealed)
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		changed := slices.Clone(sealed)
		changed[i] ^= 1
		if got, err := open(clientKey(t), base64.RawURLEncoding.EncodeToString(changed)); err == nil {
			t.Errorf("byte %d changed: %q", i, got)
		}
	}
}

func TestRecipientRefused(t *testing.T) {
	base64url := func(hexadecimal string) string {
		raw, err := hex.DecodeString(hexadecimal)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	f := func(n int) string { return strings.Repeat("ff", n) }
	const short = "09" + "00000000000000000000000000000000000000000000000000000000000000"
	for name, c := range map[string]struct{ sealTo, why string }{
		"low order: 0":             {base64url(strings.Repeat("00", 32)), "low order"},
		"low order: 1":             {base64url("01" + strings.Repeat("00", 31)), "low order"},
		"order 8":                  {base64url("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"), "low order"},
		"order 8, too":             {base64url("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"), "low order"},
		"low order: p-1":           {base64url("ec" + f(30) + "7f"), "low order"},
		"p, another 0":             {base64url("ed" + f(30) + "7f"), "another spelling"},
		"p+1, another 1":           {base64url("ee" + f(30) + "7f"), "another spelling"},
		"p+9, another base point":  {base64url("f6" + f(30) + "7f"), "another spelling"},
		"2^255-1":                  {base64url(f(31) + "7f"), "another spelling"},
		"top bit, another 9":       {base64url(short[:62] + "80"), "another spelling"},
		"top bit, another 0":       {base64url(strings.Repeat("00", 31) + "80"), "another spelling"},
		"2^256-1":                  {base64url(f(32)), "another spelling"},
		"31 bytes":                 {base64url(short[:62]), "32 bytes"},
		"33 bytes":                 {base64url(short + "00"), "32 bytes"},
		"padding":                  {vectorSealTo + "=", "32 bytes"},
		"trailing bits":            {vectorSealTo[:42] + "9", "32 bytes"},
		"the other base64":         {"j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4K/8", "32 bytes"},
		"a line's end in the key":  {vectorSealTo[:20] + "\n" + vectorSealTo[20:42], "32 bytes"},
		"a line's end after it":    {vectorSealTo + "\n", "32 bytes"},
		"a space":                  {" " + vectorSealTo[1:], "32 bytes"},
		"hex":                      {short, "32 bytes"},
		"nothing":                  {"", "32 bytes"},
		"not ASCII, 43 characters": {strings.Repeat("é", 43), "32 bytes"},
	} {
		to, err := ParseRecipient(c.sealTo)
		if err == nil || !strings.Contains(err.Error(), c.why) || to.Asked() {
			t.Errorf("%s: got %v, want one about %q", name, err, c.why)
		}
	}
	for name, good := range map[string]string{
		"the vector's": vectorSealTo, "9": base64url(short), "p-2": base64url("eb" + f(30) + "7f"),
	} {
		if _, err := ParseRecipient(good); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRequestRecipient(t *testing.T) {
	for query, want := range map[string]string{
		`{}`:                                     "none",
		`{"sealTo":"` + vectorSealTo + `"}`:      "sealed",
		`{"sealTo":["` + vectorSealTo + `"]}`:    "sealed",
		`{"sealTo":""}`:                          "refused",
		`{"sealTo":true}`:                        "refused",
		`{"sealTo":[]}`:                          "refused",
		`{"sealTo":"a"}`:                         "refused",
		`{"sealTo":["` + vectorSealTo + `",""]}`: "refused",
		`{"sealTo":["` + vectorSealTo + `","` + vectorSealTo + `"]}`:                        "refused",
		`{"sealTo":["` + vectorSealTo + `","CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]}`: "refused",
	} {
		r, refusal := Parse([]byte(`{"httpMethod":"GET","path":"/","queryString":` + query + `}`))
		if refusal != nil {
			t.Fatal(refusal)
		}
		to, refusal := r.Recipient()
		got := "none"
		switch {
		case refusal != nil:
			if got = "refused"; refusal.Code != InvalidRequest || to.Asked() {
				t.Errorf("%s: %v", query, refusal)
			}
		case to.Asked():
			got = "sealed"
		}
		if got != want {
			t.Errorf("%s: got %s, want %s (%v)", query, got, want, refusal)
		}
	}
}

func TestResponseSeal(t *testing.T) {
	body := Credentials{Credentials: Keys{"AKIDexample", "secret", "token"}, RequestID: "r", Prefix: "users/小明/"}
	plain := Response{Status: 200, Header: map[string]string{"Vary": "Origin"}, Body: body}
	sealed, err := plain.Seal(recipient(t, vectorSealTo), "r")
	if err != nil {
		t.Fatal(err)
	}
	got := encode(t, sealed)
	if got.StatusCode != 200 || got.Headers["Vary"] != "Origin" || got.Headers["Cache-Control"] != "no-store" ||
		got.Headers["Content-Type"] != "application/json; charset=utf-8" {
		t.Errorf("status and headers: %+v", got)
	}
	var members map[string]string
	if err := json.Unmarshal([]byte(got.Body), &members); err != nil || len(members) != 2 || members["requestId"] != "r" {
		t.Fatalf("%v: %s", err, got.Body)
	}
	if text, err := open(clientKey(t), members["sealed"]); err != nil || text != encode(t, plain).Body {
		t.Errorf("got %s, %v", text, err)
	}
}

// If sealing fails, no key goes out.
func TestResponseSealFailsClosed(t *testing.T) {
	good := Response{Status: 200, Body: Credentials{Credentials: Keys{"id", "the secret key", "token"}}}
	to := recipient(t, vectorSealTo)
	for name, seal := range map[string]func() (Response, error){
		"no recipient":       func() (Response, error) { return good.Seal(Recipient{}, "r") },
		"an error":           func() (Response, error) { return (&Error{Code: StsBusy}).Response("r").Seal(to, "r") },
		"no body":            func() (Response, error) { return Response{Status: 200}.Seal(to, "r") },
		"a body not of JSON": func() (Response, error) { return Response{Status: 200, Body: func() {}}.Seal(to, "r") },
	} {
		answer, err := seal()
		text, _ := answer.Encode()
		if err == nil || answer.Status != 0 || answer.Body != nil || bytes.Contains(text, []byte("secret")) {
			t.Errorf("%s: got %v, %v", name, answer, err)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	answer := []byte(vectorAnswer)
	for b.Loop() {
		to, err := ParseRecipient(vectorSealTo)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := to.Seal(answer); err != nil {
			b.Fatal(err)
		}
	}
}
