package replay

import (
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/base64"
	"fmt"
)

// recipient is the secret of the one pair that events have answers sealed to, 00 01 … 1f; its public half is
// j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4KF8.
var recipient = func() (secret [32]byte) {
	for i := range secret {
		secret[i] = byte(i)
	}
	return secret
}()

// unseal replaces a sealed answer by what is in it, which differs each time in nothing but the seal.
func (o *Outcome) unseal(r *response, id string) {
	var answer struct{ Sealed, RequestID string }
	o.Sealed = r.StatusCode == 200 && strict(r.Body, &answer) == nil && answer.Sealed != ""
	if want := o.Case.Answer; want != nil {
		o.equal("sealed", want.Sealed, o.Sealed)
	}
	if !o.Sealed {
		return
	}
	o.equal("requestId", id, answer.RequestID)
	plaintext, err := open(answer.Sealed)
	o.expect(err == nil, "sealed", "what the pair of the events opens", fmt.Sprint(err))
	r.Body = string(plaintext)
}

func open(sealed string) ([]byte, error) {
	text, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil {
		return nil, err
	}
	key, err := ecdh.X25519().NewPrivateKey(recipient[:])
	if err != nil {
		return nil, err
	}
	private, err := hpke.NewDHKEMPrivateKey(key)
	if err != nil {
		return nil, err
	}
	const info = "cos-credentials sealed answer 1"
	return hpke.Open(private, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), []byte(info), text)
}
