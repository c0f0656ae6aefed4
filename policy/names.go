package policy

import "strings"

// The forms of names, hand-written instead of regular expressions: they run at every cold start.

// isName: [a-z0-9-]{1,32}
func isName(s string) bool { return len(s) >= 1 && len(s) <= 32 && only(s, lowerDigitHyphen) }

// isBucket: lower-case letters, digits and hyphens, and after the last hyphen the APPID in digits.
// https://cloud.tencent.com/document/product/436/13312
func isBucket(s string) bool {
	at := strings.LastIndexByte(s, '-')
	return at > 0 && s[0] != '-' && only(s[:at], lowerDigitHyphen) && at < len(s)-1 && only(s[at+1:], digit)
}

// appID is the account that a bucket belongs to.
func appID(bucket string) string { return bucket[strings.LastIndexByte(bucket, '-')+1:] }

// isRegion: ^[a-z]{2}(-[a-z0-9]+)+$
func isRegion(s string) bool {
	parts := strings.Split(s, "-")
	if len(parts) < 2 || len(parts[0]) != 2 || !only(parts[0], lower) {
		return false
	}
	for _, p := range parts[1:] {
		if p == "" || !only(p, lowerDigit) {
			return false
		}
	}
	return true
}

func only(s string, class func(byte) bool) bool {
	for i := range len(s) {
		if !class(s[i]) {
			return false
		}
	}
	return true
}

func digit(c byte) bool            { return c >= '0' && c <= '9' }
func lower(c byte) bool            { return c >= 'a' && c <= 'z' }
func lowerDigit(c byte) bool       { return lower(c) || digit(c) }
func lowerDigitHyphen(c byte) bool { return lowerDigit(c) || c == '-' }
func alnum(c byte) bool            { return lowerDigit(c) || c >= 'A' && c <= 'Z' }
