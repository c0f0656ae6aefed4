package replay

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLoad(t *testing.T) {
	for text, says := range map[string]string{
		`{"about":"a","event":{},"answer":{"status":200}}`:                   "<nil>",
		`{"httpMethod":"GET","path":"/"}`:                                    "<nil>", // an event by itself
		`hello`:                                                              "not a JSON object",
		`{"about":"a","answer":{"status":200}}`:                              "a case needs",
		`{"about":"a","event":{},"raw":"","answer":{"status":200}}`:          "a case needs",
		`{"about":"a","event":{}}`:                                           "a case needs",
		`{"event":{},"answer":{"status":200}}`:                               "a case needs",
		`{"about":"a","event":{},"answer":{"staus":200}}`:                    `unknown field "staus"`,
		`{"about":"a","event":{},"answer":{"status":1},"sts":{"delay":1}}`:   `such as "300ms"`,
		`{"about":"a","event":{},"answer":{"status":1},"sts":{"latency":1}}`: `unknown field "latency"`,
	} {
		path := filepath.Join(t.TempDir(), "some-case.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(path)
		said := fmt.Sprint(err)
		if !strings.Contains(said, says) || err != nil && !strings.Contains(said, "some-case.json") ||
			err == nil && (c.Name != "some-case" || c.Event == nil || (c.Answer == nil) != (c.About != "a")) {
			t.Errorf("%s: got %+v, %v", text, c, err)
		}
	}
}

func TestShorten(t *testing.T) {
	token := "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"
	got := Shorten(`{"tmpSecretId":"AKID0123456789abcdef","tmpSecretKey":"key-0123456789",` +
		`"sessionToken":"token-0123456789"} "{\"sessionToken\":\"escaped-0123\"}" Bearer ` + token +
		`"url":"https://h/k?q-ak=AKIDlink-0123\u0026x-cos-security-token=link-0123456789"`)
	for _, secret := range []string{
		"AKID0123456789abcdef", "key-0123456789", "token-0123456789", "escaped-0123", token, "AKIDlink-0123", "link-0123456789",
	} {
		if strings.Contains(got, secret) {
			t.Errorf("%s is still there: %s", secret, got)
		}
	}
	if long := Shorten(strings.Repeat("é", 5000)); len(long) > longest+40 {
		t.Errorf("%d bytes", len(long))
	}
}
