package credential

import (
	"crypto/sha1"
	"encoding/hex"
	"net/url"
	"strings"
	"time"

	"cos-credentials/policy/text"
)

// Link is one object that may be read by a URL.
type Link struct {
	Host       string // of the bucket
	Key        string
	Process    string // an operation on images that COS applies, as it stands in the URL; "" for none
	Start, End time.Time
}

const (
	tokenParameter = "x-cos-security-token"
	signedHeader   = "host" // nobody can use the link at another host than the bucket's
)

// SignLink signs a URL that reads one object, as COS checks the signature of a request: method, path, host and every
// query parameter are in it. The URL holds the session token, but no secret key to sign another with.
// https://cloud.tencent.com/document/product/436/7778
func (c Credential) SignLink(l Link) string {
	times := unixTimes(l.Start, l.End)
	names, signed := tokenParameter, tokenParameter+"="+text.Percent(c.Token)
	query := ""
	if l.Process != "" { // a parameter without a value; i sorts before x
		operation := strings.ToLower(text.Percent(decoded(l.Process)))
		names, signed = operation+";"+names, operation+"=&"+signed
		query = l.Process + "&"
	}
	request := "get\n/" + l.Key + "\n" + signed + "\n" + signedHeader + "=" + text.Percent(l.Host) + "\n"
	digest := sha1.Sum([]byte(request))
	signature := hmacSHA1(hmacSHA1(c.SecretKey, times), "sha1\n"+times+"\n"+hex.EncodeToString(digest[:])+"\n")
	for _, parameter := range [][2]string{
		{"q-sign-algorithm", "sha1"},
		{"q-ak", c.SecretID},
		{"q-sign-time", times},
		{"q-key-time", times},
		{"q-header-list", signedHeader},
		{"q-url-param-list", names},
		{"q-signature", signature},
		{tokenParameter, c.Token},
	} {
		query += parameter[0] + "=" + text.Percent(parameter[1]) + "&"
	}
	return "https://" + l.Host + "/" + text.PercentPath(l.Key) + "?" + strings.TrimSuffix(query, "&")
}

// decoded is an operation as COS reads it from the URL. Whoever reads operations has refused what can't be decoded.
func decoded(operation string) string {
	plain, err := url.PathUnescape(operation)
	if err != nil {
		return operation
	}
	return plain
}
