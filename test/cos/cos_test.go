package cos

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/tencentyun/cos-go-sdk-v5"
	vendor "github.com/tencentyun/qcloud-cos-sts-sdk/go"

	"cos-credentials/policy/text"
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

func local(t *testing.T) *world {
	t.Helper()
	account := sts.Key{SecretID: "AKIDpermanent", SecretKey: "permanent-key", AppID: "1250000000"}
	w := &world{sts: &sts.STS{Keys: []sts.Key{account}}}
	stsHost := serve(t, w.sts.Serve)
	w.ask = vendor.NewClient(account.SecretID, account.SecretKey, nil, vendor.Host(stsHost), vendor.Scheme("http"))
	var err error
	if w.COS, err = New(Options{STS: w.sts, Bucket: bucket, Region: region}); err != nil {
		t.Fatal(err)
	}
	w.host = serve(t, w.COS.Serve)
	return w
}

func serve(t *testing.T, start func() (string, func(), error)) (host string) {
	t.Helper()
	host, stop, err := start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return host
}

// holder is who has a temporary key, and where they go with it.
type holder struct{ id, secret, token, host string }

type (
	statement = vendor.CredentialPolicyStatement
	headers   = []string                  // name, value, name, value
	where     = map[string]map[string]any // operator, key, values
)

// issue gets a key from the STS, as the function does.
func (w *world) issue(t *testing.T, statements ...statement) holder {
	t.Helper()
	policy := &vendor.CredentialPolicy{Version: "2.0", Statement: statements}
	out, err := w.ask.GetCredential(&vendor.CredentialOptions{Policy: policy, DurationSeconds: 1800, Region: region})
	if err != nil {
		t.Fatal(err)
	}
	return holder{out.Credentials.TmpSecretID, out.Credentials.TmpSecretKey, out.Credentials.SessionToken, w.host}
}

func allow(in where, resource string, actions ...string) statement {
	s := statement{Effect: "allow", Resource: []string{objects + resource}, Condition: in}
	for _, a := range actions {
		s.Action = append(s.Action, "name/cos:"+a)
	}
	return s
}

// folderOf is much like the policy that the function writes for a user: uploads, downloads, listing and deletion.
func (w *world) folderOf(t *testing.T, user string) holder {
	t.Helper()
	home := "users/" + user + "/"
	inside := where{"string_like": {"cos:prefix": text.Percent(home) + "*"}}
	return w.issue(t, allow(inside, "*", "GetBucket"),
		allow(nil, home+"*", "PutObject", "PostObject", "GetObject", "HeadObject", "DeleteObject", "InitiateMultipartUpload",
			"ListMultipartUploads", "ListParts", "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload"))
}

// everything is for tests of what the bucket does, not of whom it lets.
func (w *world) everything(t *testing.T) holder { return w.issue(t, allow(nil, "*", "*")) }

// request, "PUT /a", is signed by the vendor's signer, and can still be spoiled.
func (k holder) request(t *testing.T, line, body string, header ...string) *http.Request {
	t.Helper()
	method, target, _ := strings.Cut(line, " ")
	r, err := http.NewRequest(method, "http://"+k.host+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if k.id == "" { // who has no key
		return r
	}
	return k.sign(r, sdk.NewAuthTime(time.Minute))
}

func (k holder) sign(r *http.Request, at *sdk.AuthTime) *http.Request {
	r.Header.Del("Authorization")
	r.Header.Del(tokenName)
	sdk.AddAuthorizationHeader(k.id, k.secret, k.token, r, at)
	r.Header.Del("Host") // which the signer leaves there
	return r
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
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
func (k holder) do(t *testing.T, line, body string, header ...string) answer {
	t.Helper()
	return send(t, k.request(t, line, body, header...))
}

// says is the status and, of an error, the code: "403 AccessDenied".
func (a answer) says() string {
	var e xmlError
	xml.Unmarshal([]byte(a.body), &e)
	return strings.TrimSpace(fmt.Sprint(a.status, " ", e.Code))
}

func (a answer) want(t *testing.T, want string) answer {
	t.Helper()
	if a.says() != want {
		t.Errorf("got %s, want %s: %.300s", a.says(), want, a.body)
	}
	return a
}

// read takes a document.
func (a answer) read(t *testing.T, into any) {
	t.Helper()
	if err := xml.Unmarshal([]byte(a.body), into); err != nil || a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
}

// holds compares an object; one that isn't there is empty.
func (w *world) holds(key, body string) bool {
	b := w.store.object(key)
	return b == nil && body == "" || b != nil && string(b.bytes) == body
}

func contentSum(body string) string {
	sum := md5.Sum([]byte(body))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// attempt is a row of most tables: a request, and what comes back.
type attempt struct {
	name, line, body string
	header           headers
	want             string
}

// try makes attempts, each by itself; after each, after looks at the bucket.
func (k holder) try(t *testing.T, after func(t *testing.T, a answer, tried attempt), all ...attempt) {
	for _, tried := range all {
		t.Run(tried.name, func(t *testing.T) {
			a := k.do(t, tried.line, tried.body, tried.header...).want(t, tried.want)
			if after != nil {
				after(t, a, tried)
			}
		})
	}
}

// The parts of an upload.

func (k holder) begin(t *testing.T, target string, header ...string) (id string) {
	t.Helper()
	var out uploadAnswer
	k.do(t, "POST "+target+"?uploads", "", header...).read(t, &out)
	return out.UploadId
}

func partQuery(number int, id string) string {
	return fmt.Sprintf("?partNumber=%d&uploadId=%s", number, id)
}

func partsXML(pairs ...any) string {
	out := ""
	for i := 0; i < len(pairs); i += 2 {
		out += fmt.Sprintf("<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", pairs[i], pairs[i+1])
	}
	return "<CompleteMultipartUpload>" + out + "</CompleteMultipartUpload>"
}
