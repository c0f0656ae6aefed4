package sts

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// call is a request whose signature was right.
type call struct {
	action, version, region string
	params                  map[string]string // the action's own
	caller                  Key
}

// signed is a request of either signature, taken apart.
type signed struct {
	call
	id, token, signature string
	nonce                string                        // of v1, which may be used once
	sign                 func(secretKey string) string // what the signature must be
}

const skew = 5 * time.Minute

func (s *STS) authenticate(r *http.Request, body string, record *Record) (call, *apiError) {
	if r.Method != http.MethodPost || r.URL.Path != "/" || r.URL.RawQuery != "" {
		return call{}, fail("UnsupportedProtocol", "requests are POSTs to / without a query")
	}
	var in signed
	var bad *apiError
	switch contentType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); contentType {
	case "application/x-www-form-urlencoded":
		record.Signature = "v1"
		in, bad = s.readV1(r, body)
	case "application/json":
		record.Signature = "TC3"
		in, bad = s.readTC3(r, body)
	default:
		bad = fail("UnsupportedProtocol", "Content-Type must be application/x-www-form-urlencoded or application/json")
	}
	record.Action, record.SecretID, record.Params = in.action, in.id, in.params
	if bad != nil {
		return call{}, bad
	}
	if in.caller, bad = s.key(in.id, in.token); bad != nil {
		return call{}, bad
	}
	if !sameText(in.sign(in.caller.SecretKey), in.signature) {
		return call{}, fail("AuthFailure.SignatureFailure", "the signature is not what the request and the key give")
	}
	if in.nonce != "" && !s.firstUse(in.id+" "+in.nonce) {
		return call{}, fail("AuthFailure.SignatureFailure", "Nonce was used before")
	}
	return in.call, nil
}

// v1Common are the parameters of a v1 request that belong to no action.
var v1Common = []string{
	"Action", "Version", "Region", "Timestamp", "Nonce", "SecretId", "SignatureMethod", "Token", "Signature", "Language",
}

func (s *STS) readV1(r *http.Request, body string) (in signed, bad *apiError) {
	form, err := url.ParseQuery(body)
	if err != nil {
		return in, fail("InvalidParameter", "the form can't be read")
	}
	all := map[string]string{}
	in.params = map[string]string{}
	for name, values := range form {
		if all[name] = values[0]; len(values) != 1 {
			return in, fail("InvalidParameter", "the parameter %s is there twice", name)
		}
		if !slices.Contains(v1Common, name) {
			in.params[name] = values[0]
		}
	}
	in.action, in.version, in.region = all["Action"], all["Version"], all["Region"]
	in.id, in.token, in.signature = all["SecretId"], all["Token"], all["Signature"]
	in.nonce = all["Nonce"] + " " + all["Timestamp"]
	sum, ok := v1Methods[all["SignatureMethod"]]
	if !ok {
		return in, fail("InvalidParameter", "SignatureMethod must be HmacSHA1 or HmacSHA256")
	}
	in.sign = func(secretKey string) string { return signV1(r.Method, r.Host, all, secretKey, sum) }
	_, bad = s.time(all["Timestamp"])
	return in, bad
}

var authorization = regexp.MustCompile(`^TC3-HMAC-SHA256 Credential=([^/, ]+)/(\d{4}-\d\d-\d\d)/([a-z]+)/tc3_request, ` +
	`SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$`)

func (s *STS) readTC3(r *http.Request, body string) (in signed, bad *apiError) {
	h := r.Header
	in.action, in.version, in.region = h.Get("X-TC-Action"), h.Get("X-TC-Version"), h.Get("X-TC-Region")
	parts := authorization.FindStringSubmatch(h.Get("Authorization"))
	if parts == nil {
		return in, fail("AuthFailure.SignatureFailure", "Authorization is not of TC3-HMAC-SHA256's form")
	}
	date, service, names := parts[2], parts[3], strings.Split(parts[4], ";")
	in.id, in.token, in.signature = parts[1], h.Get("X-TC-Token"), parts[5]
	at, bad := s.time(h.Get("X-TC-Timestamp"))
	switch {
	case bad != nil:
		return in, bad
	case service != "sts":
		return in, fail("AuthFailure.SignatureFailure", "the credential scope names another service than sts")
	case date != at.Format(time.DateOnly):
		return in, fail("AuthFailure.SignatureFailure", "the credential scope's date is not X-TC-Timestamp's in UTC")
	case !slices.Contains(names, "content-type") || !slices.Contains(names, "host") || !slices.IsSorted(names):
		return in, fail("AuthFailure.SignatureFailure", "SignedHeaders must name content-type and host, sorted")
	}
	in.sign = func(secretKey string) string {
		return signTC3(canonicalTC3(r.Method, "", h, r.Host, parts[4], body), service, at, secretKey)
	}
	in.params, bad = jsonParams(body)
	return in, bad
}

func jsonParams(body string) (map[string]string, *apiError) {
	var in map[string]any
	if err := json.Unmarshal([]byte(body), &in); err != nil {
		return nil, fail("InvalidParameter", "the body is not a JSON object")
	}
	out := map[string]string{}
	for name, v := range in {
		out[name] = fmt.Sprint(v)
	}
	return out, nil
}

// time reads when a request was signed, which must be about now.
func (s *STS) time(timestamp string) (time.Time, *apiError) {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	at := time.Unix(seconds, 0).UTC()
	if err != nil {
		return at, fail("InvalidParameter", "the timestamp must be whole seconds")
	}
	if off := s.now().Sub(at).Abs(); off > skew {
		return at, fail("AuthFailure.SignatureExpire", "the timestamp is %s away from this clock; 5m is the most", off)
	}
	return at, nil
}

// key finds the caller: a key that was set, or a temporary one that this STS issued.
func (s *STS) key(id, token string) (Key, *apiError) {
	for _, k := range s.Keys {
		if k.SecretID == id {
			if !sameText(k.Token, token) {
				return Key{}, fail("AuthFailure.TokenFailure", "the token is not this key's")
			}
			return k, nil
		}
	}
	if token == "" {
		return Key{}, fail("AuthFailure.SecretIdNotFound", "the SecretId is not known")
	}
	grant, err := s.OpenToken(token)
	if err != nil || grant.TmpSecretID != id {
		return Key{}, fail("AuthFailure.TokenFailure", "the token is not this key's, or it has expired")
	}
	return Key{SecretID: id, SecretKey: grant.TmpSecretKey, Token: token, AppID: grant.AppID}, nil
}

func (s *STS) firstUse(nonce string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.nonces == nil {
		s.nonces = map[string]bool{}
	}
	used := s.nonces[nonce]
	s.nonces[nonce] = true
	return !used
}
