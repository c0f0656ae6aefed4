package gateway

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
)

// Recipient is the public key that a client wants its answer sealed to; the zero value is a client that did not ask.
type Recipient struct{ key hpke.PublicKey }

// Asked reports whether the answer is to be sealed.
func (to Recipient) Asked() bool { return to.key != nil }

// Recipient reads the query parameter sealTo, which is there once at most, even with the same value. A key that can't
// be read is an error, never an answer in clear.
func (r Request) Recipient() (Recipient, *Error) {
	if all, _ := r.query.(map[string]any); len(stringsOf(all["sealTo"])) > 1 {
		return Recipient{}, notOnce("sealTo")
	}
	sealTo, refusal := r.Query("sealTo")
	if refusal != nil || sealTo == "" {
		return Recipient{}, refusal
	}
	to, err := ParseRecipient(sealTo)
	if err != nil {
		return Recipient{}, invalidRequest("The query parameter sealTo is no public key to seal to: " + err.Error() + ".")
	}
	return to, nil
}

// ParseRecipient reads an X25519 public key: 32 bytes in unpadded base64url, 43 characters.
//
// Every key has one spelling here. RFC 7748 section 5 reads a coordinate from 2^255-19 on modulo that prime, but HPKE
// mixes the key's bytes into what it derives: a client that computes its key could not open the answer.
// A point of low order is refused because every secret shared with it is zero, known to all (RFC 9180 section 7.1.4).
func ParseRecipient(sealTo string) (Recipient, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealTo)
	if err != nil || len(sealTo) != 43 || len(raw) != 32 {
		return Recipient{}, errors.New("it must be 32 bytes in base64url without padding, 43 characters")
	}
	if !reduced(raw) {
		return Recipient{}, errors.New("it is not an X25519 key as it is computed, but another spelling of one")
	}
	point, err := ecdh.X25519().NewPublicKey(raw)
	if err != nil {
		return Recipient{}, err
	}
	if _, err := probe.ECDH(point); err != nil {
		return Recipient{}, errors.New("it is a point of low order, with which nothing can be kept secret")
	}
	key, err := hpke.NewDHKEMPublicKey(point)
	return Recipient{key}, err
}

// prime is 2^255-19, most significant byte first.
var prime = slices.Concat([]byte{0x7f}, bytes.Repeat([]byte{0xff}, 30), []byte{0xed})

// reduced reports whether a coordinate, least significant byte first, is below the prime.
func reduced(coordinate []byte) bool {
	bigEndian := slices.Clone(coordinate)
	slices.Reverse(bigEndian)
	return bytes.Compare(bigEndian, prime) < 0
}

// probe is no secret: any private key finds a point of low order.
var probe, _ = ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{1}, 32))

// sealInfo binds what is sealed to this use of HPKE, and to its version.
const sealInfo = "cos-credentials sealed answer 1"

// Seal encrypts to the recipient's key by HPKE (RFC 9180): base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
// ChaCha20-Poly1305, no aad; and returns enc ‖ ciphertext in unpadded base64url. Each call uses a new key of its own.
func (to Recipient) Seal(plaintext []byte) (string, error) {
	if !to.Asked() {
		return "", errors.New("there is no key to seal to")
	}
	sealed, err := hpke.Seal(to.key, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), []byte(sealInfo), plaintext)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Seal turns a good answer into one that only the recipient can read. With an error there is no answer at all.
func (r Response) Seal(to Recipient, requestID string) (Response, error) {
	if r.Status != 200 || r.Body == nil {
		return Response{}, errors.New("only a good answer is sealed")
	}
	plaintext, err := json.Marshal(r.Body)
	if err != nil {
		return Response{}, err
	}
	sealed, err := to.Seal(plaintext)
	if err != nil {
		return Response{}, err
	}
	r.Body = struct {
		Sealed    string `json:"sealed"`
		RequestID string `json:"requestId"`
	}{sealed, requestID}
	return r, nil
}
