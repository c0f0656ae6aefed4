package sts

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	vendor "github.com/tencentyun/qcloud-cos-sts-sdk/go"
)

// code is that of a refusal, as either SDK says it; empty for a grant.
func code(t *testing.T, err error) string {
	t.Helper()
	var old *vendor.CredentialError
	var other *sdkerrors.TencentCloudSDKError
	switch {
	case errors.As(err, &old):
		return old.Code
	case errors.As(err, &other):
		return other.Code
	case err != nil:
		t.Fatal(err)
	}
	return ""
}

// v1 has one SDK ask with the older signature, and returns the error's code.
func v1(t *testing.T, server *httptest.Server, key Key, spoil spoiler) string {
	t.Helper()
	_, err := vendorClient(server, key, spoil).GetRoleCredential(options())
	return code(t, err)
}

// request is what the other SDK asks with the newer one.
type request struct {
	key           Key
	place, action string
	params        map[string]any
	spoil         spoiler
}

func (r request) code(t *testing.T, server *httptest.Server) string {
	t.Helper()
	p := profile.NewClientProfile()
	p.HttpProfile.Scheme, p.HttpProfile.Endpoint = "http", strings.TrimPrefix(server.URL, "http://")
	credential := common.NewTokenCredential(r.key.SecretID, r.key.SecretKey, r.key.Token)
	client := common.NewCommonClient(credential, r.place, p).WithHttpTransport(r.spoil)
	in := tchttp.NewCommonRequest("sts", "2018-08-13", r.action)
	if err := in.SetActionParameters(r.params); err != nil {
		t.Fatal(err)
	}
	return code(t, client.Send(in, tchttp.NewCommonResponse()))
}

// One wrong thing at a time, by either signature.
func TestSignatures(t *testing.T) {
	const signature, unknown = "AuthFailure.SignatureFailure", "AuthFailure.SecretIdNotFound"
	const expired, token = "AuthFailure.SignatureExpire", "AuthFailure.TokenFailure"
	header := func(name, value string) spoiler {
		return func(r *http.Request, body string) string { r.Header.Set(name, value); return body }
	}
	replace := func(was, is string) spoiler {
		return func(_ *http.Request, body string) string { return strings.Replace(body, was, is, 1) }
	}
	authorization := func(was, is string) spoiler {
		return func(r *http.Request, body string) string {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), was, is, 1))
			return body
		}
	}
	guess := func(k Key) Key { k.SecretKey = "guess"; return k }
	for _, tt := range []struct {
		name  string
		key   Key // of TC3; v1 has the same without its token
		clock time.Duration
		v1    spoiler
		tc3   spoiler
		want  [2]string // v1, TC3; empty: granted
	}{
		{name: "permanent key", key: permanent},
		{name: "temporary key", key: temporary, want: [2]string{token, ""}},
		{name: "another's token", key: Key{SecretID: "AKIDtemporary", Token: "x"}, want: [2]string{token, token}},
		{name: "unknown key", key: Key{SecretID: "AKIDnobody", SecretKey: "x"}, want: [2]string{unknown, unknown}},
		{name: "wrong secret", key: guess(permanent), want: [2]string{signature, signature}},
		{name: "clock 4 minutes off", key: permanent, clock: 4 * time.Minute},
		{name: "clock 6 minutes behind", key: permanent, clock: -6 * time.Minute, want: [2]string{expired, expired}},
		{name: "clock 6 minutes ahead", key: permanent, clock: 6 * time.Minute, want: [2]string{expired, expired}},
		{name: "changed after signing", key: permanent, v1: replace("alice", "bob"), tc3: replace("alice", "bob"),
			want: [2]string{signature, signature}},
		{name: "no signature", key: permanent,
			v1: replace("&Signature=", "&Unsigned="), tc3: authorization("Signature=", "Unsigned="),
			want: [2]string{signature, signature}},
		{name: "other service", key: permanent, tc3: authorization("/sts/", "/cvm/"), want: [2]string{"", signature}},
		{name: "text", key: permanent, v1: header("Content-Type", "text/plain"), tc3: header("Content-Type", "text/plain"),
			want: [2]string{"InvalidParameter", "InvalidParameter"}},
	} {
		s, server := local(t)
		s.Now = func() time.Time { return time.Now().Add(tt.clock) }
		params := map[string]any{
			"RoleArn": role, "RoleSessionName": "alice", "ExternalId": "ext-1", "Policy": url.QueryEscape(document),
		}
		got := [2]string{
			v1(t, server, tt.key, tt.v1), request{tt.key, "ap-guangzhou", "AssumeRole", params, tt.tc3}.code(t, server),
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		for i, r := range s.Records() {
			if r.Code != tt.want[i] || r.Code == "" && r.Signature != [2]string{"v1", "TC3"}[i] {
				t.Errorf("%s: record %+v", tt.name, r)
			}
		}
	}
	// Whoever heard a request of the older signature can't send it again.
	_, server := local(t)
	var heard string
	v1(t, server, permanent, func(_ *http.Request, body string) string { heard = body; return body })
	if got := v1(t, server, permanent, func(*http.Request, string) string { return heard }); got != signature {
		t.Errorf("the same request twice: %q", got)
	}
}

func TestParameters(t *testing.T) {
	const form = "InvalidParameter.ParamError"
	const policy, another = "InvalidParameter.StrategyFormatError", "InvalidParameter.GrantOtherResource"
	usual := map[string]map[string]any{
		"GetFederationToken": {"Name": "alice", "Policy": url.QueryEscape(document), "DurationSeconds": 900},
		"AssumeRole": {"RoleArn": role, "RoleSessionName": "alice", "ExternalId": "ext-1",
			"Policy": url.QueryEscape(document), "DurationSeconds": 900},
		"GetSessionToken": {},
	}
	edited := func(was, is string) string { return url.QueryEscape(strings.Replace(document, was, is, 1)) }
	padded := func(n int) string { return edited("alice", strings.Repeat("a", n-len(document)+len("alice"))) }
	for _, tt := range []struct {
		action, parameter string
		value             any    // nil: the parameter is left out
		code              string // empty: granted
	}{
		{"GetSessionToken", "", nil, "InvalidAction"},
		{"GetFederationToken", "", nil, ""},
		{"GetFederationToken", "Tags", "x", "UnknownParameter"},
		{"GetFederationToken", "Name", nil, "MissingParameter"},
		{"GetFederationToken", "Policy", nil, "MissingParameter"},
		{"GetFederationToken", "DurationSeconds", nil, ""},
		{"GetFederationToken", "DurationSeconds", 0, form},
		{"GetFederationToken", "DurationSeconds", "1h", form},
		{"GetFederationToken", "DurationSeconds", 129600, ""},
		{"GetFederationToken", "DurationSeconds", 129601, "InvalidParameter.OverTimeError"},
		{"AssumeRole", "Policy", nil, ""},
		{"AssumeRole", "DurationSeconds", 43200, ""},
		{"AssumeRole", "DurationSeconds", 43201, "InvalidParameter.OverTimeError"},
		{"AssumeRole", "RoleArn", "uploader", form},
		{"AssumeRole", "RoleArn", role + "2", "ResourceNotFound.RoleNotFound"},
		{"AssumeRole", "ExternalId", "ext-2", "UnauthorizedOperation"},
		{"AssumeRole", "ExternalId", nil, "UnauthorizedOperation"},
		{"AssumeRole", "RoleSessionName", "a", form},
		{"AssumeRole", "RoleSessionName", "a/b", form},
		{"AssumeRole", "Policy", document, policy}, // not encoded
		{"AssumeRole", "Policy", "everything", policy},
		{"AssumeRole", "Policy", padded(6144) + "+++", ""},
		{"AssumeRole", "Policy", padded(6145), "InvalidParameter.PolicyTooLong"},
		{"AssumeRole", "Policy", edited(`"effect"`, `"principal":{"qcs":["*"]},"effect"`), policy},
		{"AssumeRole", "Policy", edited("uid/1250000000", "uid/1250000001"), another},
		{"AssumeRole", "Policy", edited("bucket-1250000000", "bucket-1250000001"), another},
		{"AssumeRole", "Policy", edited("/users/alice/*", ""), "InvalidParameter.ResouceError"},
	} {
		_, server := local(t)
		params := maps.Clone(usual[tt.action])
		params[tt.parameter] = tt.value
		maps.DeleteFunc(params, func(_ string, v any) bool { return v == nil })
		if got := (request{permanent, "ap-guangzhou", tt.action, params, nil}).code(t, server); got != tt.code {
			t.Errorf("%s, %s %.80v: got %q, want %q", tt.action, tt.parameter, tt.value, got, tt.code)
		}
	}
	_, server := local(t)
	r := request{permanent, "Guangzhou", "AssumeRole", usual["AssumeRole"], nil}
	if got := r.code(t, server); got != "UnsupportedRegion" {
		t.Errorf("a region of another cloud: %q", got)
	}
	r = request{temporary, "ap-guangzhou", "GetFederationToken", usual["GetFederationToken"], nil}
	if got := r.code(t, server); got != "InvalidParameter.AccessKeyNotSupport" {
		t.Errorf("federation for a temporary key: %q", got)
	}
}
