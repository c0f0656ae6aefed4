package prefix

import (
	"slices"
	"strings"
	"unicode"
)

// IsKey accepts a key, or with a final * a prefix, that COS, CAM and every client read in the same way.
func IsKey(s string) bool {
	stem := strings.TrimSuffix(s, "*")
	if s == "" || len(stem) > MaxKey || strings.HasPrefix(s, "/") || strings.Contains(s, "//") {
		return false
	}
	for _, c := range stem {
		if strings.ContainsRune(`*?$%\`, c) || unicode.IsControl(c) || c == unicode.ReplacementChar {
			return false
		}
	}
	return !slices.ContainsFunc(strings.Split(stem, "/"), func(part string) bool { return part == "." || part == ".." })
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
