package sts

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"slices"
	"strings"
	"time"
)

// signV1 is the older signature: method, host and the sorted parameters with their values as they are, not URL-encoded.
func signV1(method, host string, params map[string]string, secretKey string, sum func() hash.Hash) string {
	var pairs []string
	for name, v := range params {
		if name != "Signature" {
			pairs = append(pairs, name+"="+v)
		}
	}
	// Sorted by name: "A=" sorts before "AB=", but "A.1=" before "A=", so the pairs themselves won't do.
	slices.SortFunc(pairs, func(a, b string) int {
		a, _, _ = strings.Cut(a, "=")
		b, _, _ = strings.Cut(b, "=")
		return strings.Compare(a, b)
	})
	mac := hmac.New(sum, []byte(secretKey))
	mac.Write([]byte(method + host + "/?" + strings.Join(pairs, "&")))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
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

func signTC3(canonical, service string, timestamp string, at time.Time, secretKey string) string {
	date := at.UTC().Format(time.DateOnly)
	scope := date + "/" + service + "/tc3_request"
	key := hmacSHA256([]byte("TC3"+secretKey), date)
	key = hmacSHA256(key, service)
	key = hmacSHA256(key, "tc3_request")
	return hex.EncodeToString(hmacSHA256(key, "TC3-HMAC-SHA256\n"+timestamp+"\n"+scope+"\n"+sha256Hex(canonical)))
}

func hmacSHA256(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func sha256Hex(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func sameText(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
