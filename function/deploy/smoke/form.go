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
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, field := range [][2]string{
		{"key", op.key}, {"Content-Type", op.header["Content-Type"]}, {"policy", signed.Policy},
		{"q-sign-algorithm", signed.Algorithm}, {"q-ak", signed.AK}, {"q-key-time", signed.KeyTime},
		{"q-signature", signed.Signature}, {"x-cos-security-token", signed.Token}, {"success_action_status", "200"},
	} {
		form.WriteField(field[0], field[1]) // into memory: it can't fail
	}
	file, _ := form.CreateFormFile("file", "smoke.txt")
	file.Write([]byte(op.body))
	form.Close()
	return b.send(ctx, "POST", "/", map[string]string{"Content-Type": form.FormDataContentType()}, body.String())
}
