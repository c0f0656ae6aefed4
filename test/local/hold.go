package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"cos-credentials/function/deploy/cli"
	"cos-credentials/policy"
	"cos-credentials/policy/strictyaml"
	"cos-credentials/test/cam"
)

// hold says which expectations of a file an access file doesn't meet.
func hold(out io.Writer, file string, access *policy.Access, all []expectation) error {
	r, failed := strictyaml.NewReader(nil), strictyaml.NewReader(nil)
	count := 0
	for _, e := range all {
		count += len(e.can) + len(e.cannot)
		if err := e.hold(access, r, failed); err != nil {
			return err
		}
	}
	if err := problemsOf(file, r); err != nil {
		return err
	}
	if err := problemsOf(file, failed); err != nil {
		fmt.Fprintf(out, "%v\n%s %d of %d expectations do not hold.\n",
			err, cli.Mark(out, cli.Broken), len(failed.Problems), count)
		return cli.ErrNo
	}
	fmt.Fprintf(out, "%s All %d expectations hold.\n", cli.Mark(out, cli.Holds), count)
	return nil
}

// hold notes in r what makes no sense, and in failed what doesn't hold. What the login can do is what it gets without
// asking for more; what it cannot do holds for every grant that it could name.
func (e expectation) hold(access *policy.Access, r, failed *strictyaml.Reader) error {
	if len(e.can) > 0 {
		usual, err := access.Entitle(e.who, e.grant, e.pick)
		if err != nil {
			why := strings.TrimSuffix("\n"+mismatches(access, e.who, e.grant), "\n")
			r.Problem(e.at.At("can"), "can't be met, because this login gets no key: %v%s", err, why)
			return nil
		}
		for _, a := range e.can {
			if key, scoped, err := e.opens(usual, a); err != nil {
				return err
			} else if !key || !scoped {
				failed.Problem(a.at, "can't %s, with grant %s", a, usual.Grant)
			}
		}
	}
	every, err := e.reach(access)
	if err != nil {
		r.Problem(e.at, "%v: name one in pick", err)
	}
	for _, a := range e.cannot {
		for _, one := range every {
			if key, scoped, err := e.opens(one, a); err != nil {
				return err
			} else if key || scoped {
				failed.Problem(a.at, "can %s, with grant %s", a, one.Grant)
				break
			}
		}
	}
	return nil
}

// reach is all that the login can get: of the grant that is named, or of each that it could name.
func (e expectation) reach(access *policy.Access) (all []*policy.Entitlement, _ error) {
	for _, g := range access.Grants {
		if e.grant != "" && g.Name != e.grant {
			continue
		}
		one, err := access.Entitle(e.who, g.Name, "")
		if err != nil && e.pick != "" {
			one, err = access.Entitle(e.who, g.Name, e.pick)
		}
		var refusal *policy.Refusal
		if errors.As(err, &refusal) && refusal.Kind == policy.InvalidRequest {
			return nil, err // it could have several, and which isn't said
		} else if err == nil {
			all = append(all, one)
		}
	}
	return all, nil
}

// opens reports whether an entitlement's key opens what is asked, and whether that of a scope of just that does.
func (e expectation) opens(from *policy.Entitlement, a asked) (key, scoped bool, err error) {
	if key, err = e.allows(from, a); err != nil {
		return false, false, err
	}
	item := policy.Item{Action: a.action, Bucket: from.Bucket, Region: from.Region, Prefix: a.key}
	narrowed, err := from.Narrow([]policy.Item{item})
	if err != nil {
		return key, false, nil
	}
	scoped, err = e.allows(narrowed, a)
	return key, scoped, err
}

// allows asks the key's policy. The request comes by HTTPS, and from the address if one is named; whatever else an
// allow statement wants of a request (a size, a type, a header) is the client's to choose, so it is taken to be so.
func (e expectation) allows(from *policy.Entitlement, a asked) (bool, error) {
	p, err := keyPolicy(from)
	if err != nil {
		return false, err
	}
	sends := map[string][]string{"cos:secure-transport": {"true"}}
	if e.pinned {
		sends["qcs:ip"] = []string{e.who.Address.String()}
	}
	object := a.key
	if strings.HasPrefix(a.action, "name/cos:GetBucket") {
		sends["cos:prefix"], object = []string{a.key}, ""
	}
	resource := policy.Resource(from.Bucket, from.Region, object)
	for i, s := range p.Statements {
		if !s.Deny {
			chosen := func(c cam.Condition) bool { return sends[c.Key] == nil }
			p.Statements[i].Conditions = slices.DeleteFunc(s.Conditions, chosen)
		}
	}
	for _, p.Prefix = range []cam.PrefixForm{cam.RawPrefix, cam.EncodedPrefix} {
		if p.Allows(cam.Request{Action: a.action, Resource: resource, Context: sends}) {
			return true, nil
		}
	}
	return false, nil
}

// keyPolicy is the policy of an entitlement's key as CAM reads it. One that is refused opens nothing.
func keyPolicy(from *policy.Entitlement) (cam.Policy, error) {
	document, err := from.Document()
	if err != nil {
		return cam.Policy{}, nil
	}
	return cam.Parse(string(document.JSON))
}
