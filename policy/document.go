package policy

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	sts "github.com/tencentyun/qcloud-cos-sts-sdk/go"

	"cos-credentials/policy/text"
)

// maxDocument is the most characters that a CAM policy may have.
// https://cloud.tencent.com/document/product/598/10604
const maxDocument = 6144

// Document is a CAM policy, and the same as compact JSON.
type Document struct {
	*sts.CredentialPolicy
	JSON []byte
}

func (d Document) MarshalJSON() ([]byte, error) { return d.JSON, nil }

// Document writes the entitlement as a CAM policy, always the same bytes for the same entitlement: one statement for
// each purpose (more, where its actions have different prefixes or limits), and those that deny. The error is a
// [*Refusal].
func (e *Entitlement) Document() (Document, error) {
	doc := e.document()
	if len(doc.Statement) == 0 {
		return Document{}, refuse(NotEntitled, "the grant opens nothing")
	}
	written, n := encode(doc)
	if n > maxDocument {
		if e.narrowed {
			return Document{}, refuse(ScopeTooLarge,
				"the policy of the scope would have %d characters, even folded, and CAM takes %d", n, maxDocument)
		}
		return Document{}, refuse(IdentityNotUsable,
			"the policy of grant %s would have %d characters, and CAM takes %d: give the grant fewer or shorter prefixes",
			e.Grant, n, maxDocument)
	}
	return Document{doc, written}, nil
}

func (e *Entitlement) document() *sts.CredentialPolicy {
	doc := &sts.CredentialPolicy{Version: "2.0"}
	for p, groups := range e.groups() {
		for _, g := range groups {
			if s, opens := e.statement(purpose(p), g); opens {
				doc.Statement = append(doc.Statement, s)
			}
		}
	}
	everywhere := []string{e.resource("*")} // whatever is allowed
	for _, d := range e.denials() {
		for _, c := range d.conditions {
			doc.Statement = append(doc.Statement, sts.CredentialPolicyStatement{
				Action:    d.actions,
				Effect:    "deny",
				Resource:  everywhere,
				Condition: c,
			})
		}
	}
	return doc
}

// statement allows a group of actions of one purpose; not a listing of single objects, which would open more than them.
func (e *Entitlement) statement(p purpose, g group) (s sts.CredentialPolicyStatement, opens bool) {
	s = sts.CredentialPolicyStatement{Action: g.actions, Effect: "allow"}
	if p == list {
		s.Resource = []string{e.resource(""), e.resource("*")}
		s.Condition, opens = e.listing(g.prefixes)
		return s, opens
	}
	for _, key := range g.prefixes {
		s.Resource = append(s.Resource, e.resource(key))
	}
	s.Condition = e.conditions(g.bound)
	return s, true
}

func (e *Entitlement) resource(key string) string { return Resource(e.Bucket, e.Region, key) }

// group is actions that are allowed on the same prefixes and bound by the same limits.
type group struct {
	actions  []string
	prefixes []string
	bound    uint
}

// groups is what stands in the statements of each purpose. Every request that a limit binds stands with the single
// uploads, the one that begins a multipart upload too.
func (e *Entitlement) groups() (all [purposes][]group) {
	for _, o := range e.opens {
		if len(o.prefixes) == 0 {
			continue
		}
		of, bound := purposeOf(o.action), e.binding(o.action)
		if bound != 0 {
			of = single
		}
		out := all[of]
		at := slices.IndexFunc(out, func(g group) bool {
			return g.bound == bound && slices.Equal(g.prefixes, o.prefixes)
		})
		if at < 0 {
			at, out = len(out), append(out, group{prefixes: o.prefixes, bound: bound})
		}
		out[at].actions = append(out[at].actions, o.action)
		all[of] = out
	}
	return all
}

// listing holds GetBucket to the prefixes. Each is named twice, raw and URL-encoded, because sources disagree on which
// form COS compares; neither form opens a sibling. A prefix that is one object's key opens no listing: it would show
// every key that begins like it.
func (e *Entitlement) listing(prefixes []string) (condition, bool) {
	var values []string
	for _, p := range prefixes {
		stem, wildcard := strings.CutSuffix(p, "*")
		switch {
		case !wildcard:
			continue
		case stem == "":
			return e.every, true // everything: and a listing of everything names no prefix to compare
		}
		for _, v := range []string{p, encodedPrefix(p)} {
			if !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
	}
	if values == nil {
		return nil, false
	}
	return e.every.with("string_like", "cos:prefix", values), true
}

// encodedPrefix is a prefix as a listing's URL has it.
func encodedPrefix(p string) string { return text.Percent(strings.TrimSuffix(p, "*")) + "*" }

// characters counts what JSON writes between a text's quotes.
func characters(s string) int {
	quoted, _ := json.Marshal(s) // a string: it can't fail
	return utf8.RuneCount(quoted) - len(`""`)
}

// encode writes a document or a part of one as JSON, and counts its characters. CAM leaves white space out; here it
// counts, because nobody says whether that holds inside a key too, and compact JSON has none elsewhere.
func encode(part any) ([]byte, int) {
	written, _ := json.Marshal(part) // strings, numbers and booleans only: it can't fail
	return written, utf8.RuneCount(written)
}

func size(part any) int {
	_, n := encode(part)
	return n
}
