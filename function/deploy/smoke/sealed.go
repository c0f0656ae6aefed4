package smoke

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// sealInfo is what both sides of a sealed answer name.
const sealInfo = "cos-credentials sealed answer 1"

// askSealed asks for an answer sealed to a key that is made here, and opens it.
func (r *run) askSealed(ctx context.Context, a asked) (*answer, error) {
	private, err := hpke.DHKEM(ecdh.X25519()).GenerateKey()
	if err != nil {
		return nil, err
	}
	first := "?"
	if strings.Contains(a.path, "?") {
		first = "&"
	}
	a.path += first + "sealTo=" + base64.RawURLEncoding.EncodeToString(private.PublicKey().Bytes())
	got, err := r.ask(ctx, a)
	if err != nil || got.status != 200 {
		return got, err
	}
	if bytes.Contains(got.body, []byte("tmpSecretKey")) {
		return got, errors.New("it came in clear")
	}
	var envelope struct{ Sealed string }
	json.Unmarshal(got.body, &envelope) // what can't be read can't be opened
	sealed, err := base64.RawURLEncoding.DecodeString(envelope.Sealed)
	if err != nil {
		return got, errors.New("it is not base64url")
	}
	plain, err := hpke.Open(private, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), []byte(sealInfo), sealed)
	if err != nil {
		return got, errors.New("it can't be opened with the key that it was asked to be sealed to")
	}
	got.body = plain
	return got, json.Unmarshal(plain, got)
}

// sealing asks for a sealed answer, as clients do who mean the platform's log.
func (r *run) sealing(ctx context.Context, wish asked) error {
	if r.own[0].SealedOnly {
		clear, err := r.ask(ctx, wish)
		if err != nil {
			return err
		}
		r.holds(clear.refused(403, 40303), "Nothing comes in clear, as access.yaml says.", "%s", clear.said())
	}
	got, err := r.askSealed(ctx, wish)
	if got == nil {
		return err
	}
	r.holds(err == nil && got.status == 200, "An answer that is asked for sealed comes sealed.", "%s; %v",
		got.said(), err)
	wrong, err := r.ask(ctx, asked{method: "GET", path: "/credentials?sealTo=no-key", token: r.Users[0].Token})
	if err != nil {
		return err
	}
	const nothing = "Who asks for it with what is no key gets nothing, in clear least of all."
	r.holds(wrong.refused(400, 40000), nothing, "%s", wrong.said())
	return nil
}
