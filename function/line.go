package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"cos-credentials/function/credential"
	"cos-credentials/function/gateway"
	"cos-credentials/function/login"
	"cos-credentials/policy"
)

// logLine is what the log says of one request: who asked, for what, and how long each room took; and if it was refused,
// why. It never holds a token, a key or a claim's value: of the subject there is the start of its SHA-256.
//
//	requestId         the invocation's, as in the answer and in the platform's own log
//	issuer, subject   who: the issuer's name in the access file, and 16 hex digits of the subject's SHA-256
//	grant, prefixes   what for, and how many prefixes the key opens; folded: some keys became their folder
//	keyId             the TmpSecretId of the key that was handed out; COS's access log has it as userSecretKeyId
//	cached, sealed    how it was handed out; stsRequestId: the call of STS, in the cloud's audit log
//	status, code      the answer's; reason: why it is a refusal, in constant words and names of the configuration
//	loginMs, …, ms    the milliseconds in each room, and in all
type logLine struct {
	id    string
	start time.Time
	mark  time.Time // when the last room was left
	attrs []slog.Attr
}

func newLogLine(id string) *logLine {
	now := time.Now()
	return &logLine{id: id, start: now, mark: now, attrs: append(make([]slog.Attr, 0, 16), slog.String("requestId", id))}
}

func (l *logLine) add(a ...slog.Attr) { l.attrs = append(l.attrs, a...) }

// roomTime notes the time since the last room was left.
func (l *logLine) roomTime(name string) {
	now := time.Now()
	l.add(milliseconds(name, now.Sub(l.mark)))
	l.mark = now
}

func milliseconds(name string, d time.Duration) slog.Attr {
	return slog.Float64(name, float64(d.Microseconds())/1000)
}

func (l *logLine) login(id login.Identity) {
	l.roomTime("loginMs")
	if id.Issuer != "" {
		l.add(slog.String("issuer", id.Issuer), slog.String("subject", id.User()))
	}
}

func (l *logLine) entitled(e *policy.Entitlement) { l.add(slog.String("grant", e.Grant)) }

func (l *logLine) narrowed(e *policy.Entitlement) {
	l.roomTime("policyMs")
	l.add(slog.Int("prefixes", len(e.Prefixes)))
	if e.Folded {
		l.add(slog.Bool("folded", true))
	}
}

func (l *logLine) asked(c credential.Credential, err error) {
	l.roomTime("stsMs")
	id := c.RequestID
	var failure *credential.Error
	if errors.As(err, &failure) {
		id = failure.RequestID
	}
	if id != "" {
		l.add(slog.String("stsRequestId", id))
	}
}

// handedOut names the key of an answer that goes out.
func (l *logLine) handedOut(c credential.Credential, sealed bool) {
	l.add(slog.String("keyId", c.SecretID))
	if c.Cached {
		l.add(slog.Bool("cached", true))
	}
	if sealed {
		l.add(slog.Bool("sealed", true))
	}
}

// write is the one place where a request is logged.
func (l *logLine) write(log *slog.Logger, answer gateway.Response, refusal *gateway.Error) {
	l.add(slog.Int("status", answer.Status), milliseconds("ms", time.Since(l.start)))
	level := slog.LevelInfo
	if refusal != nil {
		reason := refusal.Reason
		if reason == "" {
			reason = refusal.Message
		}
		l.add(slog.String("code", refusal.Code.String()), slog.String("reason", reason))
		if level = slog.LevelWarn; answer.Status >= 500 {
			level = slog.LevelError
		}
	}
	log.LogAttrs(context.Background(), level, "request", l.attrs...)
}

func newLog(to io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: level}))
}
