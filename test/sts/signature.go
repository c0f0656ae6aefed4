package sts

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// signV1 is the older signature: method, host and the sorted parameters with their values as they are, not URL-encoded.
func signV1(method, host string, params map[string]string, secretKey string, sum func() hash.Hash) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if name != "Signature" {
			pairs = append(pairs, name+"="+params[name])
		}
	}
	text := method + host + "/?" + strings.Join(pairs, "&")
	return base64.StdEncoding.EncodeToString(HMAC(sum, []byte(secretKey), text))
}

var v1Methods = map[string]func() hash.Hash{"": sha1.New, "HmacSHA1": sha1.New, "HmacSHA256": sha256.New}

// canonicalTC3 is the request as TC3-HMAC-SHA256 signs it. Of the headers only the signed ones are in it.
func canonicalTC3(method, query string, header http.Header, host, signedHeaders, body string) string {
	var headers strings.Builder
	for _, name := range strings.Split(signedHeaders, ";") {
		v := header.Get(name)
		if name == "host" {
			v = host
		}
		headers.WriteString(name + ":" + strings.ToLower(strings.TrimSpace(v)) + "\n")
	}
	return strings.Join([]string{method, "/", query, headers.String(), signedHeaders, sha256Hex(body)}, "\n")
}

func signTC3(canonical, service string, at time.Time, secretKey string) string {
	date := at.UTC().Format(time.DateOnly)
	scope := date + "/" + service + "/tc3_request"
	key := HMAC(sha256.New, []byte("TC3"+secretKey), date)
	key = HMAC(sha256.New, key, service)
	key = HMAC(sha256.New, key, "tc3_request")
	text := fmt.Sprintf("TC3-HMAC-SHA256\n%d\n%s\n%s", at.Unix(), scope, sha256Hex(canonical))
	return hex.EncodeToString(HMAC(sha256.New, key, text))
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
