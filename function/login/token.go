package login

import (
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"cos-credentials/function/strictjson"
	"cos-credentials/policy/text"
)

const maxToken = 16 << 10 // bytes

// tokenLimits bounds header and claims. No token can hold as many members as it has bytes: their size is bound enough.
var tokenLimits = strictjson.Limits{Depth: 8, Members: maxToken}

// presented is a token that can be read, and that nobody has confirmed yet.
type presented struct {
	signed     string // what the signature covers
	signature  []byte
	parameters map[string]any // of the header
	claims     map[string]any
	by         *Verifier

	// What rules find out.
	header  joseHeader
	dates   dates
	issuer  *trusted
	now     time.Time
	subject string
}

func (p *presented) identity() Identity {
	return Identity{Issuer: p.issuer.Name, Subject: p.subject, Claims: p.claims, Expires: p.dates.expires}
}

// known is what may be said beside an error: whom the operator has shut out is known, and else nobody.
func (p *presented) known(err error) Identity {
	var why *Error
	if errors.As(err, &why) && why.Kind == Blocked {
		return Identity{Issuer: p.issuer.Name, Subject: p.subject}
	}
	return Identity{}
}

func (p *presented) invalid(reason string) error { return p.withIssuer(invalid(reason)) }

// withIssuer names the issuer whose rule refuses the token.
func (p *presented) withIssuer(err error) error {
	var why *Error
	if !errors.As(err, &why) {
		return err
	}
	named := *why
	named.Reason = "issuer " + p.issuer.Name + ": " + why.Reason
	return &named
}

// read takes a token apart and decodes it.
func (v *Verifier) read(token string) (*presented, error) {
	s, err := split(token)
	if err != nil {
		return nil, err
	}
	p := &presented{signed: s.signed, signature: s.signature, by: v}
	var why string
	if p.parameters, why = decodeObject(s.header); why != "" {
		return nil, invalid("the header is not strict JSON: " + why)
	}
	if p.claims, why = decodeObject(s.claims); why != "" {
		return nil, invalid("the claims are not strict JSON: " + why)
	}
	return p, nil
}

// segments are those of a compact JWS, out of base64url.
type segments struct {
	signed                    string // the first two as they stand, which the signature covers
	header, claims, signature []byte
}

// split takes a compact JWS (RFC 7515 section 7.1) apart. Nothing is decoded before its size is known.
func split(token string) (s segments, err error) {
	if len(token) > maxToken {
		return s, invalid("the token is larger than 16 KiB")
	}
	// The alphabet is checked here because Go's decoder skips line breaks: one token could be spelled in many ways.
	if !text.Only(token, text.Alnum+"-_.") {
		return s, invalid("the token holds a character outside A-Z a-z 0-9 - _ .")
	}
	parts := strings.SplitN(token, ".", 4)
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return s, invalid("the token is not three non-empty segments")
	}
	s.signed = token[:len(parts[0])+len(".")+len(parts[1])]
	for i, into := range []*[]byte{&s.header, &s.claims, &s.signature} {
		if *into, err = base64url.DecodeString(parts[i]); err != nil {
			return segments{}, invalid("a segment is not strict base64url")
		}
	}
	return s, nil
}

// base64url is without padding (RFC 7515 section 2), and has no stray bits in the last character.
var base64url = base64.RawURLEncoding.Strict()

// decodeObject reads one strict JSON object of a token; reason says why it can't.
func decodeObject(data []byte) (members map[string]any, reason string) {
	value, err := strictjson.Decode(data, tokenLimits)
	var syntax *strictjson.Error
	if errors.As(err, &syntax) {
		return nil, syntax.Reason
	}
	members, ok := value.(map[string]any)
	if err != nil || !ok {
		return nil, "not an object"
	}
	return members, ""
}

// optionalString returns a member that is either absent ("") or a string of which valid is true.
func optionalString(members map[string]any, name string, valid func(string) bool) (string, bool) {
	value, present := members[name]
	if !present {
		return "", true
	}
	found, ok := value.(string)
	return found, ok && valid(found)
}

func anyString(string) bool { return true }
