package test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	sdk "github.com/tencentyun/cos-go-sdk-v5"
)

// What a key can do beyond its prefix, tried with cos-go-sdk-v5 and plain HTTP against the local COS, with the grants of
// events/access/office.yaml.

// office is a user of a grant there.
func office(t *testing.T, c *localCloud, name, grant string) *goUser {
	t.Helper()
	u := newGoUser(t, c, name)
	u.credentials += "?grant=" + grant
	return u
}

func newOffice(t *testing.T) *localCloud {
	t.Helper()
	return newCloudOf(t, "../events/access/office.yaml")
}

// send uploads a small object with headers.
func (u *goUser) send(t *testing.T, key, text string, headers ...string) error {
	t.Helper()
	said := &sdk.ObjectPutHeaderOptions{ContentType: "image/png", XOptionHeader: &http.Header{}}
	for i := 0; i < len(headers); i += 2 {
		if said.XOptionHeader.Set(headers[i], headers[i+1]); headers[i] == "content-type" {
			said.ContentType = headers[i+1]
		}
	}
	options := &sdk.ObjectPutOptions{ObjectPutHeaderOptions: said}
	_, err := u.Object.Put(t.Context(), key, strings.NewReader(text), options)
	return err
}

// has is an object's bytes, or the code of an error.
func (u *goUser) has(ctx context.Context, key string) string {
	answer, err := u.Object.Get(ctx, key, nil)
	if err != nil {
		return code(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return string(text)
}

// code is what COS calls an error; "" for none.
func code(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := sdk.IsCOSError(err); ok {
		return e.Code
	}
	return err.Error()
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// stranger is what somebody without a key gets of an object: its bytes, or nothing.
func (c *localCloud) stranger(t *testing.T, key string) string {
	t.Helper()
	answer, err := http.Get("http://" + c.COSHost + "/" + key)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusOK {
		return ""
	}
	return string(text)
}

func TestCommonFolderIsReadAndOwnPartWritten(t *testing.T) {
	t.Parallel()
	c := newOffice(t)
	alice, bob := office(t, c, "alice", "office"), office(t, c, "bob", "office")
	ctx := t.Context()
	expect(t, "alice writes her part", code(alice.send(t, "files/alice/a", "hers")), "")
	expect(t, "bob reads it", bob.has(ctx, "files/alice/a"), "hers")
	listed, _, err := bob.Bucket.Get(ctx, &sdk.BucketGetOptions{Prefix: "files/"})
	if err != nil || len(listed.Contents) != 1 || listed.Contents[0].Key != "files/alice/a" {
		t.Errorf("bob lists the common folder: %v, %+v", err, listed)
	}
	expect(t, "bob writes over it", code(bob.send(t, "files/alice/a", "his")), "AccessDenied")
	expect(t, "bob writes beside it", code(bob.send(t, "files/alice/b", "his")), "AccessDenied")
	expect(t, "bob writes into the common folder", code(bob.send(t, "files/b", "his")), "AccessDenied")
	_, err = bob.Object.Delete(ctx, "files/alice/a")
	expect(t, "bob deletes it", code(err), "AccessDenied")
	_, _, err = bob.Object.InitiateMultipartUpload(ctx, "files/alice/a", nil)
	expect(t, "bob begins an upload over it", code(err), "AccessDenied")

	source := c.COSHost + "/files/alice/a"
	_, _, err = bob.Object.Copy(ctx, "files/bob/a", source, nil)
	expect(t, "bob copies it into his part", code(err), "")
	expect(t, "the copy", bob.has(ctx, "files/bob/a"), "hers")
	_, _, err = bob.Object.Copy(ctx, "files/alice/copy", source, nil)
	expect(t, "bob copies it into her part", code(err), "AccessDenied")
	expect(t, "her object is as it was", alice.has(ctx, "files/alice/a"), "hers")
}

// Every header that opens an object or gives it away is refused, of each way to upload; and an upload without one is not.
func TestUploadsStayPrivate(t *testing.T) {
	t.Parallel()
	c := newOffice(t)
	alice, open := office(t, c, "alice", "office"), office(t, c, "alice", "website")
	ctx := t.Context()
	const account = `id="100000000003"`
	for _, header := range [][2]string{
		{"x-cos-acl", "public-read"},
		{"x-cos-acl", "authenticated-read"},
		{"x-cos-acl", "bucket-owner-read"},
		{"x-cos-acl", "bucket-owner-full-control"},
		{"x-cos-grant-read", account},
		{"x-cos-grant-write", account},
		{"x-cos-grant-read-acp", account},
		{"x-cos-grant-write-acp", account},
		{"x-cos-grant-full-control", account},
	} {
		name, value := header[0], header[1]
		expect(t, name+" "+value, code(alice.send(t, "files/alice/a", "hers", name, value)), "AccessDenied")
		said := &sdk.ObjectPutHeaderOptions{XOptionHeader: &http.Header{}}
		said.XOptionHeader.Set(name, value)
		begin := &sdk.InitiateMultipartUploadOptions{ObjectPutHeaderOptions: said}
		_, _, err := alice.Object.InitiateMultipartUpload(ctx, "files/alice/a", begin)
		expect(t, "in parts, "+name+" "+value, code(err), "AccessDenied")
		form := alice.form(t, `{"grant":"office","key":"files/alice/a"}`)
		expect(t, "by form, "+name+" "+value, c.post(t, form, name, value), "403 AccessDenied")
		if name == "x-cos-acl" {
			expect(t, "by form, acl "+value, c.post(t, form, "acl", value), "403 AccessDenied")
		}
	}
	expect(t, "nothing was stored", alice.has(ctx, "files/alice/a"), "NoSuchKey")
	for _, value := range []string{"", "private", "default"} {
		headers := []string{"x-cos-acl", value}
		if value == "" {
			headers = nil
		}
		expect(t, "x-cos-acl "+value, code(alice.send(t, "files/alice/a", "hers", headers...)), "")
		expect(t, "a stranger reads what is private", c.stranger(t, "files/alice/a"), "")
	}
	public := &sdk.ObjectPutACLOptions{Header: &sdk.ACLHeaderOptions{XCosACL: "public-read"}}
	_, err := alice.Object.PutACL(ctx, "files/alice/a", public)
	expect(t, "opening it afterwards", code(err), "AccessDenied")

	expect(t, "objectAcl: any", code(open.send(t, "sites/alice/index.html", "page", "x-cos-acl", "public-read")), "")
	expect(t, "a stranger reads what is public", c.stranger(t, "sites/alice/index.html"), "page")
}

func TestUploadsNeverReplace(t *testing.T) {
	t.Parallel()
	c := newOffice(t)
	alice := office(t, c, "alice", "records")
	ctx := t.Context()
	const pdf, once = "application/pdf", "x-cos-forbid-overwrite"
	if _, err := alice.current(ctx); err != nil {
		t.Fatal(err)
	}
	expect(t, "the header that the answer names", alice.key.Headers[once], "true")
	send := func(text string, headers ...string) string {
		return code(alice.send(t, "records/alice/a", text, append(headers, "content-type", pdf)...))
	}
	expect(t, "without the header", send("1"), "AccessDenied")
	expect(t, "with the header off", send("1", once, "false"), "AccessDenied")
	expect(t, "the first time", send("1", once, "true"), "")
	expect(t, "the second time", send("2", once, "true"), "FileAlreadyExists")

	parts := func(key string, headers http.Header) string {
		said := &sdk.ObjectPutHeaderOptions{ContentType: pdf}
		begin := &sdk.InitiateMultipartUploadOptions{ObjectPutHeaderOptions: said}
		begun, _, err := alice.Object.InitiateMultipartUpload(ctx, key, begin)
		if err != nil {
			return "begin: " + code(err)
		}
		part, err := alice.Object.UploadPart(ctx, key, begun.UploadID, 1, strings.NewReader("3"), nil)
		if err != nil {
			return "part: " + code(err)
		}
		_, _, err = alice.Object.CompleteMultipartUpload(ctx, key, begun.UploadID, &sdk.CompleteMultipartUploadOptions{
			XOptionHeader: &headers, Parts: []sdk.Object{{PartNumber: 1, ETag: part.Header.Get("ETag")}},
		})
		return code(err)
	}
	expect(t, "in parts, without the header", parts("records/alice/b", http.Header{}), "AccessDenied")
	never := http.Header{"X-Cos-Forbid-Overwrite": {"true"}}
	expect(t, "in parts, the first time", parts("records/alice/b", never), "")
	expect(t, "in parts, over another", parts("records/alice/a", never), "FileAlreadyExists")
	expect(t, "it is as it was", alice.has(ctx, "records/alice/a"), "1")
}

func TestStorageClassesAreHeld(t *testing.T) {
	t.Parallel()
	c := newOffice(t)
	alice := office(t, c, "alice", "album")
	const class, key = "x-cos-storage-class", "albums/alice/a.png"
	for value, want := range map[string]string{
		"STANDARD": "", "INTELLIGENT_TIERING": "", "ARCHIVE": "AccessDenied", "STANDARD_IA": "AccessDenied",
	} {
		expect(t, value, code(alice.send(t, key, "png", class, value)), want)
		byForm := map[string]string{"": "200", "AccessDenied": "403 AccessDenied"}[want]
		expect(t, "by form, "+value, c.post(t, alice.form(t, `{"grant":"album","key":"`+key+`"}`), class, value), byForm)
	}
	expect(t, "none", code(alice.send(t, key, "png")), "")
	expect(t, "by form, none", c.post(t, alice.form(t, `{"grant":"album","filename":"a.png"}`)), "200")
	expect(t, "another type", code(alice.send(t, key, "png", "content-type", "text/html")), "AccessDenied")
}

// form asks for an upload form, and returns the fields to send.
func (u *goUser) form(t *testing.T, body string) map[string]string {
	t.Helper()
	var form struct{ Fields map[string]string }
	if status := u.asks(t, "post-policy", body, &form); form.Fields == nil {
		t.Fatalf("%s: %d", body, status)
	}
	return form.Fields
}

// post sends a form as it was signed, with more fields, and a file of one pixel. It returns the status, and COS's code.
func (c *localCloud) post(t *testing.T, fields map[string]string, more ...string) string {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		w.WriteField(name, value)
	}
	for i := 0; i < len(more); i += 2 {
		w.WriteField(more[i], more[i+1])
	}
	file, err := w.CreateFormFile("file", "a.png")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(file, "png")
	w.Close()
	answer, err := http.Post("http://"+c.COSHost+"/", w.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	_, rest, _ := strings.Cut(string(text), "<Code>")
	said, _, _ := strings.Cut(rest, "</Code>")
	return strings.TrimSpace(strings.Split(answer.Status, " ")[0] + " " + said)
}
