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

const (
	// margin is left of the invocation's time to write the answer.
	margin = 200 * time.Millisecond
	// longest is the time of an invocation of which the platform doesn't say when it ends.
	longest = 10 * time.Second
)

// inTime ends everything that a request waits for a little before its invocation ends. An invocation without a deadline
// has none, or one in 1970, which is what the runtime library makes of it.
func inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	at, ok := ctx.Deadline()
	if !ok || at.Unix() <= 0 {
		ctx, at = context.WithoutCancel(ctx), time.Now().Add(longest)
	}
	return context.WithDeadline(ctx, at.Add(-margin))
}

// serve answers one event and writes its line in the log.
func (h *handler) serve(ctx context.Context, id string, payload []byte) gateway.Response {
	ctx, cancel := inTime(ctx)
	defer cancel()
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
		return h.cors.Preflight(r), nil
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
	asked, recipient, refusal := question(r, kind)
	if refusal != nil {
		return none, refusal
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
	full, err := narrowed.Life(asked.Life, narrowed.Duration) // if the login lasted as long
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
		Policy:  document.CredentialPolicy,
		JSON:    document.JSON,
		Region:  cmp.Or(h.region, narrowed.Region),
		Life:    life,
		Full:    full,
		Session: credential.SessionName(identity.Issuer, identity.Subject),
	}
	if !narrowed.OutlivesLogin() {
		wanted.Until = identity.Expires
	}
	if refusal := inLogin(kind, wanted.Until, now); refusal != nil {
		return none, refusal
	}
	key, err := h.keys.Issue(ctx, wanted)
	entry.asked(key, err)
	if err != nil {
		return none, refused(err, credential.Failed)
	}
	plain := gateway.Response{Status: 200, Body: kind.write(answerParts{entry.id, narrowed, key, wanted.Until})}
	answer, refusal := sealedFor(recipient, plain, entry.id)
	if refusal != nil {
		return none, refusal
	}
	entry.handedOut(key, recipient.Asked())
	return answer, nil
}

// question reads what is asked for, in the query and in the body, and to whom the answer is to be sealed.
func question(r gateway.Request, kind answerKind) (none request.Asked, to gateway.Recipient, _ *gateway.Error) {
	grant, refusal := r.Query("grant")
	if refusal != nil {
		return none, to, refusal
	}
	pick, refusal := r.Query("pick")
	if refusal != nil {
		return none, to, refusal
	}
	if to, refusal = r.Recipient(); refusal != nil {
		return none, to, refusal
	}
	if refusal := r.NotInQuery(request.BodyOnly); refusal != nil {
		return none, to, refusal
	}
	body, refusal := r.Body()
	if refusal != nil {
		return none, to, refusal
	}
	asked, err := request.Read(kind.asked, request.Choice{Grant: grant, Pick: pick}, body)
	if err != nil {
		return none, to, refused(err, policy.InvalidRequest)
	}
	return asked, to, nil
}
