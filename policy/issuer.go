package policy

import (
	"slices"
	"strconv"
	"time"

	"cos-credentials/policy/strictyaml"
	"cos-credentials/policy/trust"
)

func (r *reader) issuer(n strictyaml.Node) trust.Issuer {
	out := trust.Issuer{Line: n.Line}
	var secrets, publicKeys []strictyaml.Node
	encoding := trust.Encodings()[0]
	leeway, life := int64(trust.DefaultLeeway/time.Second), int64(trust.DefaultMaxLifetime/time.Second)
	ok := r.Object(n, []strictyaml.Field{
		{Name: "name", Read: r.Once(&out.Name, "name of an issuer",
			r.Matching(&out.Name, isName, "1 to 32 of a-z, 0-9 and -"))},
		{Name: "issuer", Read: r.spellings(&out.Spellings)},
		{Name: "audiences", Read: r.Strings(&out.Audiences)},
		{Name: "algorithms", Read: r.Strings(&out.Algorithms)},
		{Name: "jwksUri", Read: r.String(&out.JWKSURI)},
		{Name: "discovery", Read: r.discovery(&out.Discovery)},
		{Name: "jwks", Read: r.String(&out.JWKS)},
		{Name: "publicKey", Read: r.OneOrMore(&publicKeys, trust.MaxKeys)},
		{Name: "secret", Read: r.OneOrMore(&secrets, trust.MaxKeys)},
		{Name: "secretEncoding", Read: r.OneOf(&encoding, trust.Encodings())},
		{Name: "leewaySeconds", Read: r.Number(&leeway, 0, int64(trust.MaxLeeway/time.Second), "seconds")},
		{Name: "maxLifetimeSeconds", Read: r.Number(&life, 1, int64(trust.MaxMaxLifetime/time.Second), "seconds")},
		{Name: "audienceClaim", Read: r.String(&out.AudienceClaim)},
		{Name: "require", Read: r.when(&out.Require)},
		{Name: "refuse", Read: r.when(&out.Refuse)},
		{Name: "subject", Read: r.subject(&out.Subject)},
	})
	if !ok {
		return out
	}
	r.Require(n, "name", "issuer", "audiences")
	for _, key := range publicKeys {
		out.PublicKeys = append(out.PublicKeys, key.Text)
	}
	out.Secrets = r.secrets(secrets, encoding)
	out.Leeway, out.MaxLifetime = time.Duration(leeway)*time.Second, time.Duration(life)*time.Second
	if !n.Has("algorithms") {
		out.Algorithms = out.DefaultAlgorithms()
	}
	r.trustProblems(n, out)
	return out
}

// spellings reads one iss or several, none of which another issuer has.
func (r *reader) spellings(into *[]string) func(strictyaml.Node) {
	return func(n strictyaml.Node) {
		var nodes []strictyaml.Node
		r.OneOrMore(&nodes, trust.MaxSpellings)(n)
		for _, one := range nodes {
			r.Once(&one.Text, "issuer", func(strictyaml.Node) {})(one)
			*into = append(*into, one.Text)
		}
	}
}

// discovery is true or not there: false would look like a choice of key source.
func (r *reader) discovery(into *bool) func(strictyaml.Node) {
	return func(n strictyaml.Node) {
		if r.Flag(into)(n); !*into && n.Kind != strictyaml.Broken && !r.Reported(n.Path) {
			r.Problem(n, "is true, or left out")
		}
	}
}

// secrets decodes the issuer's secrets, once the whole entry is read: secretEncoding may stand below them.
func (r *reader) secrets(written []strictyaml.Node, encoding string) (out []trust.Secret) {
	for _, one := range written {
		secret, why := trust.DecodeSecret(encoding, one.Text)
		if why != "" {
			r.Problem(one, "%s", why)
			continue
		}
		out = append(out, secret)
	}
	return out
}

// subject reads which claim names the user.
func (r *reader) subject(into *trust.Subject) func(strictyaml.Node) {
	return func(n strictyaml.Node) {
		out := trust.Subject{Claim: trust.DefaultSubject}
		ok := r.Object(n, []strictyaml.Field{
			{Name: "claim", Read: r.String(&out.Claim)},
			{Name: "integer", Read: r.Flag(&out.Integer)},
		})
		if ok && len(n.Keys) == 0 {
			r.Problem(n, "must not be empty: write {claim: uid}, with integer: true if it is a number; or leave it out")
		}
		*into = out
	}
}

// trustProblems adds what the issuer's own rules find, where nothing is wrong with the field's spelling already: a key
// source that couldn't be read would look like none, and its algorithms wrong.
func (r *reader) trustProblems(n strictyaml.Node, issuer trust.Issuer) {
	unreadable := slices.ContainsFunc(trust.Sources(), func(field string) bool { return r.Reported(n.At(field).Path) })
	var all []trust.Problem
	for _, p := range issuer.Problems() {
		ofSource := p.Field == "" || p.Field == "algorithms" || p.Field == "secret"
		if !(ofSource && unreadable) && (p.Field == "" || !r.Reported(n.At(p.Field).Path)) {
			all = append(all, p)
		}
	}
	for _, p := range all {
		place, message := trustPlace(n, p)
		r.Problem(place, "%s", message)
	}
	for _, w := range issuer.Warnings() {
		place, message := trustPlace(n, w)
		r.warn(place, message)
	}
}

// trustPlace finds where the file says what a problem is about. The message quotes the value, if it may be shown.
func trustPlace(n strictyaml.Node, p trust.Problem) (place strictyaml.Node, message string) {
	value := n.Value(p.Field)
	if p.Claim != "" {
		value = value.Value(p.Claim)
	}
	switch {
	case p.Field == "":
		return n, p.Message
	case p.Item == trust.Whole || value.Kind != strictyaml.Sequence:
		return n.At(p.Field), p.Message
	case p.Field == "secret":
		return value.Items[p.Item], p.Message
	}
	return value.Items[p.Item], strconv.Quote(value.Items[p.Item].Raw) + " " + p.Message
}
