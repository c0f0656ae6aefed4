package cos

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// signature is one of q-sign-algorithm=sha1, wherever the request carries it.
// https://cloud.tencent.com/document/product/436/7778
type signature struct {
	secretID string
	keyTime  string // 1700000000;1700001800
	headers  []string
	params   []string
	value    string
	from, to time.Time // keyTime's
}

var signatureFields = []string{"q-sign-algorithm", "q-ak", "q-sign-time", "q-key-time", "q-header-list", "q-url-param-list", "q-signature"}

// readSignature takes the text of an Authorization header: each field once, and no other.
func readSignature(text string) (signature, *failure) {
	fields := map[string]string{}
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if _, twice := fields[name]; twice || !slices.Contains(signatureFields, name) {
			return signature{}, fail("InvalidArgument", "The signature has a field that is not one of it, or has one twice.")
		}
		fields[name] = value
	}
	return newSignature(fields)
}

func newSignature(fields map[string]string) (s signature, _ *failure) {
	for _, name := range signatureFields {
		if _, ok := fields[name]; !ok {
			return s, fail("InvalidArgument", "The signature has no %s.", name)
		}
	}
	s = signature{
		secretID: fields["q-ak"], keyTime: fields["q-key-time"], value: fields["q-signature"],
		headers: list(fields["q-header-list"]), params: list(fields["q-url-param-list"]),
	}
	if fields["q-sign-algorithm"] != "sha1" {
		return s, fail("InvalidArgument", "q-sign-algorithm must be sha1.")
	}
	// The SDKs disagree on which of the two is signed, so they can't be allowed to differ.
	if fields["q-sign-time"] != s.keyTime {
		return s, fail("InvalidArgument", "q-sign-time and q-key-time must be the same.")
	}
	return s, s.readTimes()
}

func (s *signature) readTimes() *failure {
	from, to, ok := strings.Cut(s.keyTime, ";")
	a, errA := strconv.ParseUint(from, 10, 40)
	b, errB := strconv.ParseUint(to, 10, 40)
	if !ok || errA != nil || errB != nil || a > b {
		return fail("InvalidArgument", "q-key-time must be two times in seconds, the earlier first.")
	}
	s.from, s.to = time.Unix(int64(a), 0), time.Unix(int64(b), 0)
	return nil
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ";")
}

// inTime: the codes are those that the SDKs set their clocks by.
func (s signature) inTime(now time.Time) *failure {
	switch now := now.Unix(); {
	case now < s.from.Unix():
		return &failure{http.StatusForbidden, "RequestTimeTooSkewed", "The difference between the request time and the server's time is too large.", true}
	case now > s.to.Unix():
		return &failure{http.StatusForbidden, "AccessDenied", "Request has expired", true}
	}
	return nil
}

// key is what signs: it follows from the secret key and is good for the signature's time only.
func (s signature) key(secretKey string) string { return hmacSHA1(secretKey, s.keyTime) }

// matches recomputes the signature from the request as it came in.
func (s signature) matches(r *http.Request, query map[string]string, secretKey string) *failure {
	not := func(why string) *failure {
		return fail("SignatureDoesNotMatch", "The Signature you specified is invalid. (%s)", why)
	}
	if !slices.Contains(s.headers, "host") {
		return not("host is not signed")
	}
	headers, ok := canonical(s.headers, func(yield func(name string, values []string)) {
		for name, values := range r.Header {
			if name != "Host" {
				yield(name, values)
			}
		}
		yield("host", []string{r.Host})
		if len(r.TransferEncoding) > 0 {
			yield("transfer-encoding", r.TransferEncoding)
		}
	})
	if !ok {
		return not("q-header-list is not sorted, or names what was not sent")
	}
	params, ok := canonical(s.params, func(yield func(name string, values []string)) {
		for name, value := range query {
			yield(name, []string{value})
		}
	})
	if !ok {
		return not("q-url-param-list is not sorted, or names what was not sent")
	}
	request := strings.ToLower(r.Method) + "\n" + r.URL.Path + "\n" + params + "\n" + headers + "\n"
	want := hmacSHA1(s.key(secretKey), "sha1\n"+s.keyTime+"\n"+sha1Hex(request)+"\n")
	if !hmac.Equal([]byte(want), []byte(s.value)) {
		return not("it is not the one that the request and the key give")
	}
	return nil
}

// canonical writes the pairs that a list names. The list may name one several times, as the Go SDK does for a header with
// several values, but what is left out, or sent and not there, is no match.
func canonical(names []string, each func(yield func(name string, values []string))) (string, bool) {
	sent := map[string][]string{}
	each(func(name string, values []string) {
		name = strings.ToLower(encode(name))
		sent[name] = append(sent[name], values...)
	})
	if !slices.IsSorted(names) {
		return "", false
	}
	var pairs []string
	for _, name := range slices.Compact(slices.Clone(names)) {
		values := sent[name]
		if len(values) == 0 {
			return "", false
		}
		slices.Sort(values)
		for _, v := range values {
			pairs = append(pairs, name+"="+encode(v))
		}
	}
	return strings.Join(pairs, "&"), true
}

// encode leaves letters, digits and -_.~ as they are, as the SDKs do.
func encode(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func hmacSHA1(key, text string) string {
	h := hmac.New(sha1.New, []byte(key))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

func sha1Hex(s string) string {
	sum := sha1.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}
