package main

import (
	"slices"
	"strings"
	"time"

	"cos-credentials/function/credential"
	"cos-credentials/function/gateway"
	"cos-credentials/function/login"
	"cos-credentials/function/request"
	"cos-credentials/policy"
)

// answerKind is one kind of answer: where it is, what can be asked of it, and how it is written.
type answerKind struct {
	name    string
	paths   []string // last segments; the first is the one that people are told
	methods []string // but OPTIONS, which all have
	asked   *request.Kind
	keyless bool                  // no temporary key is in the answer, so a grant with keys: false allows it
	bounded bool                  // it ends with the login, to the second; a key lives a minute at least
	write   func(answerParts) any // what is sent as JSON
}

// answerParts is what an answer is made of.
type answerParts struct {
	requestID string
	narrowed  request.Narrowed
	key       credential.Credential
	until     time.Time // when the login ends, if nothing may outlive it; else the zero time
}

// start is when an answer says that it begins: a minute before the issue. A client whose clock is slow must not find
// startTime ahead of it, or it would ask for another key at every request.
// https://github.com/tencentyun/cos-js-sdk-v5, src/base.js
func (p answerParts) start() time.Time { return p.key.Issued.Add(-time.Minute) }

// answerKinds is the one table of what this function answers.
var answerKinds = []answerKind{
	{
		name:    "credentials",
		paths:   []string{"credentials", "", "sts"},
		methods: []string{"GET", "POST"},
		asked:   request.Credentials,
		write:   writeCredentials,
	},
	{
		name:    "upload forms",
		paths:   []string{"post-policy"},
		methods: []string{"POST"},
		asked:   request.Form,
		keyless: true,
		write:   writeForm,
	},
	{
		name:    "links to read objects",
		paths:   []string{"links"},
		methods: []string{"POST"},
		asked:   request.Links,
		keyless: true,
		bounded: true,
		write:   writeLinks,
	},
}

// kindFor finds what a request wants, and holds its method to it.
func kindFor(r gateway.Request) (answerKind, *gateway.Error) {
	for _, kind := range answerKinds {
		if !slices.Contains(kind.paths, r.Resource) {
			continue
		}
		if !slices.Contains(kind.methods, r.Method) {
			allow := strings.Join(append(slices.Clone(kind.methods), "OPTIONS"), ", ")
			return kind, &gateway.Error{
				Code:    gateway.MethodNotAllowed,
				Message: "This method does not work here: use one of " + allow + ".",
				Allow:   allow,
			}
		}
		return kind, nil
	}
	var places []string
	for _, kind := range answerKinds {
		places = append(places, "/"+kind.paths[0]+" for "+kind.name)
	}
	return answerKind{}, &gateway.Error{
		Code:    gateway.NotFound,
		Message: "There is nothing under this path: ask " + strings.Join(places, ", ") + ".",
	}
}

// allowed holds an answer to what the grant says of answers.
func allowed(kind answerKind, entitled *policy.Entitlement, to gateway.Recipient) *gateway.Error {
	switch {
	case entitled.KeysStay && !kind.keyless:
		return &gateway.Error{
			Code:    gateway.NotEntitled,
			Message: "This grant hands out no keys: ask for upload forms or links.",
			Reason:  "a key was asked for, and grant " + entitled.Grant + " has keys: false",
		}
	case entitled.SealedOnly && !to.Asked():
		return &gateway.Error{
			Code:    gateway.SealRequired,
			Message: "This grant answers only sealed: send a public key of your own in the query's sealTo.",
			Reason:  "grant " + entitled.Grant + " is sealedOnly, and the request has no sealTo",
		}
	}
	return nil
}

// inLogin refuses what would be over before it is sent: a login may be past its end by less than its issuer's leeway.
func inLogin(kind answerKind, until, now time.Time) *gateway.Error {
	if !kind.bounded || until.IsZero() || now.Unix() < until.Unix() {
		return nil
	}
	const reason = "exp has passed, if not by the leeway, and what was asked for ends with the login"
	return refused(&login.Error{Kind: login.Expired, Reason: reason}, login.Invalid)
}

// sealedFor seals a good answer, if its client asked for that. If it can't be, no key goes out.
func sealedFor(to gateway.Recipient, answer gateway.Response, requestID string) (gateway.Response, *gateway.Error) {
	if !to.Asked() {
		return answer, nil
	}
	sealed, err := answer.Seal(to, requestID)
	if err != nil {
		return gateway.Response{}, &gateway.Error{
			Code:    gateway.Misconfigured,
			Message: "The answer could not be sealed, so there is none: try again.",
			Reason:  "the answer could not be sealed",
		}
	}
	return sealed, nil
}

func writeCredentials(parts answerParts) any {
	narrowed, key := parts.narrowed, parts.key
	return gateway.Credentials{
		Credentials: gateway.Keys{
			TmpSecretID:  key.SecretID,
			TmpSecretKey: key.SecretKey,
			SessionToken: key.Token,
		},
		StartTime:   parts.start().Unix(),
		ExpiredTime: key.Expires.Unix(),
		Expiration:  key.Expires.UTC().Format(time.RFC3339),
		RequestID:   parts.requestID,
		Bucket:      narrowed.Bucket,
		Region:      narrowed.Region,
		Grant:       narrowed.Grant,
		Prefix:      narrowed.Prefix(),
		Prefixes:    narrowed.Prefixes,
		Key:         narrowed.Key,
		Pick:        narrowed.Pick,
		Domain:      narrowed.Domain,
		Headers:     narrowed.Headers(),
	}
}

func writeForm(parts answerParts) any {
	narrowed, key := parts.narrowed, parts.key
	signed := key.Sign(credential.Form{
		Bucket:      narrowed.Bucket,
		Key:         narrowed.Key,
		MaxBytes:    narrowed.Form.MaxBytes,
		ContentType: narrowed.Form.ContentType,
		Start:       parts.start(),
	})
	return gateway.Form{
		Host:          narrowed.Host(),
		CosKey:        narrowed.Key,
		Bucket:        narrowed.Bucket,
		Region:        narrowed.Region,
		Key:           narrowed.Key,
		Policy:        signed.Policy,
		Algorithm:     signed.Algorithm,
		AK:            signed.AK,
		KeyTime:       signed.KeyTime,
		Signature:     signed.Signature,
		SecurityToken: signed.Token,
		StartTime:     parts.start().Unix(),
		ExpiredTime:   key.Expires.Unix(),
		RequestID:     parts.requestID,
		Pick:          narrowed.Pick,
		Domain:        narrowed.Domain,
		Fields:        signed.Fields,
	}
}

// writeLinks signs links with a key that stays here. None works longer than it, nor, if nothing may outlive the
// login, than that.
func writeLinks(parts answerParts) any {
	downloads := parts.narrowed.Downloads
	end := time.Now().Add(downloads.Life)
	for _, limit := range []time.Time{parts.key.Expires, parts.until} {
		if !limit.IsZero() && limit.Before(end) {
			end = limit
		}
	}
	link := credential.Link{
		Host:    parts.narrowed.Host(),
		Process: downloads.Process,
		Start:   parts.start(),
		End:     end,
	}
	body := gateway.Links{
		StartTime:   link.Start.Unix(),
		ExpiredTime: link.End.Unix(),
		RequestID:   parts.requestID,
	}
	for _, key := range downloads.Keys {
		link.Key = key
		body.Links = append(body.Links, gateway.Link{Key: key, URL: parts.key.SignLink(link)})
	}
	return body
}
