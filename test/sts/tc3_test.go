package sts

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// tc3 sends a JSON request in the newer signature's form.
func tc3(
	t *testing.T, server *httptest.Server, key Key, action string, params map[string]any, change func(*http.Request),
) (code string, granted bool) {
	t.Helper()
	body, _ := json.Marshal(params)
	now := time.Now()
	r, _ := http.NewRequest("POST", server.URL, strings.NewReader(string(body)))
	for k, v := range map[string]string{
		"Content-Type": "application/json", "X-TC-Action": action, "X-TC-Version": "2018-08-13",
		"X-TC-Region": "ap-guangzhou", "X-TC-Timestamp": fmt.Sprint(now.Unix()),
	} {
		r.Header.Set(k, v)
	}
	if key.Token != "" {
		r.Header.Set("X-TC-Token", key.Token)
	}
	canonical := canonicalTC3("POST", "", r.Header, r.URL.Host, "content-type;host", string(body))
	scope := now.UTC().Format(time.DateOnly) + "/sts/tc3_request"
	r.Header.Set("Authorization", "TC3-HMAC-SHA256 Credential="+key.SecretID+"/"+scope+
		", SignedHeaders=content-type;host, Signature="+signTC3(canonical, "sts", now, key.SecretKey))
	if change != nil {
		change(r)
	}
	return do(t, r)
}

func TestTC3(t *testing.T) {
	good := func() map[string]any {
		return map[string]any{
			"RoleArn": role, "RoleSessionName": "alice", "ExternalId": "ext-1", "DurationSeconds": 900,
			"Policy": url.QueryEscape(document),
		}
	}
	header := func(k, v string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(k, v) }
	}
	edit := func(old, new string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, new, 1))
		}
	}
	remove := func(k string) func(*http.Request) { return func(r *http.Request) { r.Header.Del(k) } }
	today := time.Now().UTC().Format(time.DateOnly)
	const signature = "AuthFailure.SignatureFailure"
	for _, tt := range []struct {
		name   string
		key    Key
		change func(*http.Request)
		code   string // empty: granted
	}{
		{"permanent key", permanent, nil, ""},
		{"temporary key", temporary, nil, ""},
		{"temporary key, no token", temporary, remove("X-TC-Token"), "AuthFailure.TokenFailure"},
		{"wrong secret", Key{SecretID: permanent.SecretID, SecretKey: "guess"}, nil, signature},
		{"no authorization", permanent, header("Authorization", ""), signature},
		{"other body", permanent, func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader("{}"))
			r.ContentLength = 2
		}, signature},
		{"other content type", permanent, header("Content-Type", "application/json; charset=utf-8"), signature},
		{"other service", permanent, edit("/sts/", "/cvm/"), signature},
		{"yesterday's scope", permanent, edit(today, "2020-01-01"), signature},
		{"host not signed", permanent, edit("content-type;host", "content-type"), signature},
		{"old", permanent, header("X-TC-Timestamp", fmt.Sprint(time.Now().Unix()-301)), "AuthFailure.SignatureExpire"},
		{"no region", permanent, remove("X-TC-Region"), "UnsupportedRegion"},
		{"other version", permanent, header("X-TC-Version", "2017-03-12"), "NoSuchVersion"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, server := local(t)
			code, granted := tc3(t, server, tt.key, "AssumeRole", good(), tt.change)
			if code != tt.code || granted != (tt.code == "") {
				t.Errorf("got %q, granted %v; want %q", code, granted, tt.code)
			}
		})
	}
	_, server := local(t)
	params := map[string]any{"Name": "a", "Policy": url.QueryEscape(document)}
	code, _ := tc3(t, server, temporary, "GetFederationToken", params, nil)
	if code != "InvalidParameter.AccessKeyNotSupport" {
		t.Errorf("federation for a temporary key: got %q", code)
	}
}
