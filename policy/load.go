package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Source is an access file and what is needed to read it.
type Source struct {
	Name        string                      // what messages call the file
	YAML        []byte                      // its content
	Env         func(string) (string, bool) // looks up ${NAME}; os.LookupEnv in the function
	MaxDuration time.Duration               // the longest life that STS gives; 0 means GetFederationToken's 36 hours
}

// Longest lives of a temporary key by the calls that make it.
// https://cloud.tencent.com/document/api/598/33416 (for a sub-account) and /33164.
const (
	MaxFederationDuration = 129600 * time.Second
	MaxRoleDuration       = 43200 * time.Second
)

// MinDuration is the shortest life that a grant or a request may name.
const MinDuration = time.Minute

// Load reads and checks an access file. The error is a [*Problems] with everything that is wrong, each with its line;
// the Access then holds no grant, and the issuers that nothing is wrong with, so that their keys can be checked too.
func Load(src Source) (*Access, error) {
	r := &reader{env: src.Env, taken: map[string]int{}}
	access := &Access{}
	if src.MaxDuration == 0 {
		src.MaxDuration = MaxFederationDuration
	}
	if root, ok := r.parse(src.YAML); ok {
		if r.object(root, "", []field{
			{"issuers", r.list(func(n node, path string) { access.Issuers = append(access.Issuers, r.issuer(n, path)) })},
			{"grants", r.list(func(n node, path string) { access.Grants = append(access.Grants, r.grant(n, path, src.MaxDuration)) })},
		}) {
			r.require(root, "", "issuers", "grants")
		}
		r.assign(access)
		r.meetings(access)
	}
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
		return &Access{Issuers: r.sound(access.Issuers)}, &Problems{src.Name, r.problems}
	}
	return access, nil
}

// sound picks the issuers that nothing is wrong with.
func (r *reader) sound(all []Issuer) (out []Issuer) {
	for i, one := range all {
		path := fmt.Sprintf("issuers[%d]", i)
		if !slices.ContainsFunc(r.problems, func(p Problem) bool { return p.Field == path || strings.HasPrefix(p.Field, path+".") }) {
			out = append(out, one)
		}
	}
	return out
}

// require complains of fields that a mapping lacks; a value that was there but wrong has been reported already.
func (r *reader) require(n node, path string, fields ...string) {
	for _, f := range fields {
		if !slices.ContainsFunc(n.keys, func(k node) bool { return k.text == f }) {
			r.problem(n.line, join(path, f), "is missing")
		}
	}
}

func (r *reader) issuer(n node, path string) Issuer {
	out := Issuer{Line: n.line}
	var secret string
	var algorithms []located
	leeway, life := int64(30), int64(86400)
	ok := r.object(n, path, []field{
		{"name", r.once(&out.Name, "name of an issuer", r.matching(&out.Name, isName, "1 to 32 of a-z, 0-9 and -"))},
		{"issuer", r.once(&out.Issuer, "issuer", r.str(&out.Issuer))},
		{"audiences", r.strs(&out.Audiences)},
		{"algorithms", r.located(&algorithms)},
		{"jwksUri", r.str(&out.JWKSURI)},
		{"discovery", func(n node, path string) {
			before := len(r.problems)
			if r.flag(&out.Discovery)(n, path); !out.Discovery && len(r.problems) == before && n.kind != broken {
				r.problem(n.line, path, "is true, or left out")
			}
		}},
		{"jwks", r.str(&out.JWKS)},
		{"publicKey", r.str(&out.PublicKey)},
		{"secret", r.str(&secret)},
		{"leewaySeconds", r.number(&leeway, 0, 300, "seconds")},
		{"maxLifetimeSeconds", r.number(&life, 1, 9e9, "seconds")},
	})
	if !ok {
		return out
	}
	out.Secret, out.Leeway, out.MaxLifetime = Secret(secret), time.Duration(leeway)*time.Second, time.Duration(life)*time.Second
	r.require(n, path, "name", "issuer", "audiences")

	sources := []string{"jwksUri", "discovery", "jwks", "publicKey", "secret"}
	var have []string
	for _, k := range n.keys {
		if slices.Contains(sources, k.text) {
			have = append(have, k.text)
		}
	}
	switch {
	case len(have) == 0:
		r.problem(n.line, path, "has no key source: name one of %s", strings.Join(sources, ", "))
	case len(have) > 1:
		r.problem(n.line, path, "has %d key sources (%s): keep exactly one, or declare two issuers", len(have), strings.Join(have, ", "))
	default:
		r.algorithms(n, path, algorithms, &out, have[0] == "secret")
	}
	return out
}

// hmacBytes is the least length of a secret: RFC 7518 section 3.2 wants the hash's.
var hmacBytes = map[string]int{"HS256": 32, "HS384": 48, "HS512": 64}

var publicKeyAlgorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// algorithms fills in the default and keeps public keys and shared secrets apart: an issuer that took both would let
// anyone who knows its public key sign with it as if it were a secret.
func (r *reader) algorithms(n node, path string, named []located, out *Issuer, shared bool) {
	for _, alg := range named {
		_, hmac := hmacBytes[alg.text]
		switch {
		case hmac && !shared:
			r.problem(alg.line, alg.path, "%q needs a secret, and this issuer has a public key source", alg.raw)
		case !hmac && shared:
			r.problem(alg.line, alg.path, "%q does not go with a secret: that takes HS256, HS384 or HS512", alg.raw)
		case !hmac && !slices.Contains(publicKeyAlgorithms, alg.text):
			r.problem(alg.line, alg.path, "%q is not an algorithm that can be used: choose from %s", alg.raw, strings.Join(publicKeyAlgorithms, ", "))
		}
		out.Algorithms = append(out.Algorithms, alg.text)
	}
	switch {
	case out.Algorithms != nil:
	case shared:
		out.Algorithms = []string{"HS256"}
	default:
		out.Algorithms = []string{"RS256", "ES256"}
	}
	least := 0
	for _, alg := range out.Algorithms {
		least = max(least, hmacBytes[alg])
	}
	if len(out.Secret) > 0 && len(out.Secret) < least {
		r.problem(n.at("secret"), join(path, "secret"), "is shorter than the %d bytes that its algorithm needs: make one with `openssl rand -base64 48`", least)
	}
}

func (r *reader) grant(n node, path string, most time.Duration) Grant {
	out := Grant{line: n.line}
	seconds, toLogin := int64(1800), true
	var prefixes, actions []located
	ok := r.object(n, path, []field{
		{"name", r.once(&out.Name, "name of a grant", r.str(&out.Name))},
		{"issuers", r.located(&out.issuers)},
		{"when", func(n node, path string) { out.when = r.when(n, path) }},
		{"bucket", r.matching(&out.Bucket, isBucket, "a bucket's full name, BucketName-APPID, as in examplebucket-1250000000")},
		{"region", r.matching(&out.Region, isRegion, "a region's name, as in ap-guangzhou")},
		{"allowPrefixes", r.located(&prefixes)},
		{"allowActions", r.located(&actions)},
		{"durationSeconds", r.number(&seconds, int64(MinDuration/time.Second), int64(most/time.Second), "seconds")},
		{"limitToLogin", r.flag(&toLogin)},
		{"maxBytes", r.number(&out.maxBytes, 1, 5<<40, "bytes")},
		{"contentTypes", func(n node, path string) { out.contentTypes = r.contentTypes(n, path) }},
		{"condition", func(n node, path string) { out.condition = r.condition(n, path) }},
		{"pinClientAddress", r.flag(&out.pinClientAddress)},
	})
	if !ok {
		return out
	}
	r.require(n, path, "name", "bucket", "region", "allowPrefixes", "allowActions")
	out.Duration, out.PastLogin = time.Duration(seconds)*time.Second, !toLogin
	out.templates = r.templates(prefixes, len(out.when) > 0)
	out.actions = r.actions(actions)
	r.consistent(n, path, &out)
	return out
}

// consistent looks at what only shows when a grant's fields are seen together.
func (r *reader) consistent(n node, path string, g *Grant) {
	if g.maxBytes > 0 && len(g.actions) > 0 {
		unbounded := slices.DeleteFunc(slices.Clone(g.actions), func(a string) bool { return !unboundable(a) })
		switch {
		case len(unbounded) > 0:
			r.problem(n.at("maxBytes"), join(path, "maxBytes"), "can't bound %s: COS checks each request, not the sum; allow simpleUpload and formUpload instead of upload, or leave maxBytes out",
				strings.Join(unbounded, ", "))
		case !slices.ContainsFunc(g.actions, isSingleUpload):
			r.problem(n.at("maxBytes"), join(path, "maxBytes"), "binds no action of this grant: it is for simpleUpload and formUpload")
		}
	}
	if len(g.contentTypes) > 0 && len(g.actions) > 0 && !slices.ContainsFunc(g.actions, carriesType) {
		r.problem(n.at("contentTypes"), join(path, "contentTypes"), "binds no action of this grant: it is for uploads")
	}
	if slices.ContainsFunc(g.actions, isList) && len(g.templates) > 0 && !slices.ContainsFunc(g.templates, func(t template) bool { return t.wildcard }) {
		r.problem(n.at("allowActions"), join(path, "allowActions"), "list needs a prefix that ends in *: a listing of one object's name would show every name that begins with it")
	}
	if g.pinClientAddress && g.condition.has("ip_equal", "qcs:ip") {
		r.problem(n.at("condition"), join(path, "condition"), "ip_equal qcs:ip is what pinClientAddress writes: keep one of the two")
	}
}

// located is a string of the file with its place.
type located struct {
	text, raw, path string
	line            int
}

func (r *reader) located(into *[]located) func(node, string) {
	return r.list(func(n node, path string) {
		var s string
		r.str(&s)(n, path)
		switch {
		case s == "":
		case slices.ContainsFunc(*into, func(l located) bool { return l.text == s }):
			r.problem(n.line, path, "%q is there twice", n.raw)
		default:
			*into = append(*into, located{s, n.raw, path, n.line})
		}
	})
}

// once holds a value to one place in the file.
func (r *reader) once(value *string, what string, read func(node, string)) func(node, string) {
	return func(n node, path string) {
		if read(n, path); *value == "" {
			return
		}
		key := what + " " + *value
		if first, ok := r.taken[key]; ok {
			r.problem(n.line, path, "is taken: it is the %s on line %d already", what, first)
			return
		}
		r.taken[key] = n.line
	}
}

// assign holds each grant to issuers that exist, and names the only one where a grant names none.
func (r *reader) assign(a *Access) {
	for i := range a.Grants {
		g := &a.Grants[i]
		var known []located
		for _, name := range g.issuers {
			if slices.ContainsFunc(a.Issuers, func(s Issuer) bool { return s.Name == name.text }) {
				known = append(known, name)
			} else {
				r.problem(name.line, name.path, "%q is not the name of an issuer of this file", name.raw)
			}
		}
		switch {
		case len(g.issuers) > 0:
			g.issuers = known
		case len(a.Issuers) == 1:
			g.issuers = []located{{text: a.Issuers[0].Name}}
		case len(a.Issuers) > 1:
			r.problem(g.line, fmt.Sprintf("grants[%d].issuers", i), "is missing: with %d issuers, each grant says whose logins it is for", len(a.Issuers))
		}
	}
}
