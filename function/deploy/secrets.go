package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// public are the variables whose values may be shown. Every other one is taken for a secret.
var public = []string{
	"COS_BUCKET", "COS_REGION", "STS_ROLE_ARN", "STS_HOST", "STS_SCHEME", "STS_REGION", "STS_CACHE",
	"TOKENS_NOT_BEFORE", "LOGIN_RATE", "ALLOW_ORIGINS", "LOG_LEVEL",
}

// shortest is the length from which a value is hidden wherever it stands in a text. A shorter one is no secret, and
// would stand in half of all words.
const shortest = 6

// secrets are values that must not be shown, by the names to show instead.
type secrets map[string]string

// secretsOf are the function's secrets and the deployer's own key.
func secretsOf(variables map[string]string, key deployerKey) secrets {
	s := secrets{"TENCENT_SECRET_ID": key.id, "TENCENT_SECRET_KEY": key.key, "TENCENT_TOKEN": key.token}
	for name, value := range variables {
		if !slices.Contains(public, name) {
			s[name] = value
		}
	}
	return s
}

// hide writes a text without them, whoever quoted them in it.
func (s secrets) hide(text string) string {
	names := make([]string, 0, len(s))
	for name, value := range s {
		if len(value) >= shortest {
			names = append(names, name)
		}
	}
	// the longest first: one may be a part of another
	slices.SortFunc(names, func(a, b string) int { return len(s[b]) - len(s[a]) })
	for _, name := range names {
		quoted, _ := json.Marshal(s[name])
		for _, form := range []string{s[name], string(bytes.Trim(quoted, `"`))} {
			text = strings.ReplaceAll(text, form, "["+name+"]")
		}
	}
	return text
}
