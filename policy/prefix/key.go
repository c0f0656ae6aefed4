package prefix

import (
	"slices"
	"strings"
	"unicode"
)

// unsafe are the characters that CAM or a client could read as something else than themselves.
const unsafe = `*?$%\`

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
	}
	for _, c := range stem {
		if strings.ContainsRune(unsafe, c) || unicode.IsControl(c) || c == unicode.ReplacementChar {
			return `holds one of * ? $ % \ or a control character`
		}
	}
	dots := func(part string) bool { return part == "." || part == ".." }
	if slices.ContainsFunc(strings.Split(stem, "/"), dots) {
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
