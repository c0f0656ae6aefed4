package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cos-credentials/function/deploy/cli"
	"cos-credentials/policy"
	"cos-credentials/test/cam"
	"cos-credentials/test/repo"
)

const explainHelp = `  explain --sub NAME [OPTION…]
  explain --token - [--fetch] [OPTION…]      with a token on standard input
  explain --expect FILE [--diff OLD]
  explain --sub NAME --diff OLD

Shows the policy that a login would get. Nothing is called and no token is needed. With a token, it says first which
rules refuse it, and why; nothing of it is kept, and only --fetch calls the issuer. Variables of the access file that
are not set here are stood in for. What a request asks for narrows it:

  --scope PutObject=users/alice/a.jpg       one item of a scope, in the grant's bucket; give as many as there are
  --scope '[{"action":"name/cos:PutObject","bucket":…,"region":…,"prefix":…}]'
  --scope @scope.json                       a scope as clients send it, or a file that holds one
  --filename a.jpg                          a key that the function chooses
  --key users/alice/a.jpg                   an upload form for one object (/post-policy)
  --type image/png                          an upload form of that type, for --key or --filename

--expect holds the access file to a list of what logins can and cannot do, and says what doesn't hold or makes no
sense (exit status 1). An item is an action, or a preset, and one key. "can" is by the login's default grant, if none is
named, and "cannot" by all that it could name. Sizes, types and headers are taken to be what the grant wants.

  - login: {sub: alice, role: staff}
    can: [PutObject=users/alice/x, GetBucket=users/alice/]
    cannot: [download=users/bob/x]
    # where they are needed: issuer: shop, grant: own-files, pick: blue

--diff OLD says what the access file opens and closes to these logins, or to --sub, compared with an older one.
`

// wanted is the login to explain.
type wanted struct {
	issuer, grant, pick, access string
	claims                      cli.Claims
	address                     netip.Addr
	request                     requestOptions
	token                       tokenOptions
	expect, old                 string // files
}

func explainCommand(f *flag.FlagSet) cli.Do {
	w := wanted{claims: cli.Claims{}}
	f.Func("sub", "the login's subject, a `name`", func(s string) error { w.claims["sub"] = s; return nil })
	f.Var(w.claims, "claim", "another claim: `name=text`, or name:=json")
	f.StringVar(&w.issuer, "issuer", "", "the issuer's `name` in the access file; needed if it has several")
	f.StringVar(&w.grant, "grant", "", "the grant's `name`; the first that matches by default")
	f.StringVar(&w.pick, "pick", "", "the `element` of a {claim[]} to pick; the only one by default")
	f.TextVar(&w.address, "address", netip.Addr{}, "the client's `IP` address, for grants that pin it")
	f.StringVar(&w.access, "access", "", "an access `file`; policy/access.yaml by default")
	f.Func("scope", "what a request asks for: `ACTION=PREFIX`, a JSON array, or @FILE", w.request.addScope)
	f.StringVar(&w.request.filename, "filename", "", "the `name` of a file, to upload under a key of the function's choice")
	f.StringVar(&w.request.key, "key", "", "the `key` of an object to upload by form")
	f.StringVar(&w.request.contentType, "type", "", "the content `type` that the form is for")
	w.token.define(f)
	f.StringVar(&w.expect, "expect", "", "a `file` of what logins can and cannot do, to hold the access file to")
	f.StringVar(&w.old, "diff", "", "an older access `file`: says what the change opens and closes")
	return func(ctx context.Context, call cli.Call) error {
		if err := w.consistent(f); err != nil {
			return err
		}
		return w.explain(ctx, call.Out, call.Problems)
	}
}

// consistent refuses options that contradict each other, and those that would be dropped in silence.
func (w *wanted) consistent(f *flag.FlagSet) error {
	sources := 0
	for _, given := range []bool{w.claims["sub"] != nil, w.token.from != "", w.expect != ""} {
		if given {
			sources++
		}
	}
	if sources != 1 {
		return cli.Wrong("explain needs --sub, --token - or --expect, and one of them only.")
	}
	if unused := w.unused(f.Visit); unused != "" {
		return cli.Wrong("--%s is not for --expect and --diff, which say what is asked for: leave it out.", unused)
	}
	return nil
}

func (w *wanted) explain(ctx context.Context, out, problems io.Writer) error {
	access, err := w.load(problems)
	if err != nil {
		return err
	}
	if w.expect != "" {
		return w.explainFile(access, out)
	}
	if w.token.from != "" {
		if err := w.readToken(ctx, os.Stdin, access, out); err != nil {
			return err
		}
	}
	issuer, err := w.issuerIn(access)
	if err != nil {
		return err
	}
	w.claims = seenBy(access, issuer, w.claims)
	if w.old != "" {
		return cmp.Or(w.token.refused, w.diff(access, []expectation{w.login(issuer, w.claims)}, out))
	}
	id := policy.Identity{Issuer: issuer, Claims: w.claims, Address: w.address}
	e, err := access.Entitle(id, w.grant, w.pick)
	if err != nil {
		fmt.Fprintf(out, "This login gets no key: %v.\n", err)
		if w.token.from == "" { // or it has been said, with the token's values
			fmt.Fprint(out, mismatches(access, id, w.grant))
		}
		return cli.No
	}
	narrowed, note, err := w.request.narrow(e)
	if err != nil {
		fmt.Fprintf(out, "This login gets no key: %s.\n%s", strings.TrimSuffix(err.Error(), "."), note)
		return cli.No
	}
	return cmp.Or(w.token.refused, describe(out, narrowed.Entitlement, issuer, note))
}

// unused names an option that was given and would be dropped in silence: a file of expectations says who logs in and
// what is tried, and a comparison is of all that a login may do.
func (w *wanted) unused(visit func(func(*flag.Flag))) (name string) {
	var dropped []string
	if w.expect != "" || w.old != "" {
		dropped = []string{"scope", "filename", "key", "type"}
	}
	if w.expect != "" {
		dropped = append(dropped, "issuer", "claim")
	}
	visit(func(given *flag.Flag) {
		if slices.Contains(dropped, given.Name) {
			name = given.Name
		}
	})
	return name
}

// load reads the access file. Secrets play no part in a policy, so explaining works without them.
func (w *wanted) load(problems io.Writer) (*policy.Access, error) {
	if w.access == "" {
		root, err := repo.Root()
		if err != nil {
			return nil, err
		}
		w.access = filepath.Join(root, "policy", "access.yaml")
	}
	text, err := os.ReadFile(w.access)
	if err != nil {
		return nil, err
	}
	usual := map[string]string{"COS_BUCKET": "examplebucket-1250000000", "COS_REGION": "ap-guangzhou"}
	missing := map[string]bool{}
	access, err := policy.Load(policy.Source{Name: w.access, YAML: text, Env: func(name string) (string, bool) {
		v := os.Getenv(name)
		if v == "" {
			missing[name] = true
			v = cmp.Or(usual[name], standIn)
		}
		return v, true
	}})
	if len(missing) > 0 {
		names := strings.Join(slices.Sorted(maps.Keys(missing)), ", ")
		fmt.Fprintf(problems, "Not set here, so an example stands in: %s.\n\n", names)
	}
	return access, err
}

func (w *wanted) issuerIn(access *policy.Access) (string, error) {
	var names []string
	for _, i := range access.Issuers {
		names = append(names, i.Name)
	}
	if w.issuer == "" && len(names) == 1 {
		return names[0], nil
	}
	if !slices.Contains(names, w.issuer) {
		return "", cli.Wrong("Name the login's issuer with --issuer: %s", strings.Join(names, ", "))
	}
	return w.issuer, nil
}

// mismatches says, of the grant that is named or of each, why it isn't for a login.
func mismatches(access *policy.Access, id policy.Identity, grant string) string {
	var lines strings.Builder
	for i := range access.Grants {
		g := &access.Grants[i]
		unmet, ours := g.Unmet(id)
		switch {
		case grant != "" && g.Name != grant:
			continue
		case !ours:
			fmt.Fprintf(&lines, "  grant %s is not for logins of issuer %s\n", g.Name, id.Issuer)
		}
		for _, q := range unmet {
			fmt.Fprintf(&lines, "  grant %s wants the claim %s to be, or to hold, one of %v\n", g.Name, q.Claim, q.Values)
		}
	}
	return lines.String()
}

// describe shows an entitlement; note is what there is to say of how it was narrowed.
func describe(out io.Writer, e *policy.Entitlement, issuer, note string) error {
	document, err := e.Document()
	if err != nil {
		fmt.Fprintf(out, "This login gets no key: %v.\n", err)
		return cli.No
	}
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return err
	}
	p, err := cam.Parse(string(text))
	if err != nil {
		return fmt.Errorf("the policy is not one that CAM takes: %w", err)
	}
	life, err := e.Life(0, 100*365*24*time.Hour)
	if err != nil {
		return err
	}
	limit := ""
	if short, err := e.Life(0, time.Second); err == nil && short < life {
		limit = ", or until the login ends if that is sooner"
	}
	fmt.Fprintf(out, "This login of issuer %s gets grant %s. For %g minutes%s,\nits key opens in bucket %s (%s)\n",
		issuer, e.Grant, life.Minutes(), limit, e.Bucket, e.Region)
	for _, s := range p.Sentences() {
		fmt.Fprintf(out, "  %s\n", s)
	}
	length := cam.Length(string(text))
	fmt.Fprintf(out, "and nothing else.\n%s\nAs a CAM policy (%d of 6144 characters):\n%s\n", note, length, text)
	return nil
}
