package policy

import (
	"strings"
	"unicode"
)

// template is one allowPrefixes entry: the segments of an object key, at most one placeholder in each.
//
//	users/{sub}/*     segments "users" "{sub}", wildcard with an empty stem: everything in the folder
//	logs/2026*        segment "logs", wildcard with stem "2026": everything that begins so
//	avatars/{sub}.png segments "avatars" "{sub}.png": one object
//
// A claim's value fills the whole placeholder and never holds a slash, so a filled template can be read in one way only:
// two identities with the same filled prefix have the same values in the same places.
type template struct {
	source   string // as in the file, before ${NAME}
	segments []segment
	wildcard bool
	stem     string // what stands before the wildcard in its own segment
	path     string // where the file has it
	line     int
}

// segment is literal text, or a claim between literal text.
type segment struct {
	before string // all of it, when there is no claim
	claim  string // "" for none; nested claims are joined by dots
	filter filter
	after  string
}

// maxKey is the longest object key in bytes of UTF-8. https://cloud.tencent.com/document/product/436/13324
const maxKey = 850

func (r *reader) templates(list []located, when bool) []template {
	var out []template
	for _, l := range list {
		if t, why := compile(l.text); why != "" {
			r.problem(l.line, l.path, "%q %s", l.raw, why)
		} else if t.wildcard && !t.named() && !when {
			r.problem(l.line, l.path, "%q opens the same objects to every login: name a claim in it, or say with `when` whose it is", l.raw)
		} else {
			t.source, t.path, t.line = l.raw, l.path, l.line
			out = append(out, t)
		}
	}
	return out
}

// compile reads a template, or says in half a sentence what is wrong with it.
func compile(source string) (t template, why string) {
	for _, c := range source {
		if strings.ContainsRune(`?$%\`, c) || unicode.IsControl(c) || c == unicode.ReplacementChar {
			return t, "holds a character that has no safe meaning in a prefix: ? $ % \\ and control characters are refused"
		}
	}
	body, wildcard := strings.CutSuffix(source, "*")
	t.wildcard = wildcard
	switch {
	case strings.Contains(body, "*"):
		return t, "has a * that is not its last character: only there it is a wildcard"
	case strings.HasPrefix(source, "/"):
		return t, "begins with a slash: object keys don't"
	case len(body) > maxKey:
		return t, "is longer than an object key can be (850 bytes)"
	}
	parts := strings.Split(body, "/")
	if t.wildcard {
		t.stem, parts = parts[len(parts)-1], parts[:len(parts)-1]
		if strings.ContainsAny(t.stem, "{}") {
			return t, "would open the folders of users whose name begins with another's: end it in /*"
		}
		if t.stem == "." || t.stem == ".." {
			return t, "has a . or .. segment"
		}
	}
	for i, p := range parts {
		switch {
		case p == "" && i == len(parts)-1 && !t.wildcard:
			return t, "names a folder's empty marker object, not what is in the folder: end it in /*"
		case p == "":
			return t, "has an empty segment (//)"
		case p == "." || p == "..":
			return t, "has a . or .. segment"
		}
		s, why := compileSegment(p)
		if why != "" {
			return t, why
		}
		t.segments = append(t.segments, s)
	}
	if t.stem != "" && t.named() {
		return t, "has text between its last slash and the *: with a claim in it, end it in /*"
	}
	return t, ""
}

func compileSegment(text string) (s segment, why string) {
	open, end := strings.IndexByte(text, '{'), strings.IndexByte(text, '}')
	if open < 0 && end < 0 {
		return segment{before: text}, ""
	}
	if open < 0 || end < open {
		return s, "has a brace without its partner"
	}
	s.before, s.after = text[:open], text[end+1:]
	if strings.ContainsAny(s.after, "{}") || strings.Contains(text[open+1:end], "{") {
		return s, "has more than one placeholder in a segment: put a slash between them, or values could slide from one into the other"
	}
	name, filterName, filtered := strings.Cut(text[open+1:end], "|")
	s.claim = name
	if !isPath(name) {
		return s, "has a placeholder that names no claim: write {sub}, or {profile.openid} for a nested one"
	}
	if !filtered {
		return s, ""
	}
	for f, known := range filterNames {
		if known == filterName && filter(f) != plain {
			if s.filter = filter(f); s.filter == integers && name == issuerClaim {
				return s, "asks for a number, and {issuer} is a name"
			}
			return s, ""
		}
	}
	return s, "has an unknown filter: choose from {claim|int}, {claim|base64url}, {claim|hex}, {claim|sha256}"
}

// isPath: claim names of letters, digits, _, - and :, joined by dots.
func isPath(s string) bool {
	for name := range strings.SplitSeq(s, ".") {
		if name == "" || !only(name, func(c byte) bool { return alnum(c) || c == '_' || c == '-' || c == ':' }) {
			return false
		}
	}
	return true
}

// named reports whether the template has a placeholder.
func (t template) named() bool {
	for _, s := range t.segments {
		if s.claim != "" {
			return true
		}
	}
	return false
}

// fill replaces the placeholders by an identity's claims. Anything that can't be a segment refuses the identity.
func (t template) fill(id Identity) (string, *Refusal) {
	var out strings.Builder
	for i, s := range t.segments {
		if i > 0 {
			out.WriteByte('/')
		}
		out.WriteString(s.before)
		if s.claim != "" {
			value, why := s.value(id)
			if why != "" {
				return "", refuse(IdentityNotUsable, "the claim %s, which prefix %s needs, %s", s.claim, t.source, why)
			}
			out.WriteString(value)
			out.WriteString(s.after)
		}
	}
	if t.wildcard {
		if len(t.segments) > 0 {
			out.WriteByte('/')
		}
		out.WriteString(t.stem)
	}
	if out.Len() > maxKey {
		return "", refuse(IdentityNotUsable, "prefix %s gets longer than an object key can be (%d bytes)", t.source, maxKey)
	}
	if t.wildcard {
		out.WriteByte('*')
	}
	return out.String(), nil
}
