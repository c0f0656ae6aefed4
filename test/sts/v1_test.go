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
	p := map[string]string{
		"Action": "AssumeRole", "Name": "-", "RoleArn": role, "RoleSessionName": "alice", "ExternalId": "ext-1",
	}
	maps.Copy(p, change)
	return federation(p)
}

func (v v1) request(server *httptest.Server) *http.Request {
	p := maps.Clone(v.params)
	p["SecretId"] = v.key.SecretID
	if v.key.Token != "" {
		p["Token"] = v.key.Token
	}
	host := strings.TrimPrefix(server.URL, "http://")
	p["Signature"] = signV1("POST", host, p, v.key.SecretKey, v1Methods[p["SignatureMethod"]])
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

func policyOf(document string) map[string]string {
	return map[string]string{"Policy": url.QueryEscape(document)}
}

func TestV1Refusals(t *testing.T) {
	seconds := func(offset time.Duration) string { return fmt.Sprint(time.Now().Add(offset).Unix()) }
	set := func(k, v string) v1 { return federation(map[string]string{k: v}) }
	setRole := func(k, v string) v1 { return assume(map[string]string{k: v}) }
	after := func(change func(url.Values)) v1 {
		r := federation(nil)
		r.after = change
		return r
	}
	by := func(r v1, id, secret, token string) v1 {
		r.key = Key{SecretID: id, SecretKey: secret, Token: token}
		return r
	}
	as := func(contentType string) v1 {
		r := federation(nil)
		r.header = http.Header{"Content-Type": {contentType}}
		return r
	}
	p, tmp := permanent, temporary
	const signature, token = "AuthFailure.SignatureFailure", "AuthFailure.TokenFailure"
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
		{"good role, temporary key", by(assume(nil), tmp.SecretID, tmp.SecretKey, tmp.Token), ""},

		{"unknown key", by(federation(nil), "AKIDnobody", p.SecretKey, ""), "AuthFailure.SecretIdNotFound"},
		{"wrong secret", by(federation(nil), p.SecretID, "guess", ""), signature},
		{"policy changed after signing", after(func(f url.Values) { f.Set("Policy", f.Get("Policy")+"%20") }), signature},
		{"parameter added after signing", after(func(f url.Values) { f.Set("Language", "zh-CN") }), signature},
		{"signature missing", after(func(f url.Values) { f.Del("Signature") }), signature},
		{"parameter twice", after(func(f url.Values) { f.Add("Name", "b") }), "InvalidParameter"},
		{"unknown method", after(func(f url.Values) { f.Set("SignatureMethod", "HmacMD5") }), "InvalidParameter"},
		{"clock 6 minutes behind", set("Timestamp", seconds(-6*time.Minute)), "AuthFailure.SignatureExpire"},
		{"clock 6 minutes ahead", set("Timestamp", seconds(6*time.Minute)), "AuthFailure.SignatureExpire"},
		{"timestamp in milliseconds", set("Timestamp", seconds(0)+"000"), "AuthFailure.SignatureExpire"},
		{"temporary key without its token", by(assume(nil), tmp.SecretID, tmp.SecretKey, ""), token},
		{"permanent key with a token", by(assume(nil), p.SecretID, p.SecretKey, "x"), token},
		{"JSON in v1", as("application/json"), signature},
		{"text/plain", as("text/plain"), "UnsupportedProtocol"},

		{"other action", set("Action", "GetSessionToken"), "InvalidAction"},
		{"other version", set("Version", "2017-03-12"), "NoSuchVersion"},
		{"no region", set("Region", "-"), "UnsupportedRegion"},
		{"region of another cloud", set("Region", "Guangzhou"), "UnsupportedRegion"},
		{"unknown parameter", set("Tags", "x"), "UnknownParameter"},
		{"no name", set("Name", "-"), "MissingParameter"},
		{"name with a space", set("Name", "cos sts"), "InvalidParameter.ParamError"},
		{"temporary key", by(federation(nil), tmp.SecretID, tmp.SecretKey, tmp.Token), "InvalidParameter.AccessKeyNotSupport"},
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
		{"policy of 6144 characters", federation(policyOf(padded(6144) + "   ")), ""},
		{"policy of 6145 characters", federation(policyOf(padded(6145))), "InvalidParameter.PolicyTooLong"},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.request.becomes(t, tt.code) })
	}
}

func TestPolicyRefusals(t *testing.T) {
	const format, another = "InvalidParameter.StrategyFormatError", "InvalidParameter.GrantOtherResource"
	for _, tt := range []struct{ name, was, is, code string }{
		{"principal", `"effect"`, `"principal":{"qcs":["*"]},"effect"`, format},
		{"AWS's names", `"version"`, `"Version"`, format},
		{"another account", "uid/1250000000", "uid/1250000001", another},
		{"another account's bucket", "bucket-1250000000", "bucket-1250000001", another},
		{"bucket without a key", "/users/alice/*", "", "InvalidParameter.ResouceError"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			federation(policyOf(strings.Replace(document, tt.was, tt.is, 1))).becomes(t, tt.code)
		})
	}
}

// becomes sends the request to an STS of its own, and expects a code; none is a key.
func (v v1) becomes(t *testing.T, want string) {
	t.Helper()
	s, server := local(t)
	code, granted := do(t, v.request(server))
	if code != want || granted != (want == "") {
		t.Errorf("got %q, granted %v; want %q", code, granted, want)
	}
	if records := s.Records(); len(records) != 1 || records[0].Code != want {
		t.Errorf("records: %+v", records)
	}
}

func padded(n int) string {
	return strings.Replace(document, "alice", strings.Repeat("a", n-len(document)+len("alice")), 1)
}

func TestNonceReplay(t *testing.T) {
	_, server := local(t)
	request := federation(nil)
	for _, want := range []string{"", "AuthFailure.SignatureFailure"} {
		if code, _ := do(t, request.request(server)); code != want {
			t.Errorf("got %q, want %q", code, want)
		}
	}
}
