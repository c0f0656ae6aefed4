package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/test/sts"
)

const secret = "0123456789abcdef0123456789abcdef"

// shop is what every access file here begins with.
const shop = `
issuers:
  - name: shop
    issuer: https://login.example.com/
    audiences: [cos-credentials]
    secret: ${JWT_SECRET}
grants:
`

const accessFile = shop + `
  - name: staff
    when: {role: [staff]}
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["staff/{sub}/*"]
    allowActions: [upload, download, list]
  - name: own-files
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["users/{sub}/*"]
    allowActions: [upload]
    durationSeconds: 1800
  - name: pinned
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["pinned/{sub}/*"]
    allowActions: [download]
    pinClientAddress: true
`

// world is a handler beside a strict STS.
type world struct {
	*handler
	sts *sts.STS
	log *bytes.Buffer
}

func newWorld(t testing.TB, env map[string]string) *world {
	t.Helper()
	service := &sts.STS{Keys: []sts.Key{{SecretID: "AKIDtest", SecretKey: "sts-secret-key", AppID: "1250000000"}}}
	host, stop, err := service.Serve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	all := map[string]string{
		"ACCESS_FILE": "access.yaml", "JWT_SECRET": secret, "STS_HOST": host, "STS_SCHEME": "http",
		"STS_SECRET_ID": "AKIDtest", "STS_SECRET_KEY": "sts-secret-key", "ALLOW_ORIGINS": "https://app.example.com", "LOG_LEVEL": "debug",
	}
	for k, v := range env {
		all[k] = v
	}
	w := &world{sts: service, log: &bytes.Buffer{}}
	w.handler = newHandler(
		func(name string) (string, bool) { v, ok := all[name]; return v, ok },
		func(string) ([]byte, error) { return []byte(cmp.Or(all["ACCESS_YAML"], accessFile)), nil }, w.log)
	return w
}

func newToken(t testing.TB, more jwt.MapClaims) string {
	t.Helper()
	claims := jwt.MapClaims{"iss": "https://login.example.com/", "aud": "cos-credentials", "sub": "alice", "exp": time.Now().Add(time.Hour).Unix()}
	for k, v := range more {
		claims[k] = v
	}
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// ask sends an event and decodes the answer as the gateway and then the client would.
func (w *world) ask(t *testing.T, event map[string]any) (status int, headers map[string]string, body map[string]any) {
	t.Helper()
	payload, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	text, err := w.serve(ctx, "req-1", payload).Encode()
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		StatusCode int
		Headers    map[string]string
		Body       string
	}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if out.Body != "" {
		if err := json.Unmarshal([]byte(out.Body), &body); err != nil {
			t.Fatalf("%s: %v", out.Body, err)
		}
	}
	return out.StatusCode, out.Headers, body
}

func httpEvent(method, path, bearer, body string) map[string]any {
	headers := map[string]any{"origin": "https://app.example.com"}
	if bearer != "" {
		headers["authorization"] = "Bearer " + bearer
	}
	return map[string]any{"httpMethod": method, "path": path, "headers": headers, "queryString": map[string]any{}, "body": body}
}

func TestCredentials(t *testing.T) {
	w := newWorld(t, nil)
	before := time.Now().Unix()
	status, headers, body := w.ask(t, httpEvent("GET", "/credentials", newToken(t, nil), ""))
	if status != 200 {
		t.Fatalf("%d %v\n%s", status, body, w.log)
	}
	keys := body["credentials"].(map[string]any)
	grant, err := w.sts.OpenToken(keys["sessionToken"].(string))
	if err != nil || keys["tmpSecretId"] != grant.TmpSecretID || keys["tmpSecretKey"] == "" {
		t.Errorf("keys %v, %v", keys, err)
	}
	if !strings.Contains(grant.Policy, "/users/alice/*") || strings.Contains(grant.Policy, "staff/") {
		t.Errorf("policy %s", grant.Policy)
	}
	start, expires := int64(body["startTime"].(float64)), int64(body["expiredTime"].(float64))
	if start < before-60 || start > time.Now().Unix()-60 || expires < before+1795 || expires > before+1805 ||
		body["expiration"] != time.Unix(expires, 0).UTC().Format(time.RFC3339) {
		t.Errorf("times %v %v %v", start, expires, body["expiration"])
	}
	for k, want := range map[string]any{"requestId": "req-1", "bucket": "examplebucket-1250000000", "region": "ap-guangzhou", "grant": "own-files", "prefix": "users/alice/"} {
		if body[k] != want {
			t.Errorf("%s is %v, want %v", k, body[k], want)
		}
	}
	for _, k := range []string{"data", "code", "Response", "error", "key"} {
		if _, there := body[k]; there {
			t.Errorf("%s must not be in the answer", k)
		}
	}
	if headers["Access-Control-Allow-Origin"] != "https://app.example.com" || headers["Vary"] != "Origin" {
		t.Errorf("CORS %v", headers)
	}
}

func TestRefusalsNeverReachSTS(t *testing.T) {
	w := newWorld(t, nil)
	good := newToken(t, nil)
	for name, c := range map[string]struct {
		event map[string]any
		want  string
	}{
		"no token":            {httpEvent("GET", "/", "", ""), "401 TokenMissing"},
		"garbage":             {httpEvent("GET", "/", "garbage", ""), "401 TokenInvalid"},
		"expired":             {httpEvent("GET", "/", newToken(t, jwt.MapClaims{"exp": time.Now().Unix() - 60}), ""), "401 TokenExpired"},
		"not yet":             {httpEvent("GET", "/", newToken(t, jwt.MapClaims{"nbf": time.Now().Unix() + 300}), ""), "401 TokenNotYetValid"},
		"too long a life":     {httpEvent("GET", "/", newToken(t, jwt.MapClaims{"exp": time.Now().Unix() + 100000}), ""), "401 TokenInvalid"},
		"unknown path":        {httpEvent("GET", "/admin", good, ""), "404 NotFound"},
		"empty segment":       {httpEvent("GET", "//", good, ""), "404 NotFound"},
		"post-policy":         {httpEvent("POST", "/x", good, ""), "404 NotFound"},
		"method":              {httpEvent("DELETE", "/sts", good, ""), "405 MethodNotAllowed"},
		"HEAD":                {httpEvent("HEAD", "/sts", good, ""), "405 MethodNotAllowed"},
		"lower-case method":   {httpEvent("get", "/sts", good, ""), "405 MethodNotAllowed"},
		"unknown grant":       {httpEvent("POST", "/", good, `{"grant":"root"}`), "403 NotEntitled"},
		"other's grant":       {httpEvent("POST", "/", good, `{"grant":"staff"}`), "403 NotEntitled"},
		"sub with a star":     {httpEvent("GET", "/", newToken(t, jwt.MapClaims{"sub": "*"}), ""), "403 IdentityNotUsable"},
		"sub with a slash":    {httpEvent("GET", "/", newToken(t, jwt.MapClaims{"sub": "a/b"}), ""), "403 IdentityNotUsable"},
		"unknown address":     {httpEvent("POST", "/", good, `{"grant":"pinned"}`), "403 IdentityNotUsable"},
		"other bucket":        {httpEvent("POST", "/", good, `{"bucket":"other-1250000000"}`), "403 ScopeNotAllowed"},
		"other region":        {httpEvent("POST", "/", good, `{"region":"ap-beijing"}`), "403 ScopeNotAllowed"},
		"longer":              {httpEvent("POST", "/", good, `{"durationSeconds":1801}`), "403 ScopeNotAllowed"},
		"much longer":         {httpEvent("POST", "/", good, `{"durationSeconds":99999999999999999999}`), "403 ScopeNotAllowed"},
		"too short":           {httpEvent("POST", "/", good, `{"durationSeconds":59}`), "400 InvalidRequest"},
		"no digits":           {httpEvent("POST", "/", good, `{"durationSeconds":1e3}`), "400 InvalidRequest"},
		"negative":            {httpEvent("POST", "/", good, `{"durationSeconds":-900}`), "400 InvalidRequest"},
		"fraction":            {httpEvent("POST", "/", good, `{"durationSeconds":900.0}`), "400 InvalidRequest"},
		"string":              {httpEvent("POST", "/", good, `{"durationSeconds":"900"}`), "400 InvalidRequest"},
		"duration null":       {httpEvent("POST", "/", good, `{"durationSeconds":null}`), "400 InvalidRequest"},
		"unknown member":      {httpEvent("POST", "/", good, `{"allowPrefix":"*"}`), "400 InvalidRequest"},
		"other case":          {httpEvent("POST", "/", good, `{"Grant":"own-files"}`), "400 InvalidRequest"},
		"duplicate":           {httpEvent("POST", "/", good, `{"grant":"own-files","gr\u0061nt":"staff"}`), "400 InvalidRequest"},
		"grant no string":     {httpEvent("POST", "/", good, `{"grant":["own-files"]}`), "400 InvalidRequest"},
		"grant empty":         {httpEvent("POST", "/", good, `{"grant":""}`), "400 InvalidRequest"},
		"bucket null":         {httpEvent("POST", "/", good, `{"bucket":null}`), "400 InvalidRequest"},
		"body null":           {httpEvent("POST", "/", good, `null`), "400 InvalidRequest"},
		"body a string":       {httpEvent("POST", "/", good, `"own-files"`), "400 InvalidRequest"},
		"body a form":         {httpEvent("POST", "/", good, `grant=own-files`), "400 InvalidRequest"},
		"two bodies":          {httpEvent("POST", "/", good, `{}{}`), "400 InvalidRequest"},
		"deep body":           {httpEvent("POST", "/", good, strings.Repeat(`[`, 200000)), "400 InvalidRequest"},
		"large body":          {httpEvent("POST", "/", good, `{"grant":"`+strings.Repeat("x", 256<<10)+`"}`), "413 RequestTooLarge"},
		"large unknown token": {httpEvent("POST", "/", strings.Repeat("x", 17<<10), ""), "401 TokenInvalid"},
	} {
		status, headers, body := w.ask(t, c.event)
		if got := fmt.Sprintf("%d %v", status, body["codeDesc"]); got != c.want {
			t.Errorf("%s: got %s (%v), want %s", name, got, body["message"], c.want)
		}
		if body["requestId"] != "req-1" || body["message"] == "" || headers["Access-Control-Allow-Origin"] == "" {
			t.Errorf("%s: %v %v", name, body, headers)
		}
		if (headers["Allow"] == "GET, POST, OPTIONS") != (status == 405) {
			t.Errorf("%s: Allow %q", name, headers["Allow"])
		}
	}
	if n := len(w.sts.Records()); n != 0 {
		t.Errorf("STS was asked %d times", n)
	}
	if log := w.log.String(); strings.Contains(log, "alice") || strings.Contains(log, good) || strings.Contains(log, "eyJ") || strings.Contains(log, secret) {
		t.Error("the log holds a claim's value, a token or a secret")
	}
}

func TestNarrowing(t *testing.T) {
	w := newWorld(t, nil)
	left := func(body map[string]any) int64 { return int64(body["expiredTime"].(float64)) - time.Now().Unix() }
	for name, c := range map[string]struct {
		query    map[string]any
		body     string
		claims   jwt.MapClaims
		grant    string
		duration int64
	}{
		"default":             {nil, ``, nil, "own-files", 1800},
		"empty object":        {nil, `{}`, nil, "own-files", 1800},
		"shorter":             {nil, `{"durationSeconds":900}`, nil, "own-files", 900},
		"shortest":            {nil, `{"durationSeconds":60}`, nil, "own-files", 60},
		"login ends first":    {nil, `{"durationSeconds":1200}`, jwt.MapClaims{"exp": time.Now().Unix() + 690}, "own-files", 675},
		"login nearly over":   {nil, ``, jwt.MapClaims{"exp": time.Now().Unix() + 10}, "own-files", 60},
		"login within leeway": {nil, ``, jwt.MapClaims{"exp": time.Now().Unix() - 10}, "own-files", 60},
		"bucket and region":   {nil, `{"bucket":"examplebucket-1250000000","region":"ap-guangzhou"}`, nil, "own-files", 1800},
		"query grant":         {map[string]any{"grant": "own-files"}, ``, jwt.MapClaims{"role": "staff"}, "own-files", 1800},
		"query and body":      {map[string]any{"grant": "own-files"}, `{"grant":"own-files"}`, nil, "own-files", 1800},
		"SDK samples' query":  {map[string]any{"bucket": "other", "region": "x", "v": true}, ``, nil, "own-files", 1800},
		"first that matches":  {nil, ``, jwt.MapClaims{"role": []string{"member", "staff"}}, "staff", 1800},
	} {
		e := httpEvent("POST", "/api/v1/sts/", newToken(t, c.claims), c.body)
		if c.query != nil {
			e["queryString"] = c.query
		}
		status, _, body := w.ask(t, e)
		if status != 200 || body["grant"] != c.grant {
			t.Errorf("%s: %d %v", name, status, body)
			continue
		}
		if got := left(body); got > c.duration || got < c.duration-3 {
			t.Errorf("%s: %d s of life, want %d", name, got, c.duration)
		}
	}
	e := httpEvent("POST", "/", newToken(t, nil), `{"grant":"own-files"}`)
	e["queryString"] = map[string]any{"grant": "staff"}
	if status, _, body := w.ask(t, e); status != 400 || body["codeDesc"] != "InvalidRequest" {
		t.Errorf("two grants: %d %v", status, body)
	}
}

func TestBodyOfGETIsNotRead(t *testing.T) {
	w := newWorld(t, nil)
	if status, _, body := w.ask(t, httpEvent("GET", "/", newToken(t, nil), `not JSON`)); status != 200 {
		t.Errorf("%d %v", status, body)
	}
}

func TestPinnedAddressIsInTheKey(t *testing.T) {
	w := newWorld(t, nil)
	e := httpEvent("POST", "/", newToken(t, nil), `{"grant":"pinned"}`)
	e["requestContext"] = map[string]any{"sourceIp": "203.0.113.7"}
	if status, _, body := w.ask(t, e); status != 200 {
		t.Fatalf("%d %v", status, body)
	}
	if p := w.sts.Records()[0].Policy; !strings.Contains(p, `"condition":{"ip_equal":{"qcs:ip":["203.0.113.7"]}}`) {
		t.Error(p)
	}
}

// Who is refused because nobody knows the address is not told of a folder or a claim.
func TestPinnedAddressThatIsUnknown(t *testing.T) {
	w := newWorld(t, nil)
	status, _, body := w.ask(t, httpEvent("POST", "/", newToken(t, nil), `{"grant":"pinned"}`))
	message, _ := body["message"].(string)
	if status != 403 || body["codeDesc"] != "IdentityNotUsable" || !strings.Contains(message, "address") {
		t.Errorf("%d %v", status, body)
	}
}

func TestSTSFaults(t *testing.T) {
	for fault, want := range map[sts.Fault]string{
		{Code: "RequestLimitExceeded"}:         "503 StsBusy",
		{Code: "AuthFailure.SecretIdNotFound"}: "500 Misconfigured",
		{Code: "InternalError.SystemError"}:    "502 StsFailed",
		{Status: 500, Body: "<html>"}:          "502 StsFailed",
		{Cut: true}:                            "502 StsFailed",
		{Reset: true}:                          "503 StsBusy",
		{Huge: 64 << 20}:                       "502 StsFailed",
	} {
		w := newWorld(t, nil)
		w.sts.Play(func(sts.Record) *sts.Fault { return &fault })
		status, headers, body := w.ask(t, httpEvent("GET", "/", newToken(t, nil), ""))
		if got := fmt.Sprintf("%d %v", status, body["codeDesc"]); got != want {
			t.Errorf("%+v: got %s, want %s", fault, got, want)
		}
		if (headers["Retry-After"] != "") != (status == 503) {
			t.Errorf("%+v: Retry-After %q", fault, headers["Retry-After"])
		}
	}
}

// Where STS fails once, or a region of it throttles, the login gets its key all the same.
func TestSTSIsAskedAgain(t *testing.T) {
	for fault, want := range map[sts.Fault]string{
		{Code: "RequestLimitExceeded"}: "[ap-guangzhou ap-shanghai]",
		{Code: "InternalError"}:        "[ap-guangzhou ap-guangzhou]",
	} {
		w, failed := newWorld(t, nil), false
		w.sts.Play(func(sts.Record) *sts.Fault {
			if failed {
				return nil
			}
			failed = true
			return &fault
		})
		status, _, _ := w.ask(t, httpEvent("GET", "/", newToken(t, nil), ""))
		var asked []string
		for _, r := range w.sts.Records() {
			asked = append(asked, r.Region)
		}
		if got := fmt.Sprint(asked); status != 200 || got != want {
			t.Errorf("%s: %d after asking in %s, want %s", fault.Code, status, got, want)
		}
	}
}

// What the environment says of the call reaches STS.
func TestSTSIsAskedAsConfigured(t *testing.T) {
	role := map[string]string{"STS_ROLE_ARN": "qcs::cam::uin/100000000001:roleName/cos-uploader", "STS_EXTERNAL_ID": "ours"}
	for want, env := range map[string]map[string]string{
		"GetFederationToken ap-guangzhou ": nil, // the grant's region
		"GetFederationToken ap-beijing ":   {"STS_REGION": "ap-beijing"},
		"AssumeRole ap-guangzhou ours":     role,
	} {
		w := newWorld(t, env)
		w.ask(t, httpEvent("GET", "/", newToken(t, nil), ""))
		for _, r := range w.sts.Records() {
			if got := fmt.Sprint(r.Action, " ", r.Region, " ", r.Params["ExternalId"]); got != want {
				t.Errorf("asked %q, want %q", got, want)
			}
		}
		if len(w.sts.Records()) != 1 {
			t.Errorf("%q: asked %d times\n%s", want, len(w.sts.Records()), w.log)
		}
	}
}

// Each time that STS is asked counts, a second try too.
func TestLoginRateCountsTries(t *testing.T) {
	w := newWorld(t, map[string]string{"LOGIN_RATE": "1"})
	w.sts.Play(func(sts.Record) *sts.Fault { return &sts.Fault{Code: "InternalError"} })
	began := time.Now()
	for range 20 {
		w.ask(t, httpEvent("GET", "/", newToken(t, nil), ""))
	}
	if calls, most := len(w.sts.Records()), 13+int(time.Since(began).Seconds()); calls < 12 || calls > most {
		t.Errorf("%d calls of STS, and there may be %d", calls, most)
	}
}

func TestLogLine(t *testing.T) {
	w := newWorld(t, nil)
	w.ask(t, httpEvent("GET", "/", newToken(t, nil), ""))
	var line map[string]any
	if err := json.Unmarshal(w.log.Bytes(), &line); err != nil {
		t.Fatalf("not one JSON line: %v\n%s", err, w.log)
	}
	for _, k := range []string{"requestId", "issuer", "subject", "grant", "prefixes", "status", "stsRequestId", "loginMs", "policyMs", "stsMs", "ms"} {
		if line[k] == nil {
			t.Errorf("%s is not in %s", k, w.log)
		}
	}
	if line["subject"] != "2bd806c97f0e00af" { // sha256("alice")
		t.Errorf("subject %v", line["subject"])
	}
}

// What the room of requests finds out reaches the answer and the log.
func TestChosenKeyAndFoldedScope(t *testing.T) {
	w := newWorld(t, nil)
	status, _, body := w.ask(t, httpEvent("POST", "/", newToken(t, nil), `{"filename":"A.JPG"}`))
	key, _ := body["key"].(string)
	if status != 200 || !strings.HasPrefix(key, "users/alice/") || !strings.HasSuffix(key, ".jpg") || fmt.Sprint(body["prefixes"]) != "["+key+"]" {
		t.Errorf("%d %v", status, body)
	}
	var items []string
	for i := range 500 {
		items = append(items, fmt.Sprintf(`{"action":"name/cos:PutObject","bucket":"examplebucket-1250000000","region":"ap-guangzhou","prefix":"users/alice/a/%d"}`, i))
	}
	status, _, body = w.ask(t, httpEvent("POST", "/", newToken(t, nil), "["+strings.Join(items, ",")+"]"))
	if status != 200 || fmt.Sprint(body["prefixes"]) != "[users/alice/a/*]" || body["key"] != nil || !strings.Contains(w.log.String(), `"folded":true`) {
		t.Errorf("%d %v\n%s", status, body, w.log)
	}
}

func TestMisconfigured(t *testing.T) {
	const listed = "https://app.example.com"
	for name, c := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"no STS key":       {map[string]string{"STS_SECRET_ID": "", "STS_SECRET_KEY": ""}, []string{"STS_SECRET_ID and STS_SECRET_KEY are not set"}},
		"half an STS key":  {map[string]string{"STS_SECRET_KEY": ""}, []string{"one of the two is not set"}},
		"cache":            {map[string]string{"STS_CACHE": "yes"}, []string{"STS_CACHE"}},
		"no JWT secret":    {map[string]string{"JWT_SECRET": ""}, []string{"access.yaml:6: issuers[0].secret: the environment variable JWT_SECRET"}},
		"short JWT secret": {map[string]string{"JWT_SECRET": "short"}, []string{"access.yaml:6: issuers[0].secret: is shorter than the 32 bytes"}},
		"scheme":           {map[string]string{"STS_SCHEME": "ftp"}, []string{"STS_SCHEME"}},
		"http abroad":      {map[string]string{"STS_HOST": "sts.example.com"}, []string{"STS_SCHEME: http is for a loopback"}},
		"http lookalike":   {map[string]string{"STS_HOST": "127.0.0.1.example.com"}, []string{"STS_SCHEME"}},
		"host with scheme": {map[string]string{"STS_HOST": "https://sts.tencentcloudapi.com", "STS_SCHEME": "https"}, []string{"STS_HOST"}},
		"host with path":   {map[string]string{"STS_HOST": "127.0.0.1/x"}, []string{"STS_HOST"}},
		"host with user":   {map[string]string{"STS_HOST": "u@127.0.0.1"}, []string{"STS_HOST"}},
		"role":             {map[string]string{"STS_ROLE_ARN": "cos-uploader"}, []string{"STS_ROLE_ARN"}},
		"origins":          {map[string]string{"ALLOW_ORIGINS": listed + ",*"}, []string{"ALLOW_ORIGINS"}},
		"log level":        {map[string]string{"LOG_LEVEL": "verbose"}, []string{"LOG_LEVEL"}},
		"everything": {map[string]string{"STS_SECRET_ID": "", "JWT_SECRET": "", "LOG_LEVEL": "x", "ALLOW_ORIGINS": listed + ",x", "STS_SCHEME": "x"},
			[]string{"STS_SECRET_ID", "JWT_SECRET", "LOG_LEVEL", "ALLOW_ORIGINS", "STS_SCHEME"}},
	} {
		w := newWorld(t, c.env)
		for _, want := range c.want {
			if !strings.Contains(w.log.String(), want) {
				t.Errorf("%s: the log doesn't say %q:\n%s", name, want, w.log)
			}
		}
		if n := strings.Count(w.log.String(), "\n"); n != len(c.want) {
			t.Errorf("%s: %d lines, want %d:\n%s", name, n, len(c.want), w.log)
		}
		for _, path := range []string{"/", "/nowhere"} {
			if status, headers, body := w.ask(t, httpEvent("GET", path, newToken(t, nil), "")); status != 500 || body["codeDesc"] != "Misconfigured" || headers["Access-Control-Allow-Origin"] != listed {
				t.Errorf("%s: %d %v %v", name, status, body, headers)
			}
		}
		if status, _, _ := w.ask(t, httpEvent("OPTIONS", "/", "", "")); status != 204 {
			t.Errorf("%s: preflight %d", name, status)
		}
	}
}

func TestAccessFileThatCantBeRead(t *testing.T) {
	var log bytes.Buffer
	h := newHandler(func(name string) (string, bool) {
		v := map[string]string{"ACCESS_FILE": "/nowhere/access.yaml", "STS_SECRET_ID": "a", "STS_SECRET_KEY": "b"}[name]
		return v, v != ""
	}, func(path string) ([]byte, error) {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("no such file")}
	}, &log)
	if !h.broken || !strings.Contains(log.String(), "ACCESS_FILE: open /nowhere/access.yaml") {
		t.Error(log.String())
	}
}
