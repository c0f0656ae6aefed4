package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Claims are a login's, as options name them.
type Claims map[string]any

// Set reads name=text or name:=json.
func (c Claims) Set(s string) error {
	name, text, ok := strings.Cut(s, "=")
	path, typed := strings.CutSuffix(name, ":")
	if !ok || path == "" {
		return errors.New("a claim is name=text or name:=json")
	}
	if !typed {
		c[path] = text
		return nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber() // as the function reads tokens: numbers stay exact
	var value any
	if err := d.Decode(&value); err != nil {
		return fmt.Errorf("the claim %s is no JSON value: %w", path, err)
	}
	c[path] = value
	return nil
}

func (c Claims) String() string { return "" }
