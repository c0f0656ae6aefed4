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
// the Access then holds the issuers that could be read, so that their keys can be checked too, and no grant.
func Load(src Source) (*Access, error) {
	r := &reader{env: src.Env}
	access := &Access{}
	if src.MaxDuration == 0 {
		src.MaxDuration = MaxFederationDuration
	}
	if root, ok := r.parse(src.YAML); ok {
		issuers, grants := root, root // where the lists stand, for messages
		object := r.object(root, "", []field{
			{"issuers", func(n node, path string) {
				issuers = n
				r.list(func(n node, path string) { access.Issuers = append(access.Issuers, r.issuer(n, path)) })(n, path)
			}},
			{"grants", func(n node, path string) {
				grants = n
				r.list(func(n node, path string) {
					access.Grants = append(access.Grants, r.grant(n, path, src.MaxDuration))
				})(n, path)
			}},
		})
		if object && access.Issuers == nil && issuers.kind == mapping {
			r.problem(root.line, "issuers", "is missing: name at least one issuer to trust")
		}
		if object && access.Grants == nil && grants.kind == mapping {
			r.problem(root.line, "grants", "is missing: name at least one thing that a login may do")
		}
		r.unique(access)
		r.assign(access)
		r.meetings(access)
	}
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
		return &Access{Issuers: access.Issuers}, &Problems{src.Name, r.problems}
	}
	return access, nil
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
	leeway, life := int64(30), int64(86400)
	ok := r.object(n, path, []field{
		{"name", r.matching(&out.Name, isName, "1 to 32 of a-z, 0-9 and -")},
		{"issuer", r.str(&out.Issuer)},
		{"audiences", r.strs(&out.Audiences)},
		{"algorithms", r.strs(&out.Algorithms)},
		{"jwksUri", r.str(&out.JWKSURI)},
		{"discovery", func(n node, path string) {
			if r.flag(&out.Discovery)(n, path); n.text == "false" {
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
		r.algorithms(n, path, &out, have[0] == "secret")
	}
	return out
}

// hmacBytes is the least length of a secret: RFC 7518 section 3.2 wants the hash's.
var hmacBytes = map[string]int{"HS256": 32, "HS384": 48, "HS512": 64}

var publicKeyAlgorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// algorithms fills in the default and keeps public keys and shared secrets apart: an issuer that took both would let
// anyone who knows its public key sign with it as if it were a secret.
func (r *reader) algorithms(n node, path string, out *Issuer, shared bool) {
	path = join(path, "algorithms")
	line := n.line
	for i, k := range n.keys {
		if k.text == "algorithms" {
			line = k.line
			if n.items[i].kind != sequence {
				return
			}
		}
	}
	if out.Algorithms == nil {
		out.Algorithms = []string{"RS256", "ES256"}
		if shared {
			out.Algorithms = []string{"HS256"}
		}
	}
	least := 0
	for _, alg := range out.Algorithms {
		bytes, hmac := hmacBytes[alg]
		switch {
		case hmac && !shared:
			r.problem(line, path, "%s needs a secret, and this issuer has a public key source", alg)
		case !hmac && shared:
			r.problem(line, path, "%q does not go with a secret: that takes HS256, HS384 or HS512", alg)
		case !hmac && !slices.Contains(publicKeyAlgorithms, alg):
			r.problem(line, path, "%q is not an algorithm that can be used: choose from %s", alg, strings.Join(publicKeyAlgorithms, ", "))
		}
		least = max(least, bytes)
	}
	if shared && len(out.Secret) > 0 && len(out.Secret) < least {
		r.problem(n.line, strings.TrimSuffix(path, "algorithms")+"secret",
			"is shorter than %d bytes, which %s needs: make one with `openssl rand -base64 48`", least, strings.Join(out.Algorithms, ", "))
	}
}

func (r *reader) grant(n node, path string, most time.Duration) Grant {
	out := Grant{line: n.line}
	seconds, toLogin := int64(1800), true
	var prefixes, actions []located
	ok := r.object(n, path, []field{
		{"name", r.str(&out.Name)},
		{"issuers", r.strs(&out.issuers)},
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
	if g.maxBytes > 0 {
		if unbounded := slices.DeleteFunc(slices.Clone(g.actions), func(a string) bool { return !unboundable(a) }); len(unbounded) > 0 {
			r.problem(n.line, join(path, "maxBytes"), "can't bound %s: COS checks each request, not the sum; allow simpleUpload and formUpload instead of upload, or leave maxBytes out",
				strings.Join(unbounded, ", "))
		}
	}
	if (g.maxBytes > 0 || len(g.contentTypes) > 0) && len(g.actions) > 0 && !slices.ContainsFunc(g.actions, isSingleUpload) {
		r.problem(n.line, path, "has maxBytes or contentTypes, but no action that they could bind: they are for simpleUpload and formUpload")
	}
	if slices.ContainsFunc(g.actions, isList) && len(g.templates) > 0 && !slices.ContainsFunc(g.templates, func(t template) bool { return t.wildcard }) {
		r.problem(n.line, join(path, "allowActions"), "list needs a prefix that ends in *: a listing of one object's name would show every name that begins with it")
	}
	if g.pinClientAddress && g.condition.has("ip_equal", "qcs:ip") {
		r.problem(n.line, join(path, "condition"), "ip_equal qcs:ip is what pinClientAddress writes: keep one of the two")
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

// unique holds issuers and grants to names of their own.
func (r *reader) unique(a *Access) {
	for i, one := range a.Issuers {
		for _, other := range a.Issuers[:i] {
			if one.Name != "" && one.Name == other.Name {
				r.problem(one.Line, "issuers", "the name %q is taken by the issuer on line %d", one.Name, other.Line)
			}
			if one.Issuer != "" && one.Issuer == other.Issuer {
				r.problem(one.Line, "issuers", "the same issuer is declared on line %d: a token could not say which is meant", other.Line)
			}
		}
	}
	for i, one := range a.Grants {
		for _, other := range a.Grants[:i] {
			if one.Name != "" && one.Name == other.Name {
				r.problem(one.line, "grants", "the name %q is taken by the grant on line %d", one.Name, other.line)
			}
		}
	}
}

// assign holds each grant to issuers that exist, and names the only one where a grant names none.
func (r *reader) assign(a *Access) {
	for i := range a.Grants {
		g := &a.Grants[i]
		for _, name := range g.issuers {
			if !slices.ContainsFunc(a.Issuers, func(s Issuer) bool { return s.Name == name }) {
				r.problem(g.line, fmt.Sprintf("grants[%d].issuers", i), "%q is not an issuer of this file", name)
			}
		}
		switch {
		case len(g.issuers) > 0:
		case len(a.Issuers) == 1:
			g.issuers = []string{a.Issuers[0].Name}
		case len(a.Issuers) > 1:
			r.problem(g.line, fmt.Sprintf("grants[%d].issuers", i), "is missing: with %d issuers, each grant says whose logins it is for", len(a.Issuers))
		}
	}
}
