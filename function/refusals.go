package main

import (
	"cmp"

	"cos-credentials/function/credential"
	"cos-credentials/function/gateway"
	"cos-credentials/function/login"
	"cos-credentials/function/request"
	"cos-credentials/policy"
)

// clientError is what a client is told of a refusal.
type clientError struct {
	code    gateway.Code
	message string
}

// clientErrors is the one table from the kinds of refusal of all rooms to what a client is told.
var clientErrors = map[any]clientError{
	login.Invalid: {
		gateway.TokenInvalid,
		"The token is not valid here: log in again, and send the token of that login.",
	},
	login.Expired: {
		gateway.TokenExpired,
		"The login has expired: log in again.",
	},
	login.NotYetValid: {
		gateway.TokenNotYetValid,
		"The token is not valid yet: the clock of the server that signed it is ahead.",
	},
	login.Blocked: {
		gateway.NotEntitled,
		"This login has been shut out: ask the operator.",
	},
	login.KeysUnavailable: {
		gateway.KeysUnavailable,
		"Logins can't be checked right now, because their issuer's keys can't be had: try again shortly.",
	},

	policy.NotEntitled: {
		gateway.NotEntitled,
		"This login may not have what was asked for.",
	},
	policy.IdentityNotUsable: {
		gateway.IdentityNotUsable,
		"This login can't be given a folder: ask the operator, whose log says which claim is the reason.",
	},
	policy.ScopeNotAllowed: {
		gateway.ScopeNotAllowed,
		"This is more than the grant gives, or not in it: ask for less.",
	},
	policy.ScopeTooLarge: {
		gateway.ScopeTooLarge,
		"The scope names too much for one key: ask for fewer items at a time.",
	},
	policy.InvalidRequest: {
		gateway.InvalidRequest,
		"The request can't be read, or contradicts itself: compare it with what the function takes.",
	},

	credential.Misconfigured: {
		gateway.Misconfigured,
		"Tencent Cloud's STS does not accept the function's configuration: its log says what to change.",
	},
	credential.Failed: {
		gateway.StsFailed,
		"Tencent Cloud's STS gave no usable answer: try again.",
	},
	credential.Busy: {
		gateway.StsBusy,
		"Tencent Cloud's STS is busy or can't be reached: try again shortly.",
	},
	credential.Timeout: {
		gateway.StsTimeout,
		"Tencent Cloud's STS did not answer in time: try again.",
	},
}

// refused is a room's refusal as the client gets it. What the table doesn't know is told as if it were of the kind
// otherwise, the one that says least in that room.
func refused(err error, otherwise any) *gateway.Error {
	out := &gateway.Error{Reason: err.Error()}
	kind, message := otherwise, ""
	switch err := err.(type) {
	case *login.Error:
		kind, out.RetryAfter = err.Kind, err.RetryAfter
	case *request.Error:
		kind, message = policy.InvalidRequest, err.Message
	case *policy.Refusal:
		kind, message = err.Kind, err.Message
	case *credential.Error:
		kind, out.RetryAfter = err.Kind, err.RetryAfter
	}
	told, known := clientErrors[kind]
	if !known {
		told, message = clientErrors[otherwise], ""
	}
	out.Code, out.Message = told.code, cmp.Or(message, told.message)
	return out
}
