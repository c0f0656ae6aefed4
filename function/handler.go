package main

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"cos-credentials/function/credential"
	"cos-credentials/function/gateway"
	"cos-credentials/function/login"
	"cos-credentials/function/request"
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
func (h *handler) serve(ctx context.Context, id string, payload []byte) gateway.Response {
	entry := newLogLine(id)
	r, refusal := gateway.Parse(payload)
	var answer gateway.Response
	if refusal == nil {
		answer, refusal = h.answer(ctx, r, entry)
	}
	if refusal != nil {
		answer = refusal.Response(id)
	}
	h.cors.Apply(r.Origin, &answer)
	entry.write(h.log, answer, refusal)
	return answer
}

// answer is the whole way of a request, cheap checks before costly ones.
func (h *handler) answer(
	ctx context.Context, r gateway.Request, entry *logLine,
) (none gateway.Response, _ *gateway.Error) {
	if r.Method == "OPTIONS" {
		return gateway.Preflight(), nil
	}
	if h.broken {
		return none, &gateway.Error{
			Code:    gateway.Misconfigured,
			Message: "The function's configuration can't be used: its log says at start what to change.",
		}
	}
	kind, refusal := kindFor(r)
	if refusal != nil {
		return none, refusal
	}

	// Who asks?
	bearer, refusal := r.Token()
	if refusal != nil {
		return none, refusal
	}
	identity, err := h.tokens.Verify(ctx, bearer)
	entry.login(identity)
	if err != nil {
		return none, refused(err, login.Invalid)
	}

	// What is asked for?
	grant, refusal := r.Query("grant")
	if refusal != nil {
		return none, refusal
	}
	pick, refusal := r.Query("pick")
	if refusal != nil {
		return none, refusal
	}
	recipient, refusal := r.Recipient()
	if refusal != nil {
		return none, refusal
	}
	body, refusal := r.Body()
	if refusal != nil {
		return none, refusal
	}
	asked, err := request.Read(kind.asked, request.Choice{Grant: grant, Pick: pick}, body)
	if err != nil {
		return none, refused(err, policy.InvalidRequest)
	}

	// What may this login have, and what of it is asked for?
	entitled, err := h.access.Entitle(policy.Identity{
		Issuer:  identity.Issuer,
		Claims:  identity.Claims,
		Address: r.Address,
	}, asked.Grant, asked.Pick)
	if err != nil {
		return none, refused(err, policy.NotEntitled)
	}
	entry.entitled(entitled)
	if refusal := allowed(kind, entitled, recipient); refusal != nil {
		return none, refusal
	}
	now := time.Now()
	narrowed, err := asked.Narrow(entitled, now)
	if err != nil {
		return none, refused(err, policy.NotEntitled)
	}
	life, err := narrowed.Life(asked.Life, identity.Expires.Sub(now))
	if err != nil {
		return none, refused(err, policy.NotEntitled)
	}
	document, err := narrowed.Document()
	entry.narrowed(narrowed.Entitlement)
	if err != nil {
		return none, refused(err, policy.NotEntitled)
	}

	// A key for exactly that.
	wanted := credential.Request{
		Policy:  document,
		Region:  cmp.Or(h.region, narrowed.Region),
		Life:    life,
		Full:    cmp.Or(asked.Life, narrowed.Duration),
		Session: credential.SessionName(identity.Issuer, identity.Subject),
	}
	if !narrowed.OutlivesLogin() {
		wanted.Until = identity.Expires
	}
	key, err := h.keys.Issue(ctx, wanted)
	entry.issued(key, err)
	if err != nil {
		return none, refused(err, credential.Failed)
	}
	answer := gateway.Response{Status: 200, Body: kind.write(issue{entry.id, narrowed, key, wanted.Until})}
	return sealedFor(recipient, answer, entry)
}
