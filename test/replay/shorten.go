package replay

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	secretMember = regexp.MustCompile(
		`(\\?"(?:tmpSecretId|tmpSecretKey|sessionToken|qAk|q-ak|qSignature|q-signature|` +
			`securityToken|x-cos-security-token|policy)\\?"\s*:\s*\\?")([^"\\…]{9,})`)
	secretParameter = regexp.MustCompile(`((?:q-ak|q-signature|x-cos-security-token)=)([^"\\…&]{9,})`) // of a link
	jwtText         = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`)
)

const longest = 2000

// Shorten makes a text fit to be shown: keys and tokens keep their first characters, and a very long text its
// beginning.
func Shorten(s string) string {
	for _, secret := range []*regexp.Regexp{secretMember, secretParameter} {
		s = secret.ReplaceAllStringFunc(s, func(m string) string {
			parts := secret.FindStringSubmatch(m)
			return parts[1] + brief(parts[2])
		})
	}
	s = jwtText.ReplaceAllStringFunc(s, brief)
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + fmt.Sprintf("… (%d bytes)", len(s))
	}
	return s
}

func brief(secret string) string { return fmt.Sprintf("%s…(%d)", secret[:6], len(secret)) }
