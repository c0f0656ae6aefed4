package login

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"cos-credentials/policy/text"
)

// Revoked is what ends logins before they expire. The zero value ends none.
type Revoked struct {
	NotBefore time.Time     // tokens that were issued before it, or don't say when, have expired
	Blocked   []BlockedUser // users who get nothing
}

// BlockedUser is a user who gets nothing.
type BlockedUser struct {
	Issuer string // its name; "" is every issuer
	User   string // as [Identity.User] names them
}

// ReadRevoked reads TOKENS_NOT_BEFORE and BLOCKED, which env looks up; an empty one counts as unset. Each problem names
// its variable, and says what to write.
func ReadRevoked(env func(string) (string, bool)) (out Revoked, problems []error) {
	read := func(name string, parse func(string) error) {
		if written, _ := env(name); written != "" {
			if err := parse(written); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", name, err))
			}
		}
	}
	read("TOKENS_NOT_BEFORE", func(written string) (err error) {
		out.NotBefore, err = parseNotBefore(written)
		return err
	})
	read("BLOCKED", func(written string) (err error) {
		out.Blocked, err = parseBlocked(written)
		return err
	})
	return out, problems
}

// parseNotBefore reads a time as in RFC 3339.
func parseNotBefore(written string) (t time.Time, err error) {
	if err := t.UnmarshalText([]byte(written)); err != nil { // stricter than time.Parse
		return time.Time{}, refusal("it must be a time with its zone, as in 2026-01-31T12:00:00Z")
	}
	return t, nil
}

// parseBlocked reads users, parted by commas, each as the log's subject names them, with or without the name of their
// issuer and a slash before it.
func parseBlocked(written string) (all []BlockedUser, err error) {
	for one := range strings.SplitSeq(written, ",") {
		one = strings.TrimSpace(one)
		issuer, user, named := strings.Cut(one, "/")
		if !named {
			issuer, user = "", one
		}
		if named && issuer == "" || len(user) != userDigits || !text.Only(user, text.Hex) {
			return nil, refusal("it must name users as the log's subject does, by 16 digits of 0-9 and a-f, " +
				"or with their issuer, as in shop/0123456789abcdef, parted by commas")
		}
		all = append(all, BlockedUser{issuer, user})
	}
	return all, nil
}

// userDigits is how many hex digits name a user.
const userDigits = 16

// User names the user for logs, without saying who it is: the first 16 hex digits of the subject's SHA-256.
func (i Identity) User() string {
	sum := sha256.Sum256([]byte(i.Subject))
	return hex.EncodeToString(sum[:])[:userDigits]
}

func (p *presented) isRecent(context.Context) error {
	since := p.by.revoked.NotBefore
	if issued := p.dates.issuedAt; !since.IsZero() && (issued == nil || issued.Before(since)) {
		return p.withIssuer(&Error{Kind: Expired, Reason: "iat is missing, or lies before TOKENS_NOT_BEFORE"})
	}
	return nil
}

func (p *presented) isWelcome(context.Context) error {
	blocked := p.by.revoked.Blocked
	if len(blocked) == 0 {
		return nil
	}
	user := p.identity().User()
	if slices.Contains(blocked, BlockedUser{"", user}) || slices.Contains(blocked, BlockedUser{p.issuer.Name, user}) {
		return p.withIssuer(&Error{Kind: Blocked, Reason: "BLOCKED names the user"})
	}
	return nil
}
