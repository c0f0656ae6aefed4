package policy

import (
	"time"

	"cos-credentials/policy/strictyaml"
	"cos-credentials/policy/trust"
)

func (r *reader) issuer(n strictyaml.Node) trust.Issuer {
	out := trust.Issuer{Line: n.Line}
	var secret string
	leeway, life := int64(trust.DefaultLeeway/time.Second), int64(trust.DefaultMaxLifetime/time.Second)
	ok := r.Object(n, []strictyaml.Field{
		{Name: "name", Read: r.Once(&out.Name, "name of an issuer", r.Matching(&out.Name, isName, "1 to 32 of a-z, 0-9 and -"))},
		{Name: "issuer", Read: r.Once(&out.Issuer, "issuer", r.String(&out.Issuer))},
		{Name: "audiences", Read: r.Strings(&out.Audiences)},
		{Name: "algorithms", Read: r.Strings(&out.Algorithms)},
		{Name: "jwksUri", Read: r.String(&out.JWKSURI)},
		{Name: "discovery", Read: r.discovery(&out.Discovery)},
		{Name: "jwks", Read: r.String(&out.JWKS)},
		{Name: "publicKey", Read: r.String(&out.PublicKey)},
		{Name: "secret", Read: r.String(&secret)},
		{Name: "leewaySeconds", Read: r.Number(&leeway, 0, int64(trust.MaxLeeway/time.Second), "seconds")},
		{Name: "maxLifetimeSeconds", Read: r.Number(&life, 1, int64(trust.MaxMaxLifetime/time.Second), "seconds")},
	})
	if !ok {
		return out
	}
	r.Require(n, "name", "issuer", "audiences")
	out.Secret, out.Leeway, out.MaxLifetime = trust.Secret(secret), time.Duration(leeway)*time.Second, time.Duration(life)*time.Second
	if !n.Has("algorithms") {
		out.Algorithms = out.DefaultAlgorithms()
	}
	r.trustProblems(n, out)
	return out
}

// discovery is true or not there: false would look like a choice of key source.
func (r *reader) discovery(into *bool) func(strictyaml.Node) {
	return func(n strictyaml.Node) {
		if r.Flag(into)(n); !*into && n.Kind != strictyaml.Broken && !r.Reported(n.Path) {
			r.Problem(n, "is true, or left out")
		}
	}
}

// trustProblems adds what the issuer's own rules find, where nothing is wrong with the field's spelling already: a key
// source that couldn't be read would look like none, and its algorithms wrong.
func (r *reader) trustProblems(n strictyaml.Node, issuer trust.Issuer) {
	unreadable := false
	for _, field := range trust.Sources() {
		unreadable = unreadable || r.Reported(n.At(field).Path)
	}
	for _, p := range issuer.Problems() {
		ofSource := p.Field == "" || p.Field == "algorithms" || p.Field == "secret"
		if ofSource && unreadable || p.Field != "" && r.Reported(n.At(p.Field).Path) {
			continue
		}
		switch value := n.Value(p.Field); {
		case p.Field == "":
			r.Problem(n, "%s", p.Message)
		case value.Kind == strictyaml.Sequence && p.Item < len(value.Items):
			r.Problem(value.Items[p.Item], "%q %s", value.Items[p.Item].Raw, p.Message)
		default:
			r.Problem(n.At(p.Field), "%s", p.Message)
		}
	}
}
