package replay

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// response is the function's answer as the gateways read it.
type response struct {
	IsBase64Encoded bool              `json:"isBase64Encoded"`
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers"`
	Body            string            `json:"body"`
}

type credentials struct {
	TmpSecretID  string `json:"tmpSecretId"`
	TmpSecretKey string `json:"tmpSecretKey"`
	SessionToken string `json:"sessionToken"`
}

type success struct {
	Credentials credentials `json:"credentials"`
	StartTime   int64       `json:"startTime"`
	ExpiredTime int64       `json:"expiredTime"`
	Expiration  string      `json:"expiration"`
	RequestID   string      `json:"requestId"`
	Bucket      string      `json:"bucket"`
	Region      string      `json:"region"`
	Grant       string      `json:"grant"`
	Prefix      string      `json:"prefix"`
	Prefixes    []string    `json:"prefixes"`
	Key         string      `json:"key"`
}

type refusal struct {
	Code      int    `json:"code"`
	CodeDesc  string `json:"codeDesc"`
	Message   string `json:"message"`
	RequestID string `json:"requestId"`
}

// codes are the contract's errors by name.
var codes = map[string]int{
	"InvalidRequest": 40000, "TokenMissing": 40100, "TokenInvalid": 40101, "TokenExpired": 40102, "TokenNotYetValid": 40103,
	"NotEntitled": 40300, "ScopeNotAllowed": 40301, "IdentityNotUsable": 40302, "NotFound": 40400, "MethodNotAllowed": 40500,
	"RequestTooLarge": 41300, "ScopeTooLarge": 41301, "Misconfigured": 50000, "StsFailed": 50200, "KeysUnavailable": 50300,
	"StsBusy": 50301, "StsTimeout": 50400,
}

// strict decodes JSON that has nothing but the expected members.
func strict(text string, into any) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// read takes the answer apart as a gateway would.
func (o *Outcome) read() (response, bool) {
	var out response
	if err := strict(string(o.Response), &out); err != nil {
		o.differ("answer", "an integrated response (statusCode, headers, body)", err.Error()+": "+Shorten(string(bytes.TrimSpace(o.Response))))
		return out, false
	}
	return out, true
}

func (r response) header(name string) (string, bool) {
	for k, v := range r.Headers {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	return "", false
}

func (r response) name() string {
	var e refusal
	if r.StatusCode < 400 || json.Unmarshal([]byte(r.Body), &e) != nil {
		return ""
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
	expect := func(what string, ok bool, want, got string) {
		if !ok {
			o.differ(what, want, got)
		}
	}
	has := func(name, want string) {
		got, _ := r.header(name)
		expect(name, got == want, want, got)
	}
	expect("isBase64Encoded", !r.IsBase64Encoded, "false", "true")
	switch {
	case r.StatusCode == 204:
		expect("body", r.Body == "", "none", r.Body)
	case r.StatusCode == 200:
		has("Content-Type", "application/json; charset=utf-8")
		has("Cache-Control", "no-store")
		if _, ok := r.form(); ok {
			o.conformForm(r, id, expect)
		} else {
			o.conformSuccess(r, id, expect)
		}
	default:
		has("Content-Type", "application/json; charset=utf-8")
		o.conformRefusal(r, id, expect)
	}
	got, allowsCredentials := r.header("Access-Control-Allow-Credentials")
	expect("Access-Control-Allow-Credentials", !allowsCredentials, "never there", got)
}

type expectation func(what string, ok bool, want, got string)

func (o *Outcome) conformSuccess(r response, id string, expect expectation) {
	var s success
	if err := strict(r.Body, &s); err != nil {
		o.differ("body", "the contract's credentials", err.Error()+": "+Shorten(r.Body))
		return
	}
	c := s.Credentials
	expect("credentials", c.TmpSecretID != "" && c.TmpSecretKey != "" && c.SessionToken != "", "all three parts", Shorten(r.Body))
	expectBackdated(s.StartTime, expect)
	at, err := time.Parse(time.RFC3339, s.Expiration)
	expect("expiration", err == nil && at.Unix() == s.ExpiredTime && strings.HasSuffix(s.Expiration, "Z"),
		time.Unix(s.ExpiredTime, 0).UTC().Format(time.RFC3339), s.Expiration)
	expect("requestId", s.RequestID == id, id, s.RequestID)
	expect("bucket, region and grant", s.Bucket != "" && s.Region != "" && s.Grant != "", "named", Shorten(r.Body))
	expect("prefix", len(s.Prefixes) > 0 && s.Prefix == strings.TrimSuffix(s.Prefixes[0], "*"), "the first of prefixes without its *", s.Prefix)
	expect("prefixes", s.Key == "" || slices.Equal(s.Prefixes, []string{s.Key}), "the chosen key alone", strings.Join(s.Prefixes, " "))
}

func expectBackdated(start int64, expect expectation) {
	age := time.Now().Unix() - start
	expect("startTime", age >= 60 && age <= 65, "60 s ago", strconv.FormatInt(age, 10)+" s ago")
}

func (o *Outcome) conformRefusal(r response, id string, expect expectation) {
	var e refusal
	if err := strict(r.Body, &e); err != nil {
		o.differ("body", "code, codeDesc, message and requestId", err.Error()+": "+Shorten(r.Body))
		return
	}
	number, known := codes[e.CodeDesc]
	expect("codeDesc", known, "a name of the contract", e.CodeDesc)
	expect("code", e.Code == number, strconv.Itoa(number), strconv.Itoa(e.Code))
	expect("status", r.StatusCode == e.Code/100, strconv.Itoa(e.Code/100), strconv.Itoa(r.StatusCode))
	expect("message", e.Message != "", "something for a person", "nothing")
	expect("requestId", e.RequestID == id, id, e.RequestID)
	need := map[int]string{401: "WWW-Authenticate", 405: "Allow", 503: "Retry-After"}[r.StatusCode]
	got, ok := r.header(need)
	expect(need, need == "" || ok && got != "", "there", "absent")
	if need == "Retry-After" {
		n, err := strconv.Atoi(got)
		expect(need, err == nil && n > 0 && n < math.MaxInt32, "whole seconds", got)
	}
}
