package policy

import (
	"strings"

	"cos-credentials/policy/text"
)

const (
	lowerDigit       = text.Lower + text.Digits
	lowerDigitHyphen = lowerDigit + "-"
)

// isName: [a-z0-9-]{1,32}
func isName(s string) bool { return len(s) >= 1 && len(s) <= 32 && text.Only(s, lowerDigitHyphen) }

// isBucket: lower-case letters, digits and hyphens, and after the last hyphen the APPID in digits.
// https://cloud.tencent.com/document/product/436/13312
func isBucket(s string) bool {
	at := strings.LastIndexByte(s, '-')
	return at > 0 && s[0] != '-' && text.Only(s[:at], lowerDigitHyphen) &&
		at < len(s)-1 && text.Only(s[at+1:], text.Digits)
}

// Resource names an object, or with a final * all whose keys begin so, in CAM's six-segment form. A bucket's name ends
// in the account that it belongs to. https://cloud.tencent.com/document/product/598/10606
func Resource(bucket, region, key string) string {
	appID := bucket[strings.LastIndexByte(bucket, '-')+1:]
	return "qcs::cos:" + region + ":uid/" + appID + ":" + bucket + "/" + key
}

// isDomain: labels of lower-case letters, digits and hyphens, at least two, the last of which begins with a letter
// (RFC 1123 section 2.1).
func isDomain(s string) bool {
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || !text.Only(label, lowerDigitHyphen) || strings.Trim(label, "-") != label {
			return false
		}
	}
	return len(s) <= 253 && len(labels) > 1 && text.Only(labels[len(labels)-1][:1], text.Lower)
}

// IsRegion: ^[a-z]{2}(-[a-z0-9]+)+$, but no zone of a region, ap-guangzhou-3: COS has only one region whose name ends
// so. https://cloud.tencent.com/document/product/436/6224
func IsRegion(s string) bool {
	parts := strings.Split(s, "-")
	if len(parts) < 2 || len(parts[0]) != 2 || !text.Only(parts[0], text.Lower) {
		return false
	}
	for _, part := range parts[1:] {
		if part == "" || !text.Only(part, lowerDigit) {
			return false
		}
	}
	zone := len(parts) == 3 && text.Only(parts[2], text.Digits)
	return !zone || s == "ap-beijing-1"
}
