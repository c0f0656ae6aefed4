package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cos-credentials/function/deploy/cli"
	"cos-credentials/function/login"
	"cos-credentials/policy"
	"cos-credentials/policy/text"
	"cos-credentials/policy/trust"
)

const revokeHelp = `Either --sub NAME or --all. A key that is out can't be called back, but its way can be closed:
prints, on the standard output, the bucket policy that denies everybody what this user's keys open, and beside it what
else to do. Nothing is called. --all closes the buckets.
`

// nobody's own address: it is in no prefix, and a grant that pins addresses wants one.
var anyAddress = netip.IPv6Loopback()

func (s *session) revoke(f *flag.FlagSet) cli.Do {
	var of target
	of.define(f)
	sub := f.String("sub", "", "the user's `name`, as the token's subject has it")
	issuer := f.String("issuer", "", "the issuer's `name` in the access file; needed if it has several")
	given := cli.Claims{}
	f.Var(given, "claim", "another claim of the login: `name=text`, or name:=json")
	all := f.Bool("all", false, "every user")
	return func(context.Context, cli.Call) error {
		if (*sub == "") == !*all {
			return cli.Wrong("revoke needs --sub NAME or --all, and not both.")
		}
		d, err := s.describe(of.file, of.stage)
		if err != nil {
			return err
		}
		access, err := d.rights()
		if err != nil {
			return err
		}
		if *all {
			return s.revokeAll(access)
		}
		if *issuer == "" && len(access.Issuers) > 1 {
			var names []string
			for _, i := range access.Issuers {
				names = append(names, i.Name)
			}
			return cli.Wrong("Name the login's issuer with --issuer: %s", strings.Join(names, ", "))
		}
		from, err := issuerNamed(access, *issuer, func(trust.Issuer) bool { return true })
		if err != nil {
			return err
		}
		return s.revokeUser(access, from, *sub, given)
	}
}

// statement is one of a bucket policy. https://cloud.tencent.com/document/product/436/12471
type statement struct {
	Effect    string                    `json:"effect"`
	Principal map[string][]string       `json:"principal"`
	Action    []string                  `json:"action"`
	Resource  []string                  `json:"resource"`
	Condition map[string]map[string]any `json:"condition,omitempty"`
}

func deny(actions, resources []string) statement {
	return statement{"deny", map[string][]string{"qcs": {"qcs::cam::anyone:anyone"}}, actions, resources, nil}
}

// place is a bucket.
type place struct{ bucket, region string }

// revokeUser denies what the grants give to this user and to nobody else.
func (s *session) revokeUser(access *policy.Access, of trust.Issuer, sub string, given cli.Claims) error {
	mine := identity(of, sub, given)
	other := identity(of, another(sub), given)
	prefixes := map[place][]string{}
	var doubts []string
	life := time.Duration(0)
	for _, g := range access.Grants {
		e, err := access.Entitle(mine, g.Name, "")
		if err != nil {
			doubts = append(doubts, fmt.Sprintf("grant %s is not in it: %v. "+
				"Give the claims that it wants with --claim.", g.Name, err))
			continue
		}
		life = max(life, e.Duration)
		theirs, err := access.Entitle(other, g.Name, "")
		at := place{e.Bucket, e.Region}
		for _, p := range e.Prefixes {
			switch {
			case err != nil || slices.Contains(theirs.Prefixes, p):
				doubts = append(doubts, fmt.Sprintf("grant %s also opens %s, to others too: "+
					"that is not closed.", g.Name, p))
			case !slices.Contains(prefixes[at], p):
				prefixes[at] = append(prefixes[at], p)
			}
		}
	}
	for at, own := range prefixes {
		s.print(at, closing(at, own))
	}
	user := login.Identity{Issuer: of.Name, Subject: sub}.User()
	fmt.Fprintf(s.problems, `
1. No new key: put BLOCKED=%s/%s into .env, take the # away before BLOCKED in serverless.yml, and deploy.
2. No key that is out: add the statements above to the bucket's policy (console: bucket, permissions, policy). They
   close the folder to everybody, your own back end too. Take them out when the last key has ended, %g minutes after
   BLOCKED was deployed, or when you know what happened.
`, of.Name, user, life.Minutes())
	for _, one := range doubts {
		fmt.Fprintln(s.problems, "Note: "+one)
	}
	if len(prefixes) == 0 {
		fmt.Fprintln(s.problems, "\nThere is nothing that this user alone opens, so no statement was printed.")
		return cli.ErrNo
	}
	return nil
}

// another is somebody else's name, of the same kind and length: what takes the one takes the other.
func another(sub string) string {
	last, size := utf8.DecodeLastRuneInString(sub)
	if last == '0' {
		return sub[:len(sub)-size] + "1"
	}
	return sub[:len(sub)-size] + "0"
}

// identity is the user as the function sees one in a verified token of the issuer: sub is whatever names the user.
func identity(of trust.Issuer, sub string, given cli.Claims) policy.Identity {
	all := cli.Claims{}
	maps.Copy(all, given)
	var subject any = sub
	if of.Subject.Integer {
		subject = json.Number(sub)
	}
	all.Put(of.Subject.Name(), subject)
	all[trust.DefaultSubject] = subject
	return policy.Identity{Issuer: of.Name, Claims: all, Address: anyAddress}
}

// closing denies objects, and listings that would show them.
func closing(at place, prefixes []string) []statement {
	var resources []string
	var listed []string
	for _, p := range prefixes {
		resources = append(resources, policy.Resource(at.bucket, at.region, p))
		if stem, wildcard := strings.CutSuffix(p, "*"); wildcard {
			listed = append(listed, p, text.Percent(stem)+"*")
		}
	}
	out := []statement{deny([]string{"name/cos:*"}, resources)}
	if listed != nil {
		list := deny(
			[]string{"name/cos:GetBucket", "name/cos:GetBucketObjectVersions", "name/cos:ListMultipartUploads"},
			[]string{policy.Resource(at.bucket, at.region, ""), policy.Resource(at.bucket, at.region, "*")},
		)
		list.Condition = map[string]map[string]any{"string_like": {"cos:prefix": listed}}
		out = append(out, list)
	}
	return out
}

func (s *session) print(at place, statements []statement) {
	encoder := json.NewEncoder(s.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	fmt.Fprintf(s.problems, "For the policy of bucket %s (%s):\n", at.bucket, at.region)
	encoder.Encode(map[string]any{"version": "2.0", "statement": statements})
}

// revokeAll closes the buckets.
func (s *session) revokeAll(access *policy.Access) error {
	life := time.Duration(0)
	var done []place
	for _, g := range access.Grants {
		life = max(life, g.Duration)
		at := place{g.Bucket, g.Region}
		if slices.Contains(done, at) {
			continue
		}
		done = append(done, at)
		s.print(at, []statement{deny([]string{"name/cos:*"}, []string{
			policy.Resource(at.bucket, at.region, ""), policy.Resource(at.bucket, at.region, "*"),
		})})
	}
	fmt.Fprintf(s.problems, `
1. No new key: put TOKENS_NOT_BEFORE=%s into .env, take the # away before it in serverless.yml, and
   deploy: every login has to be made anew. If JWT_SECRET leaked, change it as well; if a signing key of an issuer did,
   withdraw that. If STS_SECRET_KEY or a role leaked, disable it in CAM first of all: that ends this function, too.
2. No key that is out: each is cut down to what the sub-account or role that asked for it may do. Take its rights on the
   bucket away, or set the policy above, which closes the bucket to everybody, your own back end too.
3. The last key has ended %g minutes after step 1. Then undo step 2.
`, time.Now().UTC().Truncate(time.Second).Format(time.RFC3339), life.Minutes())
	return nil
}
