package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"cos-credentials/function/deploy/cli"
	"cos-credentials/function/deploy/smoke"
	"cos-credentials/policy"
	"cos-credentials/policy/trust"
)

const smokeHelp = `Uses the function at URL as two users would, and says in words what holds and what doesn't. It looks
at CORS, at forged tokens, at what each key, form and link opens in its own folder and next door, and goes by
policy/access.yaml and the variables of serverless.yml. Of a grant with keys: false it tries forms and links, and that
no key comes. It writes files named smoke-… in the folders of users named smoke-… and deletes them, where the key may.

With JWT_SECRET it signs for two users of its own, of the first issuer that has a secret; what a grant reads of them
beside the subject comes from --claim. With --token -, or SMOKE_TOKEN in the environment, it is the one user of that
token, and the folder next door is one where nobody lives.

A grant with a {claim[]} opens one element's folder at a time: --pick names it, where the claim holds several. Next door
is the second element then:

  smoke --grant team --claim 'teams:=["red","blue"]' --pick red URL
`

func (s *session) smoke(f *flag.FlagSet) cli.Do {
	var of target
	of.define(f)
	asJSON, endpoint := jsonOption(f), endpointOption(f, "cos-endpoint", "a COS")
	grant := f.String("grant", "", "the `name` of the grant to try; the login's default by default")
	pick := f.String("pick", "", "the `element` of a {claim[]} to pick; the only one by default")
	issuer := f.String("issuer", "", "the `name` of the issuer to sign for")
	given := cli.Claims{}
	f.Var(given, "claim", "a claim that the users have, for grants that want one: `name=text`, or name:=json")
	token := f.String("token", "", "`-`: the token is on the standard input")
	return func(ctx context.Context, call cli.Call) error {
		switch {
		case len(call.Arguments) == 0:
			return cli.Wrong("smoke needs the function's URL.")
		case !strings.HasPrefix(call.Arguments[0], "https://") && !isLocal(call.Arguments[0]):
			return cli.Wrong("The URL must begin with https://: a login's token goes there.")
		case *token != "" && *token != "-":
			return cli.Wrong("--token takes - only: on the command line, others of this machine could read the token.")
		}
		d, err := s.describe(of.file, of.stage)
		if err != nil {
			return err
		}
		access, err := d.access()
		if err != nil {
			return err
		}
		use := smoke.Options{
			URL: call.Arguments[0], COSEndpoint: *endpoint, Access: access, Grant: *grant, Pick: *pick,
			Origins: d.variables()["ALLOW_ORIGINS"],
			Role:    d.hasRole() && d.variables()["STS_SECRET_ID"] == "",
		}
		if err := s.logIn(&use, access, *token, *issuer, given); err != nil {
			return err
		}
		return s.use(ctx, use, secretsOf(d.variables(), d.key).hide, *asJSON)
	}
}

// use tells what smoke finds, as it comes.
func (s *session) use(ctx context.Context, o smoke.Options, hide func(string) string, asJSON bool) error {
	found := map[smoke.State]int{}
	ok, err := smoke.Run(ctx, o, func(f smoke.Finding) {
		found[f.State]++
		s.finding(f, hide, asJSON)
	})
	if err != nil {
		return errors.New(hide(err.Error() + advice(err)))
	}
	if !asJSON {
		fmt.Fprintf(s.out, "\n%s.\n", summary(found[smoke.Holds], found[smoke.Broken]))
	}
	if !ok {
		return cli.ErrNo
	}
	return nil
}

// advice is what to do about a login that the access file gives nothing.
func advice(err error) string {
	var refusal *policy.Refusal
	if !errors.As(err, &refusal) {
		return ""
	}
	return map[policy.Kind]string{
		policy.InvalidRequest:    "\nName the element with --pick, or leave it out where there is nothing to pick from.",
		policy.ScopeNotAllowed:   "\n--pick takes an element that the claim holds: see --claim, or the token.",
		policy.IdentityNotUsable: "\nGive the users the claim with --claim, as in --claim 'teams:=[\"red\",\"blue\"]'.",
		policy.NotEntitled:       "\nName a grant of theirs with --grant, or give them what it wants with --claim.",
	}[refusal.Kind]
}

func summary(held, failed int) string {
	if failed == 0 {
		return fmt.Sprintf("All %d promises hold", held)
	}
	return fmt.Sprintf("%d of %d promises do not hold: let nobody use this function until they do", failed, held+failed)
}

// logIn makes the users: of a token that is given, or of a secret.
func (s *session) logIn(o *smoke.Options, access *policy.Access, token, issuer string, given cli.Claims) error {
	text, _ := s.env("SMOKE_TOKEN")
	if token == "-" {
		all, err := io.ReadAll(io.LimitReader(s.in, 64<<10))
		if err != nil {
			return err
		}
		if text = strings.TrimSpace(string(all)); text == "" {
			return errors.New("there is no token on the standard input, where --token - looks for it")
		}
	}
	if text = strings.TrimPrefix(strings.TrimSpace(text), "Bearer "); text != "" {
		if issuer != "" || len(given) > 0 {
			return errors.New("a token brings its own issuer and claims: leave --issuer and --claim out, " +
				"or SMOKE_TOKEN and --token")
		}
		user, err := smoke.TokenUser(text, access)
		if err != nil {
			return err
		}
		o.Users[0] = user
		o.Forge, err = smoke.Altered(text)
		return err
	}
	of, err := issuerNamed(access, issuer, func(i trust.Issuer) bool { return len(i.Secrets) > 0 })
	if err != nil {
		return fmt.Errorf("%w\nTokens can be signed here for an issuer with a secret only: "+
			"give a login's token with --token -", err)
	}
	o.Users, o.Forge, err = smoke.SignedUsers(of, given)
	return err
}

var signs = map[smoke.State]string{
	smoke.Holds: cli.Holds, smoke.Broken: cli.Broken, smoke.Seen: cli.Told, smoke.Left: cli.Left,
}

// finding prints one as it comes.
func (s *session) finding(f smoke.Finding, hide func(string) string, asJSON bool) {
	f.What, f.Saw = hide(f.What), hide(f.Saw)
	if asJSON {
		json.NewEncoder(s.out).Encode(f)
		return
	}
	mark := cli.Mark(s.out, signs[f.State])
	switch f.State {
	case smoke.Broken:
		fmt.Fprintf(s.out, "%s %s It does not hold: %s\n", mark, f.What, f.Saw)
	case smoke.Holds:
		fmt.Fprintf(s.out, "%s %s\n", mark, f.What)
	default:
		fmt.Fprintf(s.out, "%s %s: %s\n", mark, strings.TrimSuffix(f.What, "."), f.Saw)
	}
}
