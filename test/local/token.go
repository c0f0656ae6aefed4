package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"cos-credentials/function/deploy/cli"
	"cos-credentials/function/login"
	"cos-credentials/policy"
	"cos-credentials/policy/trust"
)

// tokenOptions are those of a login that a token names.
type tokenOptions struct {
	from    string // "-" is standard input, and nothing else is taken: shells keep arguments
	fetch   bool
	refused error // cli.ErrNo if a rule refuses the token
}

func (o *tokenOptions) define(f *flag.FlagSet) {
	f.StringVar(&o.from, "token", "", "`-` takes the login from a token on standard input")
	f.BoolVar(&o.fetch, "fetch", false, "with --token, asks the issuer for its keys, to check the signature")
}

// standIn is put where the access file reads a variable that isn't set here. It is a secret of any algorithm in any
// secretEncoding, and nobody signs with it.
var standIn = strings.Repeat("57a2d1ee", 16)

// readToken says which rules refuse a token, and takes the login from it. What it would get is said even of one that is
// refused, unless nothing is known of its user.
func (w *wanted) readToken(ctx context.Context, in io.Reader, access *policy.Access, out io.Writer) error {
	if w.token.from != "-" {
		return cli.Wrong("A token is read from standard input only, because shells keep what is typed: " +
			"write --token -, and pipe the token or paste it, then press Ctrl-D.")
	}
	const most = 64 << 10 // four times what the function takes
	input, err := io.ReadAll(io.LimitReader(in, most))
	if err != nil {
		return err
	}
	token := strings.TrimSpace(string(input))
	if scheme, rest, ok := strings.Cut(token, " "); ok && strings.EqualFold(scheme, "Bearer") {
		token = strings.TrimSpace(rest) // as it is copied from a request
	}
	revoked, wrong := login.ReadRevoked(os.LookupEnv) // if this shell has the function's variables
	if wrong != nil {
		return errors.Join(wrong...)
	}
	issuers := withoutStandIns(access.Issuers)
	verifier, err := login.New(issuers, revoked, nil)
	if err != nil {
		return err
	}
	who, _ := verifier.Explain(ctx, token, false)
	s := seen{issuers: issuers, revoked: revoked, user: who.User(), now: time.Now()}
	s.read(token, who.Issuer)
	unchecked := w.uncheckedBecause(s)
	who, refused := verifier.Explain(ctx, token, unchecked == "")
	w.verdict(out, s, refused, unchecked)
	if who.Subject == "" {
		return cli.ErrNo
	}
	w.issuer, w.claims = who.Issuer, who.Claims
	if w.token.refused != nil {
		fmt.Fprintln(out, "If it were not refused:")
	}
	for i := range access.Grants {
		g := &access.Grants[i]
		unmet, ours := g.Unmet(policy.Identity{Issuer: who.Issuer, Claims: who.Claims})
		for _, q := range unmet {
			if ours {
				const message = "Grant %s is not for this login: %s; when wants %s.\n"
				fmt.Fprintf(out, message, g.Name, s.is(q.Claim), values(q.Values))
			}
		}
	}
	return nil
}

// withoutStandIns takes secrets away that aren't set here, from issuers that have another one.
func withoutStandIns(issuers []trust.Issuer) []trust.Issuer {
	issuers = slices.Clone(issuers)
	for n := range issuers {
		if real := slices.DeleteFunc(slices.Clone(issuers[n].Secrets), isStandIn); len(real) > 0 {
			issuers[n].Secrets = real
		}
	}
	return issuers
}

func isStandIn(secret trust.Secret) bool {
	return slices.ContainsFunc(trust.Encodings(), func(encoding string) bool {
		decoded, _ := trust.DecodeSecret(encoding, standIn)
		return slices.Equal(decoded, secret)
	})
}

// uncheckedBecause says why the signature can't be checked, or nothing if it can.
func (w *wanted) uncheckedBecause(s seen) string {
	i := s.issuer
	algorithm, _ := trust.Find(s.text(s.header["alg"]))
	switch {
	case i.Name == "":
		return "nobody knows whose it is"
	case algorithm.Key == trust.Shared && (len(i.Secrets) == 0 || isStandIn(i.Secrets[0])):
		return "the secret of issuer " + i.Name + " is not set here: set the variable that the file names"
	case algorithm.Key != trust.Shared && !w.token.fetch && i.JWKSURI != "":
		return "nothing is called without --fetch, and the keys of issuer " + i.Name + " are at " + i.JWKSURI
	case algorithm.Key != trust.Shared && !w.token.fetch && i.Discovery:
		return "nothing is called without --fetch, and issuer " + i.Name + " says where its keys are"
	}
	return ""
}

// verdict says what the rules say.
func (w *wanted) verdict(out io.Writer, s seen, refused []login.Refused, unchecked string) {
	switch len(refused) {
	case 0:
		fmt.Fprintln(out, "No rule refuses the token.")
	case 1:
		fmt.Fprintln(out, "One rule refuses the token:")
	default:
		fmt.Fprintf(out, "%d rules refuse the token:\n", len(refused))
	}
	for _, r := range refused {
		fmt.Fprintf(out, "  %-17s  %s\n", r.Rule, s.words(r))
		w.token.refused = cli.ErrNo
	}
	if unchecked != "" {
		fmt.Fprintf(out, "Its signature was not checked: %s.\n", unchecked)
	}
	fmt.Fprintln(out)
}
