package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"cos-credentials/function/credential"
	"cos-credentials/function/gateway"
	"cos-credentials/function/login"
	"cos-credentials/policy"
)

// handler answers requests. It is built once and never changes.
type handler struct {
	log    *slog.Logger
	cors   gateway.CORS
	broken bool // the configuration can't be used
	access *policy.Access
	tokens *login.Verifier
	keys   credential.Issuer
	region string // where STS is asked; "" for the grant's
}

// serve answers one event and writes its line in the log.
func (h *handler) serve(ctx context.Context, id string, event []byte) gateway.Response {
	line := newLine(id)
	request, refusal := gateway.Parse(event)
	var answer gateway.Response
	if refusal == nil {
		answer, refusal = h.answer(ctx, request, line)
	}
	if refusal != nil {
		answer = refusal.Response(id)
	}
	h.cors.Apply(request.Origin, &answer)
	line.write(h.log, answer, refusal)
	return answer
}

// answer is the whole way of a request, cheap checks before costly ones.
func (h *handler) answer(ctx context.Context, r gateway.Request, line *line) (none gateway.Response, _ *gateway.Error) {
	if r.Method == "OPTIONS" {
		return gateway.Preflight(), nil
	}
	if h.broken {
		return none, &gateway.Error{Code: gateway.Misconfigured, Message: "The function's configuration can't be used: its log says at start what to change."}
	}
	to, refusal := route(r)
	if refusal != nil {
		return none, refusal
	}

	// Who asks?
	token, refusal := r.Token()
	if refusal != nil {
		return none, refusal
	}
	identity, err := h.tokens.Verify(ctx, token)
	line.login(identity)
	if err != nil {
		return none, loginRefused(err)
	}

	// What may this login have, and what of it is asked for?
	asked, refusal := readAsked(r, to)
	if refusal != nil {
		return none, refusal
	}
	entitled, err := h.access.Entitle(policy.Identity{Issuer: identity.Issuer, Claims: identity.Claims, Address: r.Address}, asked.grant)
	if err != nil {
		return none, policyRefused(err)
	}
	line.entitled(entitled)
	now := time.Now()
	narrowed, err := asked.narrow(entitled, to, now)
	if err != nil {
		return none, policyRefused(err)
	}
	life, err := narrowed.Life(asked.life, identity.Expires.Sub(now))
	if err != nil {
		return none, policyRefused(err)
	}
	document, err := narrowed.Document()
	line.narrowed(narrowed.Entitlement)
	if err != nil {
		return none, policyRefused(err)
	}

	// A key for exactly that.
	request := credential.Request{
		Policy: document, Region: cmp.Or(h.region, narrowed.Region), Life: life, Full: cmp.Or(asked.life, narrowed.Duration),
		Session: credential.SessionName(identity.Issuer, identity.Subject),
	}
	if !narrowed.OutlivesLogin() {
		request.Until = identity.Expires
	}
	key, err := h.keys.Issue(ctx, request)
	line.issued(key, err)
	if err != nil {
		return none, keyRefused(err)
	}
	if to == postPolicy {
		return form(line.id, narrowed, key), nil
	}
	return keys(line.id, narrowed, key), nil
}

// resource is what a path can name.
type resource int

const (
	credentials resource = iota
	postPolicy
)

// route finds the resource, and holds the method to it.
func route(r gateway.Request) (to resource, _ *gateway.Error) {
	allow := "GET, POST, OPTIONS"
	switch r.Resource {
	case "", "credentials", "sts":
	case "post-policy":
		to, allow = postPolicy, "POST, OPTIONS"
	default:
		return to, &gateway.Error{Code: gateway.NotFound, Message: "There is nothing under this path: credentials are at /credentials, upload forms at /post-policy."}
	}
	if !slices.Contains(strings.Split(allow, ", "), r.Method) {
		return to, &gateway.Error{Code: gateway.MethodNotAllowed, Message: "This method does not work here: use one of " + allow + ".", Allow: allow}
	}
	return to, nil
}

func loginRefused(err error) *gateway.Error {
	out := &gateway.Error{Code: gateway.TokenInvalid, Message: "The token is not valid here: log in again, and send the token of that login.", Reason: err.Error()}
	var refused *login.Error
	if errors.As(err, &refused) {
		out.RetryAfter = refused.RetryAfter
		switch refused.Kind {
		case login.Expired:
			out.Code, out.Message = gateway.TokenExpired, "The login has expired: log in again."
		case login.NotYetValid:
			out.Code, out.Message = gateway.TokenNotYetValid, "The token is not valid yet: the clock of the server that signed it is ahead."
		case login.KeysUnavailable:
			out.Code, out.Message = gateway.KeysUnavailable, "Logins can't be checked right now, because their issuer's keys can't be had: try again shortly."
		}
	}
	return out
}

func policyRefused(err error) *gateway.Error {
	out := &gateway.Error{Code: gateway.NotEntitled, Message: "This login may not have what was asked for.", Reason: err.Error()}
	var refused *policy.Refusal
	if errors.As(err, &refused) {
		switch refused.Kind {
		case policy.IdentityNotUsable:
			out.Code, out.Message = gateway.IdentityNotUsable, "This login can't be given a folder: ask the operator, whose log says which claim is the reason."
		case policy.ScopeNotAllowed:
			out.Code, out.Message = gateway.ScopeNotAllowed, "This is more than the grant gives, or not in it: ask for less."
		case policy.ScopeTooLarge:
			out.Code, out.Message = gateway.ScopeTooLarge, "The scope names too much for one key: ask for fewer items at a time."
		case policy.InvalidRequest:
			out.Code, out.Message = gateway.InvalidRequest, "The contentType must be one content type, as in image/png; without it the grant must have exactly one."
		}
	}
	return out
}

func keyRefused(err error) *gateway.Error {
	out := &gateway.Error{Code: gateway.StsFailed, Message: "Tencent Cloud's STS gave no usable answer: try again.", Reason: err.Error()}
	var refused *credential.Error
	if errors.As(err, &refused) {
		out.RetryAfter = refused.RetryAfter
		switch refused.Kind {
		case credential.Misconfigured:
			out.Code, out.Message = gateway.Misconfigured, "Tencent Cloud's STS does not accept the function's configuration: its log says what to change."
		case credential.Busy:
			out.Code, out.Message = gateway.StsBusy, "Tencent Cloud's STS is busy or can't be reached: try again shortly."
		case credential.Timeout:
			out.Code, out.Message = gateway.StsTimeout, "Tencent Cloud's STS did not answer in time: try again."
		}
	}
	return out
}

func keys(id string, n narrowed, key credential.Credential) gateway.Response {
	body := gateway.Credentials{
		Credentials: gateway.Keys{TmpSecretID: key.SecretID, TmpSecretKey: key.SecretKey, SessionToken: key.Token},
		RequestID:   id, Bucket: n.Bucket, Region: n.Region, Grant: n.Grant, Prefix: n.Prefix(), Prefixes: n.Prefixes, Key: n.key,
	}
	body.SetLife(key.Issued, key.Expires)
	return gateway.Response{Status: 200, Body: body}
}

func form(id string, n narrowed, key credential.Credential) gateway.Response {
	start := key.Issued.Add(-gateway.Backdate)
	signed := key.Sign(credential.Form{Bucket: n.Bucket, Key: n.key, MaxBytes: n.maxBytes, ContentType: n.contentType, Start: start})
	return gateway.Response{Status: 200, Body: gateway.Form{
		Host: n.Bucket + ".cos." + n.Region + ".myqcloud.com", CosKey: n.key, Bucket: n.Bucket, Region: n.Region, Key: n.key,
		Policy: signed.Policy, Algorithm: signed.Algorithm, AK: signed.AK, KeyTime: signed.KeyTime, Signature: signed.Signature,
		SecurityToken: signed.Token, StartTime: start.Unix(), ExpiredTime: key.Expires.Unix(), RequestID: id,
	}}
}
