package sts

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"hash"
	"maps"
	"slices"
	"strings"
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

// HMAC is RFC 2104's, which all the vendor's signatures are made of.
func HMAC(sum func() hash.Hash, key []byte, text string) []byte {
	mac := hmac.New(sum, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func sameText(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
