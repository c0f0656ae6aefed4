package sts

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// signV1 is the older signature, of the sorted parameters with their values as they are, not URL-encoded.
// https://cloud.tencent.com/document/api/1312/48171
func signV1(host string, params map[string]string, secretKey string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if name != "Signature" {
			pairs = append(pairs, name+"="+params[name])
		}
	}
	text := "POST" + host + "/?" + strings.Join(pairs, "&")
	return base64.StdEncoding.EncodeToString(HMAC(sha1.New, []byte(secretKey), text))
}

// signTC3 is the Authorization header of the newer signature, TC3-HMAC-SHA256, over Content-Type, host and body.
func signTC3(host, contentType, body, timestamp, id, secretKey string) string {
	const names = "content-type;host"
	canonical := strings.Join([]string{
		"POST", "/", "", "content-type:" + contentType, "host:" + host, "", names, sha256Hex(body),
	}, "\n")
	seconds, _ := strconv.ParseInt(timestamp, 10, 64)
	date := time.Unix(seconds, 0).UTC().Format(time.DateOnly)
	scope := date + "/sts/tc3_request"
	key := []byte("TC3" + secretKey)
	for _, part := range []string{date, "sts", "tc3_request"} {
		key = HMAC(sha256.New, key, part)
	}
	text := strings.Join([]string{"TC3-HMAC-SHA256", timestamp, scope, sha256Hex(canonical)}, "\n")
	return "TC3-HMAC-SHA256 Credential=" + id + "/" + scope + ", SignedHeaders=" + names +
		", Signature=" + hex.EncodeToString(HMAC(sha256.New, key, text))
}

// HMAC is RFC 2104's, which all the vendor's signatures are made of.
func HMAC(sum func() hash.Hash, key []byte, text string) []byte {
	mac := hmac.New(sum, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func sha256Hex(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func sameText(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
