package sts

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"cos-credentials/test/tc3"
)

// call is a request whose signature was right.
type call struct {
	action, region string
	params         map[string]string // the action's own
	caller         Key
}

// signed is a request of either signature, taken apart.
type signed struct {
	call
	id, token, timestamp, signature string
	nonce                           string                        // of v1, which may be used once
	sign                            func(secretKey string) string // what the signature must be
}

const skew = 5 * time.Minute

func (s *STS) authenticate(r *http.Request, body string, record *Record) (call, *apiError) {
	var in signed
	var err error
	switch r.Header.Get("Content-Type") {
	case "application/x-www-form-urlencoded":
		record.Signature = "v1"
		in, err = readV1(r, body)
	case "application/json":
		record.Signature = "TC3"
		in, err = readTC3(r, body)
	default:
		err = fmt.Errorf("Content-Type must be application/x-www-form-urlencoded or application/json")
	}
	if err != nil {
		return call{}, fail("InvalidParameter", "the request can't be read: %v", err)
	}
	record.Action, record.Region, record.SecretID, record.Params = in.action, in.region, in.id, in.params
	caller, bad := s.key(in.id, in.token)
	seconds, err := strconv.ParseInt(in.timestamp, 10, 64)
	switch {
	case bad != nil:
		return call{}, bad
	case err != nil || s.now().Sub(time.Unix(seconds, 0)).Abs() > skew:
		return call{}, fail("AuthFailure.SignatureExpire", "the timestamp is more than 5 minutes away from this clock")
	case !sameText(in.sign(caller.SecretKey), in.signature):
		return call{}, fail("AuthFailure.SignatureFailure", "the signature is not what the request and the key give")
	case in.nonce != "" && !s.firstUse(in.id+" "+in.timestamp+" "+in.nonce):
		return call{}, fail("AuthFailure.SignatureFailure", "Nonce was used before")
	}
	in.caller = caller
	return in.call, nil
}

// readV1 reads a form, in which the signature and all that is common to every action are parameters like any other.
func readV1(r *http.Request, body string) (in signed, err error) {
	form, err := url.ParseQuery(body)
	all := map[string]string{}
	for name := range form {
		all[name] = form.Get(name)
	}
	in = signed{
		call: call{action: all["Action"], region: all["Region"], params: maps.Clone(all)},
		id:   all["SecretId"], timestamp: all["Timestamp"], nonce: all["Nonce"], signature: all["Signature"],
		sign: func(secretKey string) string { return signV1(r.Host, all, secretKey) },
	}
	for _, name := range []string{"Action", "Version", "Region", "Timestamp", "Nonce", "SecretId", "Signature"} {
		delete(in.params, name)
	}
	return in, err
}

// readTC3 reads a JSON body, beside which the headers have the rest.
func readTC3(r *http.Request, body string) (in signed, err error) {
	h := r.Header
	in = signed{
		call: call{action: h.Get("X-TC-Action"), region: h.Get("X-TC-Region"), params: map[string]string{}},
		id:   tc3.SecretID(r), token: h.Get("X-TC-Token"),
		timestamp: h.Get("X-TC-Timestamp"), signature: h.Get("Authorization"),
	}
	in.sign = func(secretKey string) string {
		seconds, _ := strconv.ParseInt(in.timestamp, 10, 64) // authenticate refuses another
		at := time.Unix(seconds, 0)
		return tc3.Authorization(r.Host, h.Get("Content-Type"), body, "sts", at, in.id, secretKey)
	}
	var members map[string]any
	err = json.Unmarshal([]byte(body), &members)
	for name, v := range members {
		in.params[name] = fmt.Sprint(v)
	}
	return in, err
}

func (s *STS) key(id, token string) (Key, *apiError) {
	for _, k := range s.Keys {
		switch {
		case k.SecretID != id:
		case !sameText(k.Token, token):
			return Key{}, fail("AuthFailure.TokenFailure", "the token is not this key's")
		default:
			return k, nil
		}
	}
	return Key{}, fail("AuthFailure.SecretIdNotFound", "the SecretId is not known")
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
