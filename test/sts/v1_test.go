package sts

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// v1 is a request in the older signature's form, right in itself; each test spoils one thing before or after signing.
type v1 struct {
	key    Key
	params map[string]string
	after  func(url.Values)
	header http.Header
}

func federation(change map[string]string) v1 {
	p := map[string]string{
		"Action": "GetFederationToken", "Version": "2018-08-13", "Region": "ap-guangzhou", "Name": "cos-sts-go",
		"Policy": url.QueryEscape(document), "DurationSeconds": "1800",
		"Timestamp": fmt.Sprint(time.Now().Unix()), "Nonce": fmt.Sprint(time.Now().UnixNano()),
	}
	for k, v := range change {
		if p[k] = v; v == "-" {
			delete(p, k)
		}
	}
	return v1{key: permanent, params: p}
}

func assume(change map[string]string) v1 {
	p := map[string]string{"Action": "AssumeRole", "Name": "-", "RoleArn": role, "RoleSessionName": "alice", "ExternalId": "ext-1"}
	maps.Copy(p, change)
	return federation(p)
}

func (v v1) request(server *httptest.Server) *http.Request {
	p := maps.Clone(v.params)
	p["SecretId"] = v.key.SecretID
	if v.key.Token != "" {
		p["Token"] = v.key.Token
	}
	p["Signature"] = signV1("POST", strings.TrimPrefix(server.URL, "http://"), p, v.key.SecretKey, v1Methods[p["SignatureMethod"]])
	form := url.Values{}
	for k, one := range p {
		form.Set(k, one)
	}
	if v.after != nil {
		v.after(form)
	}
	r, _ := http.NewRequest("POST", server.URL, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	maps.Copy(r.Header, v.header)
	return r
}

func do(t *testing.T, r *http.Request) (code string, granted bool) {
	t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	var got struct {
		Response struct {
			Error       struct{ Code, Message string }
			Credentials struct{ Token string }
			RequestId   string
		}
	}
	if err := json.Unmarshal(body, &got); err != nil || answer.StatusCode != 200 || got.Response.RequestId == "" {
		t.Fatalf("not an answer of API 3.0: %s %s", answer.Status, body)
	}
	return got.Response.Error.Code, got.Response.Credentials.Token != ""
}

func with(v v1, change func(*v1)) v1 {
	change(&v)
	return v
}

func policyOf(s string) map[string]string {
	return map[string]string{"Policy": url.QueryEscape(s)}
}

func TestV1Refusals(t *testing.T) {
	seconds := func(offset time.Duration) string { return fmt.Sprint(time.Now().Add(offset).Unix()) }
	set := func(k, v string) v1 { return federation(map[string]string{k: v}) }
	setRole := func(k, v string) v1 { return assume(map[string]string{k: v}) }
	after := func(k, v string) v1 {
		return with(federation(nil), func(r *v1) { r.after = func(f url.Values) { f.Set(k, v) } })
	}
	for _, tt := range []struct {
		name    string
		request v1
		code    string // empty: granted
	}{
		{"good", federation(nil), ""},
		{"good, HmacSHA256", set("SignatureMethod", "HmacSHA256"), ""},
		{"good, no duration", set("DurationSeconds", "-"), ""},
		{"good, clock 4 minutes off", set("Timestamp", seconds(-4*time.Minute)), ""},
		{"good role", assume(nil), ""},
		{"good role, no policy", setRole("Policy", "-"), ""},
		{"good role, temporary key", with(assume(nil), func(r *v1) { r.key = temporary }), ""},

		{"unknown key", with(federation(nil), func(r *v1) { r.key.SecretID = "AKIDnobody" }), "AuthFailure.SecretIdNotFound"},
		{"wrong secret", with(federation(nil), func(r *v1) { r.key.SecretKey = "guess" }), "AuthFailure.SignatureFailure"},
		{"policy changed after signing", after("Policy", url.QueryEscape(strings.Replace(document, "alice", "bob", 1))), "AuthFailure.SignatureFailure"},
		{"parameter added after signing", after("Language", "zh-CN"), "AuthFailure.SignatureFailure"},
		{"signature missing", after("Signature", ""), "MissingParameter"},
		{"parameter twice", with(federation(nil), func(r *v1) { r.after = func(f url.Values) { f.Add("Name", "b") } }), "InvalidParameter"},
		{"unknown method", with(federation(nil), func(r *v1) { r.after = func(f url.Values) { f.Set("SignatureMethod", "HmacMD5") } }), "InvalidParameter"},
		{"clock 6 minutes behind", set("Timestamp", seconds(-6*time.Minute)), "AuthFailure.SignatureExpire"},
		{"clock 6 minutes ahead", set("Timestamp", seconds(6*time.Minute)), "AuthFailure.SignatureExpire"},
		{"timestamp in milliseconds", set("Timestamp", fmt.Sprint(time.Now().UnixMilli())), "AuthFailure.SignatureExpire"},
		{"nonce 0", set("Nonce", "0"), "InvalidParameter"},
		{"temporary key without its token", with(assume(nil), func(r *v1) { r.key = temporary; r.key.Token = "" }), "AuthFailure.TokenFailure"},
		{"permanent key with a token", with(assume(nil), func(r *v1) { r.key.Token = "x" }), "AuthFailure.TokenFailure"},
		{"JSON in v1", with(federation(nil), func(r *v1) { r.header = http.Header{"Content-Type": {"application/json"}} }), "AuthFailure.SignatureFailure"},
		{"text/plain", with(federation(nil), func(r *v1) { r.header = http.Header{"Content-Type": {"text/plain"}} }), "UnsupportedProtocol"},

		{"other action", set("Action", "GetSessionToken"), "InvalidAction"},
		{"other version", set("Version", "2017-03-12"), "NoSuchVersion"},
		{"no region", set("Region", "-"), "MissingParameter"},
		{"region of another cloud", set("Region", "Guangzhou"), "UnsupportedRegion"},
		{"unknown parameter", set("Tags", "x"), "UnknownParameter"},
		{"no name", set("Name", "-"), "MissingParameter"},
		{"name with a space", set("Name", "cos sts"), "InvalidParameter.ParamError"},
		{"temporary key", with(federation(nil), func(r *v1) { r.key = temporary }), "InvalidParameter.AccessKeyNotSupport"},
		{"duration 0", set("DurationSeconds", "0"), "InvalidParameter.ParamError"},
		{"duration no number", set("DurationSeconds", "1h"), "InvalidParameter.ParamError"},
		{"duration, longest", set("DurationSeconds", "129600"), ""},
		{"duration, longer", set("DurationSeconds", "129601"), "InvalidParameter.OverTimeError"},
		{"role duration, longest", setRole("DurationSeconds", "43200"), ""},
		{"role duration, longer", setRole("DurationSeconds", "43201"), "InvalidParameter.OverTimeError"},
		{"role not an ARN", setRole("RoleArn", "uploader"), "InvalidParameter.ParamError"},
		{"role unknown", setRole("RoleArn", role+"2"), "ResourceNotFound.RoleNotFound"},
		{"role, other ExternalId", setRole("ExternalId", "ext-2"), "UnauthorizedOperation"},
		{"session name of one character", setRole("RoleSessionName", "a"), "InvalidParameter.ParamError"},
		{"session name with a slash", setRole("RoleSessionName", "a/b"), "InvalidParameter.ParamError"},

		{"no policy", set("Policy", "-"), "MissingParameter"},
		{"policy not encoded", set("Policy", document), "InvalidParameter.StrategyFormatError"},
		{"policy not JSON", federation(policyOf("allow everything")), "InvalidParameter.StrategyFormatError"},
		{"policy with principal", federation(policyOf(strings.Replace(document, `"effect"`, `"principal":{"qcs":["*"]},"effect"`, 1))), "InvalidParameter.StrategyFormatError"},
		{"policy with AWS's names", federation(policyOf(strings.Replace(document, `"version"`, `"Version"`, 1))), "InvalidParameter.StrategyFormatError"},
		{"policy of another account", federation(policyOf(strings.ReplaceAll(document, "uid/1250000000", "uid/1250000001"))), "InvalidParameter.GrantOtherResource"},
		{"bucket of another account", federation(policyOf(strings.Replace(document, "examplebucket-1250000000", "examplebucket-1250000001", 1))), "InvalidParameter.GrantOtherResource"},
		{"bucket without a key", federation(policyOf(strings.Replace(document, "/users/alice/*", "", 1))), "InvalidParameter.ResouceError"},
		{"policy of 6144 characters", federation(policyOf(padded(6144) + "   ")), ""},
		{"policy of 6145 characters", federation(policyOf(padded(6145))), "InvalidParameter.PolicyTooLong"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, server := local(t)
			code, granted := do(t, tt.request.request(server))
			if code != tt.code || granted != (tt.code == "") {
				t.Errorf("got %q, granted %v; want %q", code, granted, tt.code)
			}
			records := s.Records()
			if len(records) != 1 || records[0].Code != tt.code {
				t.Errorf("records: %+v", records)
			}
		})
	}
}

func padded(n int) string {
	return strings.Replace(document, "alice", strings.Repeat("a", n-len(document)+len("alice")), 1)
}

func TestNonceReplay(t *testing.T) {
	_, server := local(t)
	request := federation(nil)
	if code, _ := do(t, request.request(server)); code != "" {
		t.Fatal(code)
	}
	if code, _ := do(t, request.request(server)); code != "AuthFailure.SignatureFailure" {
		t.Errorf("the same request again: %q", code)
	}
}
