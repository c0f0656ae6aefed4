package sts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
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

const skew = 5 * time.Minute

// v1Common are the parameters of a v1 request that belong to no action.
var v1Common = []string{"Action", "Version", "Region", "Timestamp", "Nonce", "SecretId", "SignatureMethod", "Token", "Signature", "Language"}

func (s *STS) authenticate(r *http.Request, body string, record *Record) (call, *apiError) {
	if r.Method != http.MethodPost || r.URL.Path != "/" || r.URL.RawQuery != "" {
		return call{}, fail("UnsupportedProtocol", "requests are POSTs to / without a query")
	}
	contentType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && contentType == "application/x-www-form-urlencoded":
		return s.authenticateV1(r, body, record)
	case err == nil && contentType == "application/json":
		return s.authenticateTC3(r, body, record)
	}
	return call{}, fail("UnsupportedProtocol", "Content-Type must be application/x-www-form-urlencoded or application/json")
}

func (s *STS) authenticateV1(r *http.Request, body string, record *Record) (call, *apiError) {
	record.Signature = "v1"
	form, err := url.ParseQuery(body)
	if err != nil {
		return call{}, fail("InvalidParameter", "the form can't be read")
	}
	all := map[string]string{}
	for name, values := range form {
		if len(values) != 1 {
			return call{}, fail("InvalidParameter", "the parameter %s is there twice", name)
		}
		all[name] = values[0]
	}
	c := call{action: all["Action"], version: all["Version"], region: all["Region"], params: map[string]string{}}
	for name, v := range all {
		if !slices.Contains(v1Common, name) {
			c.params[name] = v
		}
	}
	record.Action, record.SecretID, record.Params = c.action, all["SecretId"], c.params
	for _, name := range []string{"Action", "Version", "Region", "Timestamp", "Nonce", "SecretId", "Signature"} {
		if all[name] == "" {
			return call{}, fail("MissingParameter", "the parameter %s is missing", name)
		}
	}
	if bad := s.checkTime(all["Timestamp"]); bad != nil {
		return call{}, bad
	}
	key, bad := s.key(all["SecretId"], all["Token"])
	if bad != nil {
		return call{}, bad
	}
	sum, ok := v1Methods[all["SignatureMethod"]]
	if !ok {
		return call{}, fail("InvalidParameter", "SignatureMethod must be HmacSHA1 or HmacSHA256")
	}
	if !sameText(signV1(r.Method, r.Host, all, key.SecretKey, sum), all["Signature"]) {
		return call{}, fail("AuthFailure.SignatureFailure", "the signature is not the one that the parameters and the key give")
	}
	if n, err := strconv.ParseInt(all["Nonce"], 10, 64); err != nil || n <= 0 {
		return call{}, fail("InvalidParameter", "Nonce must be a positive integer")
	}
	if !s.firstUse(key.SecretID+" "+all["Nonce"]+" "+all["Timestamp"], record.Time) {
		return call{}, fail("AuthFailure.SignatureFailure", "Nonce was used before")
	}
	c.caller = key
	return c, nil
}

var authorization = regexp.MustCompile(`^TC3-HMAC-SHA256 Credential=([^/, ]+)/(\d{4}-\d\d-\d\d)/([a-z]+)/tc3_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$`)

func (s *STS) authenticateTC3(r *http.Request, body string, record *Record) (call, *apiError) {
	record.Signature = "TC3"
	h := r.Header
	c := call{action: h.Get("X-TC-Action"), version: h.Get("X-TC-Version"), region: h.Get("X-TC-Region")}
	record.Action = c.action
	parts := authorization.FindStringSubmatch(h.Get("Authorization"))
	if parts == nil {
		return call{}, fail("AuthFailure.SignatureFailure", "Authorization is not of TC3-HMAC-SHA256's form")
	}
	id, date, service, signed, signature := parts[1], parts[2], parts[3], parts[4], parts[5]
	record.SecretID = id
	for _, name := range []string{"X-TC-Action", "X-TC-Version", "X-TC-Region", "X-TC-Timestamp"} {
		if h.Get(name) == "" {
			return call{}, fail("MissingParameter", "the header %s is missing", name)
		}
	}
	if bad := s.checkTime(h.Get("X-TC-Timestamp")); bad != nil {
		return call{}, bad
	}
	key, bad := s.key(id, h.Get("X-TC-Token"))
	if bad != nil {
		return call{}, bad
	}
	seconds, _ := strconv.ParseInt(h.Get("X-TC-Timestamp"), 10, 64)
	at := time.Unix(seconds, 0).UTC()
	names := strings.Split(signed, ";")
	switch {
	case service != "sts":
		return call{}, fail("AuthFailure.SignatureFailure", "the credential scope names another service than sts")
	case date != at.Format(time.DateOnly):
		return call{}, fail("AuthFailure.SignatureFailure", "the credential scope's date is not X-TC-Timestamp's in UTC")
	case !slices.Contains(names, "content-type") || !slices.Contains(names, "host") || !slices.IsSorted(names):
		return call{}, fail("AuthFailure.SignatureFailure", "SignedHeaders must name content-type and host, sorted")
	}
	canonical := canonicalTC3(r.Method, "", h, r.Host, signed, body)
	if !sameText(signTC3(canonical, service, h.Get("X-TC-Timestamp"), at, key.SecretKey), signature) {
		return call{}, fail("AuthFailure.SignatureFailure", "the signature is not the one that the request and the key give")
	}
	c.caller = key
	if c.params, bad = jsonParams(body); bad != nil {
		return call{}, bad
	}
	record.Params = c.params
	return c, nil
}

func jsonParams(body string) (map[string]string, *apiError) {
	d := json.NewDecoder(bytes.NewReader([]byte(body)))
	d.UseNumber()
	var in map[string]any
	if err := d.Decode(&in); err != nil {
		return nil, fail("InvalidParameter", "the body is not a JSON object")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fail("InvalidParameter", "the body goes on after its JSON object")
	}
	out := map[string]string{}
	for name, v := range in {
		_, number := v.(json.Number)
		_, text := v.(string)
		if name == "DurationSeconds" && !number || name != "DurationSeconds" && !text {
			return nil, fail("InvalidParameter", "%s has the wrong type", name)
		}
		out[name] = fmt.Sprint(v)
	}
	return out, nil
}

func (s *STS) checkTime(timestamp string) *apiError {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return fail("InvalidParameter", "the timestamp must be whole seconds")
	}
	if off := s.now().Sub(time.Unix(seconds, 0)).Abs(); off > skew {
		return fail("AuthFailure.SignatureExpire", "the timestamp is %s away from this clock; 5m is the most", off.Round(time.Second))
	}
	return nil
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
	if token != "" {
		grant, err := s.OpenToken(token)
		if err != nil || grant.TmpSecretID != id {
			return Key{}, fail("AuthFailure.TokenFailure", "the token is not this key's, or it has expired")
		}
		return Key{SecretID: id, SecretKey: grant.TmpSecretKey, Token: token, AppID: grant.AppID}, nil
	}
	return Key{}, fail("AuthFailure.SecretIdNotFound", "the SecretId is not known")
}

func (s *STS) firstUse(nonce string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[string]time.Time{}
	}
	for n, at := range s.seen {
		if now.Sub(at) > 2*skew {
			delete(s.seen, n)
		}
	}
	_, used := s.seen[nonce]
	s.seen[nonce] = now
	return !used
}
