package smoke

import (
	"bytes"
	"context"
	"mime/multipart"
	"time"

	"cos-credentials/function/credential"
)

// postForm uploads by a form that is signed with the key itself, as its holder can at any time.
// https://cloud.tencent.com/document/product/436/14690
func (b *bucket) postForm(ctx context.Context, op operation) (*outcome, error) {
	key := credential.Credential{
		SecretID: b.id, SecretKey: b.secret, Token: b.session, Expires: time.Now().Add(10 * time.Minute),
	}
	signed := key.Sign(credential.Form{
		Bucket: b.name, Key: op.key, ContentType: op.header["Content-Type"], Start: time.Now().Add(-time.Minute),
	})
	return b.upload(ctx, signed.Fields, op.body)
}

// upload sends a form of these fields and a file.
func (b *bucket) upload(ctx context.Context, fields map[string]string, text string) (*outcome, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		form.WriteField(name, value) // into memory: it can't fail
	}
	file, _ := form.CreateFormFile("file", "smoke.txt")
	file.Write([]byte(text))
	form.Close()
	return b.send(ctx, "POST", "/", map[string]string{"Content-Type": form.FormDataContentType()}, body.String())
}
