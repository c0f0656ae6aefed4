package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// response is the function's answer as the gateways read it.
type response struct {
	IsBase64Encoded bool
	StatusCode      int
	Headers         map[string]string
	Body            string
}

// success is the answer that holds a key.
type success struct {
	Credentials                                          struct{ TmpSecretID, TmpSecretKey, SessionToken string }
	StartTime, ExpiredTime                               int64
	Expiration, RequestID, Bucket, Region, Grant, Prefix string
	Prefixes                                             []string
	Key, Pick, Domain                                    string
	Headers                                              map[string]string
}

type refusal struct {
	Code                         int
	CodeDesc, Message, RequestID string
}

// codes are the contract's errors by name.
var codes = map[string]int{
	"InvalidRequest": 40000, "TokenMissing": 40100, "TokenInvalid": 40101, "TokenExpired": 40102,
	"TokenNotYetValid": 40103, "NotEntitled": 40300, "ScopeNotAllowed": 40301, "IdentityNotUsable": 40302,
	"SealRequired": 40303, "NotFound": 40400, "MethodNotAllowed": 40500, "RequestTooLarge": 41300, "ScopeTooLarge": 41301,
	"TooManyRequests": 42900, "Misconfigured": 50000, "StsFailed": 50200, "KeysUnavailable": 50300, "StsBusy": 50301,
	"StsTimeout": 50400,
}

// strict decodes JSON that has nothing but the expected members.
func strict(text string, into any) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("text after the end of the JSON value")
	}
	return nil
}

// reads decodes a part of the answer, or says what it should have been.
func (o *Outcome) reads(text string, into any, what, want string) bool {
	err := strict(text, into)
	o.expect(err == nil, what, want, fmt.Sprint(err, ": ", text))
	return err == nil
}

const absent = "absent"

func (r response) header(name string) string {
	for k, v := range r.Headers {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return absent
}

// name is an error's codeDesc.
func (r response) name() string {
	var e refusal
	if r.StatusCode >= 400 {
		json.Unmarshal([]byte(r.Body), &e)
	}
	return e.CodeDesc
}

// success reads the answer as credentials; whatever isn't there is empty.
func (r response) success() (s success) {
	json.Unmarshal([]byte(r.Body), &s)
	return s
}

// conform holds an answer to what the contract says of every answer, whatever the case is about.
func (o *Outcome) conform(r response, id string) {
	o.equal("isBase64Encoded", false, r.IsBase64Encoded)
	o.equal("Access-Control-Allow-Credentials", absent, r.header("Access-Control-Allow-Credentials"))
	if r.StatusCode == 204 {
		o.equal("body", "", r.Body)
		return
	}
	o.equal("Content-Type", "application/json; charset=utf-8", r.header("Content-Type"))
	if r.StatusCode != 200 {
		o.conformRefusal(r, id)
		return
	}
	o.equal("Cache-Control", "no-store", r.header("Cache-Control"))
	_, isForm := r.form()
	_, isLinks := r.links()
	switch {
	case isForm:
		o.conformForm(r, id)
	case isLinks:
		o.conformLinks(r, id)
	default:
		o.conformSuccess(r, id)
	}
}

func (o *Outcome) conformSuccess(r response, id string) {
	var s success
	if !o.reads(r.Body, &s, "body", "the contract's credentials") {
		return
	}
	c := s.Credentials
	all := []string{c.TmpSecretID, c.TmpSecretKey, c.SessionToken, s.Bucket, s.Region, s.Grant}
	o.expect(!slices.Contains(all, ""), "body", "the three parts of the key, bucket, region and grant", r.Body)
	o.backdated(s.StartTime)
	o.equal("expiration", time.Unix(s.ExpiredTime, 0).UTC().Format(time.RFC3339), s.Expiration)
	o.equal("requestId", id, s.RequestID)
	o.expect(len(s.Prefixes) > 0 && s.Prefix == strings.TrimSuffix(s.Prefixes[0], "*"),
		"prefix", "the first of prefixes without its *", s.Prefix)
	o.expect(s.Key == "" || slices.Equal(s.Prefixes, []string{s.Key}),
		"prefixes", "the chosen key alone", strings.Join(s.Prefixes, " "))
}

// backdated: the key is good from a minute before the call on, for clocks that are slow; one from the cache, from a
// minute before an earlier call.
func (o *Outcome) backdated(start int64) {
	cached := slices.ContainsFunc(o.Log, func(line string) bool { return strings.Contains(line, `"cached":true`) })
	ok := (cached || start+60 >= o.began.Unix()) && start+60 <= o.ended.Unix()
	o.expect(ok, "startTime", "60 s before the call", fmt.Sprint(o.ended.Unix()-start, " s before its end"))
}

func (o *Outcome) conformRefusal(r response, id string) {
	var e refusal
	if !o.reads(r.Body, &e, "body", "code, codeDesc, message and requestId") {
		return
	}
	number, known := codes[e.CodeDesc]
	o.expect(known, "codeDesc", "a name of the contract", e.CodeDesc)
	o.equal("code", number, e.Code)
	o.equal("status", e.Code/100, r.StatusCode)
	o.expect(e.Message != "", "message", "something for a person", "nothing")
	o.equal("requestId", id, e.RequestID)
	if need := map[int]string{401: "WWW-Authenticate", 405: "Allow"}[r.StatusCode]; need != "" {
		got := r.header(need)
		o.expect(got != "" && got != absent, need, "there", got)
	}
	if r.StatusCode == 503 {
		seconds, err := strconv.ParseInt(r.header("Retry-After"), 10, 31)
		o.expect(err == nil && seconds > 0, "Retry-After", "whole seconds", r.header("Retry-After"))
	}
}

// Pretty is the answer for a person: status, headers and the body's JSON, shortened.
func (o Outcome) Pretty() string {
	var r response
	if json.Unmarshal(o.Response, &r) != nil {
		return Shorten(string(o.Response))
	}
	headers, _ := json.Marshal(r.Headers)
	var body bytes.Buffer
	json.Indent(&body, []byte(r.Body), "", "  ")
	return Shorten(fmt.Sprintf("%d %s\n%s", r.StatusCode, headers, body.String()))
}
