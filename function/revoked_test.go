package main

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// userOf is what the log's subject holds for a sub.
func userOf(sub string) string {
	sum := sha256.Sum256([]byte(sub))
	return hex.EncodeToString(sum[:8])
}

// A blocked user gets nothing, and no call of STS is made; the log says who it was. Whoever isn't blocked has what they
// had.
func TestBlocked(t *testing.T) {
	for blocked, out := range map[string]bool{
		userOf("alice"):                             true,
		"shop/" + userOf("alice"):                   true,
		userOf("bob") + ", shop/" + userOf("alice"): true,
		userOf("bob"):                               false,
		"shop/" + userOf("bob"):                     false,
	} {
		w := newWorld(t, map[string]string{"BLOCKED": blocked})
		status, _, body := w.ask(t, httpEvent("GET", "/credentials", newToken(t, nil), ""))
		if want := map[bool]int{true: 403, false: 200}[out]; status != want {
			t.Errorf("BLOCKED=%s: %d %v", blocked, status, body)
		}
		if out && (body["codeDesc"] != "NotEntitled" || len(w.sts.Records()) > 0) {
			t.Errorf("BLOCKED=%s: %v, %d calls", blocked, body, len(w.sts.Records()))
		}
		for _, said := range []string{`"issuer":"shop"`, `"subject":"` + userOf("alice") + `"`, "BLOCKED names the user"} {
			if out && !strings.Contains(w.log.String(), said) {
				t.Errorf("BLOCKED=%s: the log has no %s: %s", blocked, said, w.log)
			}
		}
		// Nobody learns from a guess who is blocked.
		status, _, body = w.ask(t, httpEvent("GET", "/credentials", newToken(t, nil)+"A", ""))
		if status != 401 || body["codeDesc"] != "TokenInvalid" {
			t.Errorf("BLOCKED=%s, forged: %d %v", blocked, status, body)
		}
	}
}

func TestTokensNotBefore(t *testing.T) {
	since := time.Now().Truncate(time.Second).Add(-time.Minute)
	w := newWorld(t, map[string]string{"TOKENS_NOT_BEFORE": since.Format(time.RFC3339)})
	for name, c := range map[string]struct {
		claims jwt.MapClaims
		desc   any
	}{
		"issued then":           {jwt.MapClaims{"iat": since.Unix()}, nil},
		"issued a second early": {jwt.MapClaims{"iat": since.Unix() - 1}, "TokenExpired"}, // the leeway is 30 s
		"issued some day":       {nil, "TokenExpired"},
		"not yet valid":         {jwt.MapClaims{"iat": since.Unix() - 1, "nbf": time.Now().Unix() + 900}, "TokenExpired"},
		"of another audience":   {jwt.MapClaims{"aud": "other"}, "TokenInvalid"},
	} {
		if status, _, body := w.ask(t, httpEvent("GET", "/credentials", newToken(t, c.claims), "")); body["codeDesc"] != c.desc {
			t.Errorf("%s: %d %v", name, status, body)
		}
	}
	if _, _, body := w.ask(t, httpEvent("GET", "/credentials", newToken(t, nil)+"A", "")); body["codeDesc"] != "TokenInvalid" {
		t.Errorf("forged: %v", body)
	}
}

// What can't be read there is a problem at start: a user who was meant to be shut out isn't.
func TestRevocationThatCantBeRead(t *testing.T) {
	good := userOf("alice")
	for env, says := range map[[2]string]string{
		{"BLOCKED", "alice"}:                             "BLOCKED: it must name users",
		{"BLOCKED", good[:15]}:                           "BLOCKED: it must name users",
		{"BLOCKED", good + "0"}:                          "BLOCKED: it must name users",
		{"BLOCKED", strings.ToUpper("abcdef0123456789")}: "BLOCKED: it must name users",
		{"BLOCKED", good + ","}:                          "BLOCKED: it must name users",
		{"BLOCKED", good + ";" + good}:                   "BLOCKED: it must name users",
		{"BLOCKED", "/" + good}:                          "BLOCKED: it must name users",
		{"BLOCKED", "shop/mini/" + good}:                 "BLOCKED: it must name users",
		{"BLOCKED", "shop/"}:                             "BLOCKED: it must name users",
		{"BLOCKED", "shopp/" + good}:                     `BLOCKED: \"shopp\" is not the name of an issuer`,
		{"TOKENS_NOT_BEFORE", "2026-01-31"}:              "TOKENS_NOT_BEFORE: it must be a time",
		{"TOKENS_NOT_BEFORE", "2026-01-31T12:00:00"}:     "TOKENS_NOT_BEFORE: it must be a time",
		{"TOKENS_NOT_BEFORE", "2026-01-31 12:00:00Z"}:    "TOKENS_NOT_BEFORE: it must be a time",
		{"TOKENS_NOT_BEFORE", "1769860800"}:              "TOKENS_NOT_BEFORE: it must be a time",
		{"TOKENS_NOT_BEFORE", "2026-02-30T12:00:00Z"}:    "TOKENS_NOT_BEFORE: it must be a time",
	} {
		w := newWorld(t, map[string]string{env[0]: env[1]})
		if !w.broken || !strings.Contains(w.log.String(), says) {
			t.Errorf("%v: broken %v, %s", env, w.broken, w.log)
		}
	}
}

// An issuer that is missing because something is wrong with it isn't said to be unknown too.
func TestBlockedBesideABrokenIssuer(t *testing.T) {
	w := newWorld(t, map[string]string{"BLOCKED": "shop/" + userOf("alice"), "JWT_SECRET": "short"})
	if !w.broken || strings.Contains(w.log.String(), "BLOCKED") {
		t.Error(w.log)
	}
}

// What the operator should look at twice is logged at start, and stops nobody.
func TestWarningAtStart(t *testing.T) {
	w := newWorld(t, map[string]string{
		"ACCESS_YAML": strings.Replace(accessFile, "    secret:", "    maxLifetimeSeconds: 2678401\n    secret:", 1),
	})
	const line = `"level":"WARN","msg":"configuration",` +
		`"warning":"access.yaml:6: issuers[0].maxLifetimeSeconds: is longer than 31 days`
	if w.broken || strings.Count(w.log.String(), line) != 1 {
		t.Error(w.log)
	}
}
