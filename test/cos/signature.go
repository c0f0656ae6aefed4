package cos

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cos-credentials/policy/text"
	"cos-credentials/test/sts"
)

// signature is one of q-sign-algorithm=sha1, wherever the request carries it.
// https://cloud.tencent.com/document/product/436/7778
type signature struct {
	secretID string
	keyTime  string // 1700000000;1700001800
	headers  []string
	params   []string
	value    string
	from, to int64 // keyTime's, Unix seconds
}

var signatureFields = strings.Fields(`q-sign-algorithm q-ak q-sign-time q-key-time q-header-list q-url-param-list
	q-signature`)

// readSignature takes the text of an Authorization header: each field once, and no other.
func readSignature(authorization string) (s signature, _ *failure) {
	fields := map[string]string{}
	for pair := range strings.SplitSeq(authorization, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if _, twice := fields[name]; twice || !slices.Contains(signatureFields, name) {
			return s, fail("InvalidArgument", "The signature has a field that is not one of it, or has one twice.")
		}
		fields[name] = value
	}
	if len(fields) != len(signatureFields) {
		return s, fail("InvalidArgument", "The signature needs the fields %s.", strings.Join(signatureFields, ", "))
	}
	// The SDKs disagree on which of the two is signed, so they can't be allowed to differ.
	if fields["q-sign-time"] != fields["q-key-time"] {
		return s, fail("InvalidArgument", "q-sign-time and q-key-time must be the same.")
	}
	split := func(list string) []string { return strings.FieldsFunc(list, func(c rune) bool { return c == ';' }) }
	s.headers, s.params = split(fields["q-header-list"]), split(fields["q-url-param-list"])
	return s, s.take(fields)
}

// take takes what the signature of a form has too.
func (s *signature) take(fields map[string]string) *failure {
	s.secretID, s.keyTime, s.value = fields["q-ak"], fields["q-key-time"], fields["q-signature"]
	if fields["q-sign-algorithm"] != "sha1" {
		return fail("InvalidArgument", "q-sign-algorithm must be sha1.")
	}
	from, to, ok := strings.Cut(s.keyTime, ";")
	a, errA := strconv.ParseUint(from, 10, 40)
	b, errB := strconv.ParseUint(to, 10, 40)
	if !ok || errA != nil || errB != nil || a > b {
		return fail("InvalidArgument", "q-key-time must be two times in seconds, the earlier first.")
	}
	s.from, s.to = int64(a), int64(b)
	return nil
}

// inTime: the codes are those that the SDKs set their clocks by.
func (s signature) inTime(now int64) *failure {
	switch {
	case now < s.from:
		return &failure{http.StatusForbidden, "RequestTimeTooSkewed", "The request's time is ahead of the server's.", true}
	case now > s.to:
		return &failure{http.StatusForbidden, "AccessDenied", "Request has expired", true}
	}
	return nil
}

// signs reports whether the signature is that of a message, by a key that follows from the secret key for the time of
// the signature only.
func (s signature) signs(message, secretKey string) bool {
	return hmac.Equal([]byte(hmacSHA1(hmacSHA1(secretKey, s.keyTime), message)), []byte(s.value))
}

func mismatch(why string) *failure {
	return fail("SignatureDoesNotMatch", "The Signature you specified is invalid. (%s)", why)
}

// matches recomputes the signature from the request as it came in.
func (s signature) matches(r *http.Request, query map[string]string, secretKey string) *failure {
	if !slices.Contains(s.headers, "host") {
		return mismatch("host is not signed")
	}
	sent := maps.Clone(r.Header)
	sent["Host"] = []string{r.Host}
	ofHeaders, ok := canonical(s.headers, sent)
	if !ok {
		return mismatch("q-header-list is not sorted, or names what was not sent")
	}
	asked := map[string][]string{}
	for name, value := range query {
		asked[name] = []string{value}
	}
	params, ok := canonical(s.params, asked)
	if !ok {
		return mismatch("q-url-param-list is not sorted, or names what was not sent")
	}
	request := strings.ToLower(r.Method) + "\n" + r.URL.Path + "\n" + params + "\n" + ofHeaders + "\n"
	if !s.signs("sha1\n"+s.keyTime+"\n"+sha1Hex(request)+"\n", secretKey) {
		return mismatch("it is not the one that the request and the key give")
	}
	return nil
}

// canonical writes the pairs that a list names. The list may name one several times, as the Go SDK does for a header
// with several values, but what is left out, or not sent, is no match.
func canonical(names []string, all map[string][]string) (string, bool) {
	sent := map[string][]string{}
	for name, values := range all {
		name = strings.ToLower(text.Percent(name))
		sent[name] = append(sent[name], values...)
	}
	var pairs []string
	for _, name := range slices.Compact(slices.Clone(names)) {
		if len(sent[name]) == 0 {
			return "", false
		}
		for _, v := range slices.Sorted(slices.Values(sent[name])) {
			pairs = append(pairs, name+"="+text.Percent(v))
		}
	}
	return strings.Join(pairs, "&"), slices.IsSorted(names)
}

func hmacSHA1(key, message string) string {
	return hex.EncodeToString(sts.HMAC(sha1.New, []byte(key), message))
}

func sha1Hex(s string) string {
	sum := sha1.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}
