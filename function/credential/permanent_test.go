package credential

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	sts "github.com/tencentyun/qcloud-cos-sts-sdk/go"
)

// The strict STS of test/sts checks what is sent; here a server plays what may come back.

func good() string {
	return fmt.Sprintf(`{"Response":{"Credentials":{"Token":"token","TmpSecretId":"id","TmpSecretKey":"key"},"ExpiredTime":%d,"Expiration":"2030-01-01T00:00:00Z","RequestId":"r1"}}`,
		time.Now().Add(time.Hour).Unix())
}

func faultBody(code string) string {
	return `{"Response":{"Error":{"Code":"` + code + `","Message":"secret upstream text"},"RequestId":"r2"}}`
}

func newIssuer(t *testing.T, k PermanentKey, answer http.HandlerFunc) Issuer {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	k.SecretID, k.SecretKey, k.Scheme, k.Host = "AKID", "SECRET", "http", strings.TrimPrefix(server.URL, "http://")
	return NewPermanentKey(k)
}

var exampleRequest = Request{
	Policy: &sts.CredentialPolicy{Version: "2.0", Statement: []sts.CredentialPolicyStatement{{
		Action: []string{"name/cos:PutObject"}, Effect: "allow", Resource: []string{"qcs::cos:ap-guangzhou:uid/1250000000:b-1250000000/users/a+b/*"},
	}}},
	Region: "ap-guangzhou", Life: 15 * time.Minute, Session: "alice@shop",
}

func TestWhatIsAsked(t *testing.T) {
	document, _ := json.Marshal(exampleRequest.Policy)
	for name, c := range map[string]struct {
		key  PermanentKey
		want map[string]string
	}{
		"federation": {PermanentKey{}, map[string]string{
			"Action": "GetFederationToken", "Region": "ap-guangzhou", "DurationSeconds": "900", "SecretId": "AKID",
			"RoleArn": "", "Policy": url.QueryEscape(string(document)),
		}},
		"role": {PermanentKey{RoleARN: "qcs::cam::uin/1:roleName/r", ExternalID: "x"}, map[string]string{
			"Action": "AssumeRole", "Region": "ap-guangzhou", "DurationSeconds": "900", "RoleArn": "qcs::cam::uin/1:roleName/r",
			"RoleSessionName": "alice@shop", "ExternalId": "x", "Policy": url.QueryEscape(string(document)),
		}},
	} {
		var form url.Values
		i := newIssuer(t, c.key, func(w http.ResponseWriter, r *http.Request) {
			r.ParseForm()
			form = r.PostForm
			fmt.Fprint(w, good())
		})
		got, err := i.Issue(t.Context(), exampleRequest)
		if err != nil || got.SecretID != "id" || got.SecretKey != "key" || got.Token != "token" || got.RequestID != "r1" || time.Until(got.Expires) < 59*time.Minute {
			t.Errorf("%s: got %v", name, err)
		}
		for k, v := range c.want {
			if form.Get(k) != v {
				t.Errorf("%s: %s is %q, want %q", name, k, form.Get(k), v)
			}
		}
	}
}

func TestWhatComesBack(t *testing.T) {
	past := strings.Replace(good(), `"ExpiredTime":`, `"ExpiredTime":1,"X":`, 1)
	for name, c := range map[string]struct {
		status int
		body   string
		kind   Kind
		code   string
	}{
		"bad key":            {200, faultBody("AuthFailure.SecretIdNotFound"), Misconfigured, "AuthFailure.SecretIdNotFound"},
		"signature":          {200, faultBody("AuthFailure.SignatureFailure"), Misconfigured, "AuthFailure.SignatureFailure"},
		"not allowed":        {200, faultBody("UnauthorizedOperation"), Misconfigured, "UnauthorizedOperation"},
		"parameter":          {200, faultBody("InvalidParameter.StrategyFormatError"), Misconfigured, "InvalidParameter.StrategyFormatError"},
		"parameter value":    {200, faultBody("InvalidParameterValue"), Misconfigured, "InvalidParameterValue"},
		"other's bucket":     {200, faultBody("InvalidParameter.GrantOtherResource"), Misconfigured, "InvalidParameter.GrantOtherResource"},
		"no role":            {200, faultBody("ResourceNotFound.RoleNotFound"), Misconfigured, "ResourceNotFound.RoleNotFound"},
		"unsupported":        {200, faultBody("UnsupportedOperation"), Misconfigured, "UnsupportedOperation"},
		"unsupported region": {200, faultBody("UnsupportedRegion"), Misconfigured, "UnsupportedRegion"},
		"over limit":         {200, faultBody("InvalidParameter.OverLimit"), Busy, "InvalidParameter.OverLimit"},
		"throttled":          {200, faultBody("RequestLimitExceeded"), Busy, "RequestLimitExceeded"},
		"throttled more":     {200, faultBody("RequestLimitExceeded.UinLimitExceeded"), Busy, "RequestLimitExceeded.UinLimitExceeded"},
		"limit":              {200, faultBody("LimitExceeded"), Busy, "LimitExceeded"},
		"internal":           {200, faultBody("InternalError.DbError"), Failed, "InternalError.DbError"},
		"unknown code":       {200, faultBody("FailedOperation.Strange"), Failed, "FailedOperation.Strange"},
		"empty code":         {200, faultBody(""), Failed, ""},
		"code before status": {500, faultBody("RequestLimitExceeded"), Busy, "RequestLimitExceeded"},
		"code and 403":       {403, faultBody("AuthFailure.SignatureFailure"), Misconfigured, "AuthFailure.SignatureFailure"},
		"500 with keys":      {500, good(), Failed, ""},
		"503 page":           {503, `<html>busy</html>`, Failed, ""},
		"502 JSON":           {502, `{}`, Failed, ""},
		"404 JSON":           {404, `{"Response":{}}`, Failed, ""},
		"redirect":           {307, good(), Failed, ""},
		"page":               {200, `<html>maintenance</html>`, Failed, ""},
		"empty":              {200, ``, Failed, ""},
		"null":               {200, `null`, Failed, ""},
		"empty object":       {200, `{}`, Failed, ""},
		"array":              {200, `[]`, Failed, ""},
		"no credentials":     {200, `{"Response":{"RequestId":"r","ExpiredTime":9999999999}}`, Failed, ""},
		"no token":           {200, strings.Replace(good(), `"Token":"token",`, ``, 1), Failed, ""},
		"empty key":          {200, strings.Replace(good(), `"key"`, `""`, 1), Failed, ""},
		"past":               {200, past, Failed, ""},
		"no expiry":          {200, strings.Replace(good(), `"ExpiredTime"`, `"Expired"`, 1), Failed, ""},
		"garbage behind":     {200, good() + "x", Failed, ""},
		"two answers":        {200, good() + good(), Failed, ""},
		"huge":               {200, strings.Replace(good(), `"token"`, `"`+strings.Repeat("t", 2<<20)+`"`, 1), Failed, ""},
	} {
		i := newIssuer(t, PermanentKey{}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		})
		got, err := i.Issue(t.Context(), exampleRequest)
		var refused *Error
		if !errors.As(err, &refused) || refused.Kind != c.kind || refused.Code != c.code {
			t.Errorf("%s: got %v, want kind %d %s", name, err, c.kind, c.code)
			continue
		}
		if got != (Credential{}) {
			t.Errorf("%s: a key came with an error", name)
		}
		if (refused.Kind == Busy) != (refused.RetryAfter > 0) {
			t.Errorf("%s: RetryAfter %v", name, refused.RetryAfter)
		}
		if strings.Contains(err.Error(), "upstream") {
			t.Errorf("%s: %v repeats STS's message", name, err)
		}
	}
}

func TestConnectionFaults(t *testing.T) {
	kind := func(err error) Kind {
		var refused *Error
		errors.As(err, &refused)
		return refused.Kind
	}
	cut := newIssuer(t, PermanentKey{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, good()[:50])
	})
	if _, err := cut.Issue(t.Context(), exampleRequest); kind(err) != Failed {
		t.Errorf("cut off: %v", err)
	}
	reset := newIssuer(t, PermanentKey{}, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	if _, err := reset.Issue(t.Context(), exampleRequest); kind(err) != Busy {
		t.Errorf("reset: %v", err)
	}
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	l.Close()
	nobody := NewPermanentKey(PermanentKey{SecretID: "a", SecretKey: "b", Scheme: "http", Host: l.Addr().String()})
	if _, err := nobody.Issue(t.Context(), exampleRequest); kind(err) != Busy {
		t.Errorf("refused: %v", err)
	}
}

// The invocation's deadline and cancellation reach the call: the server sees its client go.
func TestDeadlineAndCancellationReachTheCall(t *testing.T) {
	arrived, gone := make(chan struct{}, 2), make(chan struct{}, 2)
	hang := newIssuer(t, PermanentKey{}, func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).EnableFullDuplex()
		r.ParseForm()
		arrived <- struct{}{}
		<-r.Context().Done()
		gone <- struct{}{}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := hang.Issue(ctx, exampleRequest)
	var refused *Error
	if !errors.As(err, &refused) || refused.Kind != Timeout {
		t.Errorf("deadline: %v", err)
	}
	<-arrived
	<-gone

	ctx, cancel = context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	if _, err := hang.Issue(ctx, exampleRequest); !errors.As(err, &refused) || refused.Kind != Timeout {
		t.Errorf("cancelled: %v", err)
	}
	<-gone
}

func TestNoTimeLeftMeansNoCall(t *testing.T) {
	var calls atomic.Int32
	i := newIssuer(t, PermanentKey{}, func(http.ResponseWriter, *http.Request) { calls.Add(1) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var refused *Error
	if _, err := i.Issue(ctx, exampleRequest); !errors.As(err, &refused) || refused.Kind != Timeout || calls.Load() != 0 {
		t.Errorf("got %v after %d calls", err, calls.Load())
	}
}

// Answers are read to their end, so that one connection serves many calls, errors included.
func TestConnectionIsReused(t *testing.T) {
	var dials atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("DurationSeconds") == "61" {
			fmt.Fprint(w, faultBody("InternalError"))
			return
		}
		half := len(good()) / 2 // chunked
		fmt.Fprint(w, good()[:half])
		w.(http.Flusher).Flush()
		fmt.Fprint(w, good()[half:])
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			dials.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	i := NewPermanentKey(PermanentKey{SecretID: "a", SecretKey: "b", Scheme: "http", Host: strings.TrimPrefix(server.URL, "http://")})
	for n := range 20 {
		r := exampleRequest
		r.Life = time.Duration(60+n%2) * time.Second
		i.Issue(t.Context(), r)
	}
	if dials.Load() != 1 {
		t.Errorf("20 calls dialled %d times", dials.Load())
	}
}

// A connection that the server closed while the instance was frozen costs a replay, not a failed request.
func TestReplayOnADeadIdleConnection(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, good()) }))
	defer server.Close()
	i := NewPermanentKey(PermanentKey{SecretID: "a", SecretKey: "b", Scheme: "http", Host: strings.TrimPrefix(server.URL, "http://")})
	for n := range 30 {
		if _, err := i.Issue(t.Context(), exampleRequest); err != nil {
			t.Fatalf("call %d: %v", n, err)
		}
		server.CloseClientConnections()
	}
}

// sessionForm is RoleSessionName's: https://cloud.tencent.com/document/api/598/33164
var sessionForm = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)

func TestSessionName(t *testing.T) {
	for _, c := range []struct{ issuer, subject, want string }{
		{"shop", "alice", "alice@shop"},
		{"shop", "alice@example.com", "alice@example.com@shop"},
		{"shop", "auth0|123", ""}, // "": a digest
		{"shop", "小明", ""},
		{"shop", "2bd806c97f0e00af1a1fc3328fa763", ""}, // could be another's digest
		{"shop", strings.Repeat("a", 60), ""},
	} {
		got := SessionName(c.issuer, c.subject)
		if c.want != "" && got != c.want {
			t.Errorf("%s: got %s", c.subject, got)
		}
		if !sessionForm.MatchString(got) || !strings.HasSuffix(got, "@"+c.issuer) {
			t.Errorf("%s: %q is no session name", c.subject, got)
		}
	}
	digest, _, _ := strings.Cut(SessionName("shop", "小明"), "@")
	if SessionName("shop", digest) == SessionName("shop", "小明") {
		t.Error("who is called like another's digest shares a name with them")
	}
	long := strings.Repeat("i", 32)
	if SessionName(long, "a|") == SessionName(long, "b|") || len(SessionName(long, "a|")) > maxSession {
		t.Error("digests must differ and fit")
	}
}

func TestNothingShowsASecret(t *testing.T) {
	var out strings.Builder
	log := slog.New(slog.NewJSONHandler(&out, nil))
	c := Credential{SecretID: "SECRET", SecretKey: "SECRET", Token: "SECRET"}
	k := NewPermanentKey(PermanentKey{SecretID: "SECRET", SecretKey: "SECRET"})
	log.Info("x", "c", c, "p", &c, "k", k, "v", *k)
	fmt.Fprintf(&out, "%v %+v %#v %s %v %+v %#v %s", c, c, c, c, k, k, k, *k)
	if strings.Contains(out.String(), "SECRET") {
		t.Error(out.String())
	}
}
