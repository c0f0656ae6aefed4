package prefix

import (
	"slices"
	"strings"
	"unicode"
)

// isUnsafe tells the characters that CAM or a client could read as something else than themselves. A * is another, but
// for the wildcard.
func isUnsafe(c rune) bool {
	return strings.ContainsRune(`?$%\`, c) || unicode.IsControl(c) || c == unicode.ReplacementChar
}

// isDots tells the segments that clients resolve, as of a path.
func isDots(part string) bool { return part == "." || part == ".." }

// NoKey says in half a sentence why a text can't be a key, or with a final * a prefix, that COS, CAM and every client
// read in the same way; "" if it can.
func NoKey(s string) string {
	stem := strings.TrimSuffix(s, "*")
	switch {
	case s == "":
		return "is empty"
	case len(stem) > MaxKey:
		return "is longer than 850 bytes"
	case strings.HasPrefix(s, "/") || strings.Contains(s, "//"):
		return "has an empty segment (//)"
	case strings.Contains(stem, "*") || strings.ContainsFunc(stem, isUnsafe):
		return `holds one of * ? $ % \ or a control character`
	case slices.ContainsFunc(strings.Split(stem, "/"), isDots):
		return "has a . or .. segment"
	}
	return ""
}

// Cover finds the prefix that a key or prefix lies in, or nothing.
func Cover(prefixes []string, key string) string {
	for _, p := range prefixes {
		if stem, wildcard := strings.CutSuffix(p, "*"); p == key || wildcard && strings.HasPrefix(key, stem) {
			return p
		}
	}
	return ""
}
