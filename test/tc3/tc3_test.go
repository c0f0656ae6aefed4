package tc3

import (
	"errors"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The vendor's own worked example, with the example key of its documentation.
func TestKnownAnswer(t *testing.T) {
	const body = `{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`
	got := Authorization("cvm.tencentcloudapi.com", "application/json; charset=utf-8", body, "cvm",
		time.Unix(1551113065, 0), "AKIDEXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE")
	const want = "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, " +
		"Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestCheck(t *testing.T) {
	const body = "{}"
	now := time.Now()
	for _, tt := range []struct {
		name             string
		at               time.Time
		service, secret  string
		signedBody, host string
		want             error
	}{
		{"right", now, "scf", "secret", body, "h", nil},
		{"old", now.Add(-6 * time.Minute), "scf", "secret", body, "h", ErrExpired},
		{"ahead", now.Add(6 * time.Minute), "scf", "secret", body, "h", ErrExpired},
		{"another service", now, "sts", "secret", body, "h", ErrWrong},
		{"another secret", now, "scf", "other", body, "h", ErrWrong},
		{"another body", now, "scf", "secret", "[]", "h", ErrWrong},
		{"another host", now, "scf", "secret", body, "g", ErrWrong},
	} {
		r := httptest.NewRequest("POST", "http://h/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-TC-Timestamp", strconv.FormatInt(tt.at.Unix(), 10))
		r.Header.Set("Authorization",
			Authorization(tt.host, "application/json", tt.signedBody, tt.service, tt.at, "id", tt.secret))
		if err := Check(r, body, "scf", "secret", now); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if SecretID(r) != "id" {
			t.Errorf("%s: id %q", tt.name, SecretID(r))
		}
	}
}
