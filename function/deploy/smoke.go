package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"cos-credentials/function/deploy/smoke"
	"cos-credentials/policy"
	"cos-credentials/policy/trust"
)

const smokeHelp = `Usage: go run ./function/deploy smoke URL [--stage NAME] [--grant NAME] [--claim k=v …] [--issuer NAME]
                                              [--token -] [--json]

Uses the function at URL as two users would, and says in words what holds and what doesn't. It looks at CORS, at forged
tokens, at what each key opens in its own folder and next door, and goes by policy/access.yaml and the variables of
serverless.yml. It writes files named smoke-… in the folders of users named smoke-… and deletes them, where the key may.

With JWT_SECRET it signs for two users of its own, of the first issuer that has a secret. With --token -, or SMOKE_TOKEN
in the environment, it is the one user of that token, and the folder next door is one where nobody lives.
`

func (s *session) smoke(ctx context.Context) error {
	o := s.options("smoke", smokeHelp)
	grant := o.String("grant", "", "the `name` of the grant to try; the login's default by default")
	issuer := o.String("issuer", "", "the `name` of the issuer to sign for")
	given := claims{}
	o.Var(given, "claim", "a claim that the users have, for grants that want one: `name=text`, or name:=json")
	token := o.String("token", "", "-: the token is on the standard input")
	endpoint := o.String("cos-endpoint", "", "use a COS on this machine, `http://127.0.0.1:PORT`; for tests")
	arguments, err := o.parse(1)
	switch {
	case err != nil:
		return err
	case len(arguments) == 0:
		return o.wrong("smoke needs the function's URL")
	case !isLocal(*endpoint):
		return o.wrong("--cos-endpoint is for an address of this machine, such as http://127.0.0.1:8082")
	case !strings.HasPrefix(arguments[0], "https://") && !isLocal(arguments[0]):
		return o.wrong("the URL must begin with https://: a login's token goes there")
	case *token != "" && *token != "-":
		return o.wrong("--token takes - only: on the command line, others of this machine could read the token")
	}
	d, err := s.describe(o.shared.file, o.shared.stage)
	if err != nil {
		return err
	}
	access, err := d.access()
	if err != nil {
		return err
	}
	use := smoke.Options{
		URL: arguments[0], COSEndpoint: *endpoint, Access: access, Grant: *grant,
		Origins: d.variables()["ALLOW_ORIGINS"],
		Role:    d.hasRole() && d.variables()["STS_SECRET_ID"] == "",
	}
	if err := s.logIn(&use, access, *token, *issuer, given); err != nil {
		return err
	}
	hide := secretsOf(d.variables(), d.key).hide
	held, failed := 0, 0
	ok, err := smoke.Run(ctx, use, func(f smoke.Finding) {
		switch f.State {
		case smoke.Holds:
			held++
		case smoke.Broken:
			failed++
		}
		s.finding(f, hide, o.shared.json)
	})
	if err != nil {
		return errors.New(hide(err.Error()))
	}
	if !o.shared.json {
		fmt.Fprintf(s.out, "\n%s.\n", summary(held, failed))
	}
	if !ok {
		return errNo
	}
	return nil
}

func summary(held, failed int) string {
	if failed == 0 {
		return fmt.Sprintf("All %d promises hold", held)
	}
	return fmt.Sprintf("%d of %d promises do not hold: let nobody use this function until they do", failed, held+failed)
}

// logIn makes the users: of a token that is given, or of a secret.
func (s *session) logIn(o *smoke.Options, access *policy.Access, token, issuer string, given claims) error {
	text, _ := s.env("SMOKE_TOKEN")
	if token == "-" {
		all, err := io.ReadAll(io.LimitReader(s.in, 64<<10))
		if err != nil {
			return err
		}
		text = string(all)
	}
	if text = strings.TrimPrefix(strings.TrimSpace(text), "Bearer "); text != "" {
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

var marks = map[smoke.State][2]string{
	smoke.Holds: {"✓", "\x1b[32m"}, smoke.Broken: {"✗", "\x1b[31m"},
	smoke.Seen: {"·", "\x1b[2m"}, smoke.Left: {"–", "\x1b[2m"},
}

// finding prints one as it comes.
func (s *session) finding(f smoke.Finding, hide func(string) string, asJSON bool) {
	f.What, f.Saw = hide(f.What), hide(f.Saw)
	if asJSON {
		json.NewEncoder(s.out).Encode(f)
		return
	}
	mark := marks[f.State][0]
	if isTerminal(s.out) {
		mark = marks[f.State][1] + mark + "\x1b[0m"
	}
	switch f.State {
	case smoke.Broken:
		fmt.Fprintf(s.out, "%s %s It does not hold: %s\n", mark, f.What, f.Saw)
	case smoke.Holds:
		fmt.Fprintf(s.out, "%s %s\n", mark, f.What)
	default:
		fmt.Fprintf(s.out, "%s %s: %s\n", mark, strings.TrimSuffix(f.What, "."), f.Saw)
	}
}

// isTerminal: files and pipes get no colours, and neither does whoever sets NO_COLOR (https://no-color.org).
func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
