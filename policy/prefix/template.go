// Package prefix has the algebra of object keys: templates like users/{sub}/*, what a login fills them to, which of two
// could meet, and which prefix covers which key.
//
// It refuses whatever COS, CAM and a client could read in different ways. Filling is injective: two logins whose values
// differ never share a prefix.
package prefix

import (
	"slices"
	"strings"

	"cos-credentials/policy/claim"
)

// MaxKey is the longest object key in bytes of UTF-8. https://cloud.tencent.com/document/product/436/13324
const MaxKey = 850

// Template is the segments of an object key, at most one placeholder in each.
//
//	users/{sub}/*     segments "users" "{sub}", wildcard with an empty stem: everything in the folder
//	logs/2026*        segment "logs", wildcard with stem "2026": everything that begins so
//	avatars/{sub}.png segments "avatars" "{sub}.png": one object
//
// A claim's value fills the whole placeholder and never holds a slash, so a filled template can be read in one way
// only: two identities with the same filled prefix have the same values in the same places.
type Template struct {
	Source   string // as messages show it
	Wildcard bool   // ends in *

	segments []segment
	stem     string // what stands before the wildcard in its own segment
}

// segment is literal text, or a claim between literal text.
type segment struct {
	before string // all of it, when there is no claim
	claim  string // "" for none; nested claims are joined by dots
	picks  bool   // {claim[]}: one element of an array of strings, which the request picks
	filter filter
	after  string
}

// Compile reads a template, or says in half a sentence what is wrong with it.
func Compile(source string) (t Template, why string) {
	if strings.ContainsFunc(source, isUnsafe) {
		return t, "holds a character that has no safe meaning in a prefix: ? $ % \\ and control characters are refused"
	}
	body, wildcard := strings.CutSuffix(source, "*")
	t.Source, t.Wildcard = source, wildcard
	switch {
	case strings.Contains(body, "*"):
		return t, "has a * that is not its last character: only there it is a wildcard"
	case strings.HasPrefix(source, "/"):
		return t, "begins with a slash: object keys don't"
	case len(body) > MaxKey:
		return t, "is longer than an object key can be (850 bytes)"
	}
	parts := strings.Split(body, "/")
	if t.Wildcard {
		t.stem, parts = parts[len(parts)-1], parts[:len(parts)-1]
		if strings.ContainsAny(t.stem, "{}") {
			return t, "would open the folders of users whose name begins with another's: end it in /*"
		}
		if isDots(t.stem) {
			return t, "has a . or .. segment"
		}
	}
	for i, part := range parts {
		switch {
		case part == "" && i == len(parts)-1 && !t.Wildcard:
			return t, "names a folder's empty marker object, not what is in the folder: end it in /*"
		case part == "":
			return t, "has an empty segment (//)"
		case isDots(part):
			return t, "has a . or .. segment"
		}
		s, why := compileSegment(part)
		if why != "" {
			return t, why
		}
		t.segments = append(t.segments, s)
	}
	another := func(s segment) bool { return s.picks && s.claim != t.Picked() }
	if slices.ContainsFunc(t.segments, another) {
		return t, "picks from two claims, and a request picks one element"
	}
	if t.stem != "" && t.Named() {
		return t, "has text between its last slash and the *: with a claim in it, end it in /*"
	}
	return t, ""
}

func compileSegment(part string) (s segment, why string) {
	open, end := strings.IndexByte(part, '{'), strings.IndexByte(part, '}')
	if open < 0 && end < 0 {
		return segment{before: part}, ""
	}
	if open < 0 || end < open {
		return s, "has a brace without its partner"
	}
	s.before, s.after = part[:open], part[end+1:]
	if strings.ContainsAny(s.after, "{}") || strings.Contains(part[open+1:end], "{") {
		return s, "has more than one placeholder in a segment: " +
			"put a slash between them, or values could slide from one into the other"
	}
	name, filterName, filtered := strings.Cut(part[open+1:end], "|")
	s.claim, s.picks = strings.CutSuffix(name, "[]")
	switch {
	case !claim.IsPath(s.claim):
		return s, "has a placeholder that names no claim: " +
			"write {sub}, {profile.openid} for a nested one, {teams[]} for one of several"
	case s.picks && s.claim == issuerClaim:
		return s, "picks from {issuer}, which is one name"
	}
	if !filtered {
		return s, ""
	}
	for f, known := range filterNames {
		if known == filterName && filter(f) != plain {
			s.filter = filter(f)
			switch {
			case s.filter == integers && s.claim == issuerClaim:
				return s, "asks for a number, and {issuer} is a name"
			case s.filter == integers && s.picks:
				return s, "asks for a number, and picks from strings"
			}
			return s, ""
		}
	}
	return s, "has an unknown filter: choose from {claim|int}, {claim|base64url}, {claim|hex}, {claim|sha256}"
}

// Named reports whether the template has a placeholder.
func (t Template) Named() bool {
	for _, s := range t.segments {
		if s.claim != "" {
			return true
		}
	}
	return false
}

// Picked is the claim of which a request picks an element: teams for {teams[]}; "" if the template picks nothing.
func (t Template) Picked() string {
	for _, s := range t.segments {
		if s.picks {
			return s.claim
		}
	}
	return ""
}

// Fill replaces the placeholders: {issuer} by the issuer's name, {claim[]} by pick, which the caller has found in the
// claim, and the others by claims. Where a value can't be a segment, why says so, for a log, without the value.
func (t Template) Fill(issuer string, claims map[string]any, pick string) (filled, why string) {
	var out strings.Builder
	for i, s := range t.segments {
		if i > 0 {
			out.WriteByte('/')
		}
		out.WriteString(s.before)
		if s.claim != "" {
			value, why := s.value(issuer, claims, pick)
			if why != "" {
				return "", "the claim " + s.claim + ", which prefix " + t.Source + " needs, " + why
			}
			out.WriteString(value)
			out.WriteString(s.after)
		}
	}
	if t.Wildcard {
		if len(t.segments) > 0 {
			out.WriteByte('/')
		}
		out.WriteString(t.stem)
	}
	if out.Len() > MaxKey {
		return "", "prefix " + t.Source + " gets longer than an object key can be (850 bytes)"
	}
	if t.Wildcard {
		out.WriteByte('*')
	}
	return out.String(), ""
}
