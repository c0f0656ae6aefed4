package replay

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "some-case.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	c, err := Load(write(t, `{"about":"a","event":{},"answer":{"status":200}}`))
	if err != nil || c.Name != "some-case" || c.Answer.Status != 200 {
		t.Errorf("%+v, %v", c, err)
	}
	bare, err := Load(write(t, `{"httpMethod":"GET","path":"/"}`))
	if err != nil || bare.Answer != nil || !strings.Contains(string(bare.Event), "httpMethod") {
		t.Errorf("an event by itself: %+v, %v", bare, err)
	}
}

func TestLoadRefuses(t *testing.T) {
	for text, says := range map[string]string{
		`hello`:                                 "not a JSON object",
		`{"about":"a","answer":{"status":200}}`: `needs "event" or "raw"`,
		`{"about":"a","event":{},"raw":"","answer":{"status":200}}`:                       `not both`,
		`{"about":"a","event":{}}`:                                                        `needs "about" and an "answer"`,
		`{"event":{},"answer":{"status":200}}`:                                            `needs "about"`,
		`{"about":"a","event":{},"answer":{"staus":200}}`:                                 `unknown field "staus"`,
		`{"about":"a","event":{},"answer":{"status":200,"sts":1}}`:                        `"sts" of the answer`,
		`{"about":"a","event":{},"answer":{"status":200},"sts":{"delay":1}}`:              `such as "300ms"`,
		`{"about":"a","event":{},"answer":{"status":200},"sts":{"code":"A","latency":1}}`: `unknown field "latency"`,
	} {
		_, err := Load(write(t, text))
		if said := fmt.Sprint(err); !strings.Contains(said, says) || !strings.Contains(said, "some-case.json") {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestShorten(t *testing.T) {
	token := "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"
	in := `{"credentials":{"tmpSecretId":"AKID0123456789abcdef","tmpSecretKey":"key-0123456789","sessionToken":"token-0123456789"}} ` +
		`"{\"sessionToken\":\"escaped-0123\"}" Bearer ` + token
	got := Shorten(in)
	for _, secret := range []string{"AKID0123456789abcdef", "key-0123456789", "token-0123456789", "escaped-0123", token} {
		if strings.Contains(got, secret) {
			t.Errorf("%s is still there: %s", secret, got)
		}
	}
	if Shorten(got) != got {
		t.Errorf("shortening twice changes more: %s", Shorten(got))
	}
	if long := Shorten(strings.Repeat("é", 5000)); len(long) > longest+40 {
		t.Errorf("%d bytes", len(long))
	}
}
