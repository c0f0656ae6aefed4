// Package tc3 is TC3-HMAC-SHA256, the signature of Tencent Cloud's APIs, as a server checks it.
// https://cloud.tencent.com/document/api/1312/48171
package tc3

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// What is wrong with a signature.
var (
	ErrExpired = errors.New("the timestamp is more than 5 minutes away from this clock")
	ErrWrong   = errors.New("the signature is not what the request and the key give")
)

const skew = 5 * time.Minute

// SecretID is the id of the key that a request says it was signed with.
func SecretID(r *http.Request) string {
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	id, _, _ := strings.Cut(credential, "/")
	return id
}

// Check holds a JSON request to its key: it was signed for the service with the secret, about now.
func Check(r *http.Request, body, service, secretKey string, now time.Time) error {
	seconds, err := strconv.ParseInt(r.Header.Get("X-TC-Timestamp"), 10, 64)
	at := time.Unix(seconds, 0).UTC()
	if err != nil || now.Sub(at).Abs() > skew {
		return ErrExpired
	}
	want := Authorization(r.Host, r.Header.Get("Content-Type"), body, service, at, SecretID(r), secretKey)
	if !hmac.Equal([]byte(want), []byte(r.Header.Get("Authorization"))) {
		return ErrWrong
	}
	return nil
}

// Authorization is the header of a signed POST to /, over its content type, host and body.
func Authorization(host, contentType, body, service string, at time.Time, id, secretKey string) string {
	const names = "content-type;host"
	canonical := strings.Join([]string{
		"POST", "/", "", "content-type:" + contentType, "host:" + host, "", names, sum(body),
	}, "\n")
	date := at.UTC().Format(time.DateOnly)
	scope := date + "/" + service + "/tc3_request"
	key := []byte("TC3" + secretKey)
	for _, part := range []string{date, service, "tc3_request"} {
		key = mac(key, part)
	}
	text := strings.Join([]string{"TC3-HMAC-SHA256", strconv.FormatInt(at.Unix(), 10), scope, sum(canonical)}, "\n")
	return "TC3-HMAC-SHA256 Credential=" + id + "/" + scope + ", SignedHeaders=" + names +
		", Signature=" + hex.EncodeToString(mac(key, text))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func sum(text string) string {
	digest := sha256.Sum256([]byte(text))
	return hex.EncodeToString(digest[:])
}
