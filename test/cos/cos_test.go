package cos

import (
	"bytes"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	sdk "github.com/tencentyun/cos-go-sdk-v5"
	vendor "github.com/tencentyun/qcloud-cos-sts-sdk/go"

	"cos-credentials/test/sts"
)

const (
	bucket  = "examplebucket-1250000000"
	region  = "ap-guangzhou"
	objects = "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/"
)

// world is a bucket and the STS whose keys open it.
type world struct {
	*COS
	sts  *sts.STS
	host string // the bucket's
	ask  *vendor.Client
}

func local(t *testing.T, change ...func(*Options)) *world {
	t.Helper()
	account := sts.Key{SecretID: "AKIDpermanent", SecretKey: "permanent-key", AppID: "1250000000"}
	w := &world{sts: &sts.STS{Keys: []sts.Key{account}}}
	stsHost, stop, err := w.sts.Serve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	w.ask = vendor.NewClient(account.SecretID, account.SecretKey, nil, vendor.Host(stsHost), vendor.Scheme("http"))
	options := Options{STS: w.sts, Bucket: bucket, Region: region}
	for _, c := range change {
		c(&options)
	}
	if w.COS, err = New(options); err != nil {
		t.Fatal(err)
	}
	w.host = serve(t, w.COS)
	return w
}

func serve(t *testing.T, c *COS) (host string) {
	t.Helper()
	host, stop, err := c.Serve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return host
}

// key is a temporary key, and what its holder can do with it.
type key struct{ id, secret, token string }

type statement = vendor.CredentialPolicyStatement

// issue gets a key from the STS, as the function does.
func (w *world) issue(t *testing.T, statements ...statement) key {
	t.Helper()
	out, err := w.ask.GetCredential(&vendor.CredentialOptions{
		Policy: &vendor.CredentialPolicy{Version: "2.0", Statement: statements}, DurationSeconds: 1800, Region: region,
	})
	if err != nil {
		t.Fatal(err)
	}
	return key{out.Credentials.TmpSecretID, out.Credentials.TmpSecretKey, out.Credentials.SessionToken}
}

func allow(condition map[string]map[string]any, resource string, actions ...string) statement {
	s := statement{Effect: "allow", Resource: []string{objects + resource}, Condition: condition}
	for _, a := range actions {
		s.Action = append(s.Action, "name/cos:"+a)
	}
	return s
}

// folderOf is the policy that the function writes for a user of its example: uploads, downloads, listing and deletion.
func folderOf(user string) []statement {
	list := allow(map[string]map[string]any{"string_like": {"cos:prefix": []string{"users/" + user + "/*", "users%2F" + user + "%2F*"}}}, "", "GetBucket")
	list.Resource = []string{objects, objects + "*"}
	return []statement{
		allow(nil, "users/"+user+"/*", "PutObject", "PostObject"),
		allow(nil, "users/"+user+"/*", "InitiateMultipartUpload", "ListMultipartUploads", "ListParts", "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload"),
		allow(nil, "users/"+user+"/*", "GetObject", "HeadObject", "OptionsObject"),
		allow(nil, "users/"+user+"/*", "DeleteObject"),
		list,
	}
}

// everything is for tests of what the bucket does, not of whom it lets.
func (w *world) everything(t *testing.T) key {
	return w.issue(t, statement{Effect: "allow", Action: []string{"name/cos:*"}, Resource: []string{objects + "*"}})
}

// client is the vendor's.
func (k key) client(host string) *sdk.Client {
	u := &url.URL{Scheme: "http", Host: host}
	c := sdk.NewClient(&sdk.BaseURL{BucketURL: u, ServiceURL: u}, &http.Client{
		Transport: &sdk.AuthorizationTransport{SecretID: k.id, SecretKey: k.secret, SessionToken: k.token},
	})
	c.Conf.RetryOpt.Count = 1
	return c
}

// request is signed by the vendor's signer, and can still be spoiled.
func (k key) request(t *testing.T, method, host, target, body string, header ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, "http://"+host+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	sdk.AddAuthorizationHeader(k.id, k.secret, k.token, r, sdk.NewAuthTime(time.Minute))
	r.Header.Del("Host") // which the signer leaves there
	return r
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) code() string {
	var e xmlError
	xml.Unmarshal([]byte(a.body), &e)
	return e.Code
}

func send(t *testing.T, r *http.Request) answer {
	t.Helper()
	out, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	body, err := io.ReadAll(out.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{out.StatusCode, out.Header, string(body)}
}

// do signs and sends.
func (k key) do(t *testing.T, method, host, target, body string, header ...string) answer {
	t.Helper()
	return send(t, k.request(t, method, host, target, body, header...))
}

func (a answer) want(t *testing.T, status int, code string) {
	t.Helper()
	if a.status != status || a.code() != code {
		t.Errorf("got %d %s, want %d %s: %.300s", a.status, a.code(), status, code, a.body)
	}
}

func (w *world) holds(key, body string) bool {
	b := w.store.get(key)
	if b == nil {
		return body == ""
	}
	r, err := w.store.open(b, 0, b.Size)
	if err != nil {
		return false
	}
	defer r.Close()
	got, _ := io.ReadAll(r)
	return bytes.Equal(got, []byte(body))
}
