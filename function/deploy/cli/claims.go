package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"cos-credentials/policy/claim"
)

// Claims are a login's, as options name them.
type Claims map[string]any

// Put sets a claim: profile.openid is one inside profile, as the access file reads it.
func (c Claims) Put(path string, value any) {
	outer, inner, nested := strings.Cut(path, ".")
	if !nested || !claim.IsPath(path) {
		c[path] = value
		return
	}
	in := Claims{}
	if already, ok := c[outer].(map[string]any); ok {
		maps.Copy(in, already)
	}
	in.Put(inner, value)
	c[outer] = map[string]any(in)
}

// Seen are the claims as the function sees them: sub is what another claim holds, if that names the issuer's users; ""
// if none does.
func (c Claims) Seen(subject string) Claims {
	value, there := claim.Named(c, subject)
	if subject == "" || !there {
		return c
	}
	seen := maps.Clone(c)
	seen["sub"] = value
	return seen
}

// Set reads name=text or name:=json.
func (c Claims) Set(s string) error {
	name, text, ok := strings.Cut(s, "=")
	path, typed := strings.CutSuffix(name, ":")
	if !ok || path == "" {
		return errors.New("a claim is name=text or name:=json")
	}
	if !typed {
		c.Put(path, text)
		return nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber() // as the function reads tokens: numbers stay exact
	var value any
	if err := d.Decode(&value); err != nil {
		return fmt.Errorf("the claim %s is no JSON value: %w", path, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("the claim %s is a JSON value and something behind it", path)
	}
	c.Put(path, value)
	return nil
}

func (c Claims) String() string { return "" }
