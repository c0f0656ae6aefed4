package main

import (
	"slices"
	"strings"

	"cos-credentials/function/credential"
	"cos-credentials/function/gateway"
	"cos-credentials/function/request"
)

// answerKind is one kind of answer: where it is, what can be asked of it, and how it is written.
type answerKind struct {
	name    string
	paths   []string // last segments; the first is the one that people are told
	methods []string // but OPTIONS, which all have
	asked   *request.Kind
	write   func(requestID string, narrowed request.Narrowed, key credential.Credential) any // what is sent as JSON
}

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
		write:   writeForm,
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

func writeCredentials(requestID string, narrowed request.Narrowed, key credential.Credential) any {
	body := gateway.Credentials{
		Credentials: gateway.Keys{
			TmpSecretID:  key.SecretID,
			TmpSecretKey: key.SecretKey,
			SessionToken: key.Token,
		},
		RequestID: requestID,
		Bucket:    narrowed.Bucket,
		Region:    narrowed.Region,
		Grant:     narrowed.Grant,
		Prefix:    narrowed.Prefix(),
		Prefixes:  narrowed.Prefixes,
		Key:       narrowed.Key,
		Pick:      narrowed.Pick,
		Domain:    narrowed.Domain,
		Headers:   narrowed.Headers(),
	}
	body.SetLife(key.Issued, key.Expires)
	return body
}

func writeForm(requestID string, narrowed request.Narrowed, key credential.Credential) any {
	start := key.Issued.Add(-gateway.Backdate)
	signed := key.Sign(credential.Form{
		Bucket:      narrowed.Bucket,
		Key:         narrowed.Key,
		MaxBytes:    narrowed.Form.MaxBytes,
		ContentType: narrowed.Form.ContentType,
		Start:       start,
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
		StartTime:     start.Unix(),
		ExpiredTime:   key.Expires.Unix(),
		RequestID:     requestID,
		Pick:          narrowed.Pick,
		Domain:        narrowed.Domain,
		Fields:        signed.Fields,
	}
}
