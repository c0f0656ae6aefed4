// Package text has the sets of characters that names, keys and values are held to, and percent-encoding. It is
// written by hand instead of with regular expressions, because these run at every cold start.
package text

import (
	"net/url"
	"strings"
)

// Sets of ASCII characters.
const (
	Digits = "0123456789"
	Lower  = "abcdefghijklmnopqrstuvwxyz"
	Upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	Alnum  = Digits + Lower + Upper
	Hex    = Digits + "abcdef"
)

// Only reports whether a text holds characters of the set alone. An empty text does.
func Only(s, set string) bool { return strings.Trim(s, set) == "" }

// Percent is RFC 3986 percent-encoding of a URL's component, as CAM and COS want it: unlike a form's, a space is %20.
func Percent(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// PercentPath is the same of an object's key as a URL's path has it: its slashes stay.
func PercentPath(key string) string { return strings.ReplaceAll(Percent(key), "%2F", "/") }
