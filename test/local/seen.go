package main

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"cos-credentials/function/login"
	"cos-credentials/function/strictjson"
	"cos-credentials/policy/claim"
	"cos-credentials/policy/trust"
)

// seen is a token as a person may see it: nobody has vouched for it.
type seen struct {
	header, claims map[string]any
	segments       int
	issuer         trust.Issuer // the zero value if the file has none for it
	issuers        []trust.Issuer
	revoked        login.Revoked
	user           string // as BLOCKED and the log name them
	now            time.Time
}

func (s *seen) read(token, issuer string) {
	parts := strings.Split(token, ".")
	s.segments = len(parts)
	for n, into := range []*map[string]any{&s.header, &s.claims} {
		if n < len(parts) {
			text, _ := base64.RawURLEncoding.DecodeString(parts[n])
			value, _ := strictjson.Decode(text, strictjson.Limits{Depth: 8, Members: len(token)})
			*into, _ = value.(map[string]any)
		}
	}
	if at := slices.IndexFunc(s.issuers, func(i trust.Issuer) bool { return i.Name == issuer }); at >= 0 {
		s.issuer = s.issuers[at]
	}
}

// is says what a claim is.
func (s seen) is(name string) string {
	found, ok := claim.Named(s.claims, name)
	if !ok {
		return "there is no " + name
	}
	return name + " is " + value(found)
}

func (s seen) text(v any) string { text, _ := v.(string); return text }

func (s seen) date(name string) time.Time {
	digits, _ := s.claims[name].(json.Number)
	seconds, _ := strconv.ParseFloat(string(digits), 64)
	return time.Unix(int64(seconds), 0)
}

// when says when a claim's time is.
func (s seen) when(name string) string {
	if s.claims[name] == nil {
		return "absent"
	}
	return s.date(name).UTC().Format(time.RFC3339)
}

// value shows a token's value on a terminal, which it must not be able to command.
func value(v any) string {
	text, is := v.(string)
	if !is {
		encoded, _ := json.Marshal(v)
		text = string(encoded)
	}
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		text = strconv.Quote(text)
	}
	const most = 300
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

func values(all []any) string {
	var out []string
	for _, one := range all {
		out = append(out, value(one))
	}
	return strings.Join(out, " or ")
}
