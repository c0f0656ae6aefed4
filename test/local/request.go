package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"cos-credentials/function/request"
	"cos-credentials/policy"
)

// requestOptions are what the command line asks for, of all that the login may have. The zero value asks for
// everything.
type requestOptions struct {
	scope                      []any // items as JSON holds them, or a shortItem
	filename, key, contentType string
}

// shortItem is ACTION=PREFIX: an item of a scope in the grant's bucket.
type shortItem struct{ action, prefix string }

// addScope reads ACTION=PREFIX, a JSON array as the SDKs send it (or {"scope":[…]}), or @FILE with either. What is in
// the items is for the function's own reader to judge.
func (q *requestOptions) addScope(s string) error {
	if path, ok := strings.CutPrefix(s, "@"); ok {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		s = string(text)
	}
	var object struct{ Scope json.RawMessage }
	if s = strings.TrimSpace(s); strings.HasPrefix(s, "{") {
		if err := json.Unmarshal([]byte(s), &object); err != nil {
			return err
		}
		s = string(object.Scope)
	}
	if action, prefix, ok := strings.Cut(s, "="); ok && !strings.HasPrefix(s, "[") && action != "" {
		if !strings.Contains(action, ":") {
			action = "name/cos:" + action
		}
		q.scope = append(q.scope, shortItem{action, prefix})
		return nil
	}
	var items []json.RawMessage
	if err := json.Unmarshal([]byte(s), &items); err != nil || len(items) == 0 {
		return errors.New(`an item is ACTION=PREFIX, as in PutObject=users/alice/a.jpg, and GetBucket= for a listing ` +
			`of all that is the login's; a whole scope is an array of items, or {"scope":[…]}`)
	}
	for _, item := range items {
		q.scope = append(q.scope, item)
	}
	return nil
}

// read makes the request that a client would send, and has it read as the function reads it.
func (q *requestOptions) read(entitled *policy.Entitlement) (request.Asked, error) {
	scope := slices.Clone(q.scope)
	for i, item := range scope {
		if short, ok := item.(shortItem); ok {
			scope[i] = map[string]string{
				"action": short.action, "bucket": entitled.Bucket, "region": entitled.Region, "prefix": short.prefix,
			}
		}
	}
	body, err := json.Marshal(struct {
		Scope       []any  `json:"scope,omitempty"`
		Filename    string `json:"filename,omitempty"`
		Key         string `json:"key,omitempty"`
		ContentType string `json:"contentType,omitempty"`
	}{scope, q.filename, q.key, q.contentType})
	if err != nil {
		return request.Asked{}, err
	}
	kind := request.Credentials
	if q.isForm() {
		kind = request.Form
	}
	return request.Read(kind, request.Choice{}, body)
}

func (q *requestOptions) isForm() bool { return q.key != "" || q.contentType != "" }

// narrow asks for what the request does. note is what there is to say beside the policy, or beside the refusal.
func (q *requestOptions) narrow(entitled *policy.Entitlement) (narrowed request.Narrowed, note string, err error) {
	asked, err := q.read(entitled)
	if err != nil {
		return narrowed, "", err
	}
	if narrowed, err = asked.Narrow(entitled, time.Now()); err != nil {
		return narrowed, reasons(entitled, asked.Scope), err
	}
	if narrowed.Folded {
		note = fmt.Sprintf("The %d items are too long for one policy, "+
			"so the keys of an action are folded into their longest common folder.\n", len(asked.Scope))
	}
	if q.filename != "" {
		note += "The function has chosen the key, which nobody can guess: it chooses another each time.\n"
	}
	if q.isForm() {
		note += aboutForm(narrowed.Form)
	}
	return narrowed, note, nil
}

// reasons says what is wrong with each item of a scope by itself.
func reasons(entitled *policy.Entitlement, scope []policy.Item) string {
	if scope == nil {
		return ""
	}
	const most = 5
	var out strings.Builder
	wrong := 0
	for i, item := range scope {
		if _, err := entitled.Narrow(scope[i : i+1]); err != nil {
			if wrong++; wrong <= most {
				fmt.Fprintf(&out, "  item %d  %s of %q: %v\n", i+1, item.Action, item.Prefix, err)
			}
		}
	}
	if wrong > most {
		fmt.Fprintf(&out, "  and %d more\n", wrong-most)
	}
	fmt.Fprintf(&out, "%d of %d items can be had; grant %s opens %s.\n",
		len(scope)-wrong, len(scope), entitled.Grant, strings.Join(entitled.Prefixes, " "))
	return out.String()
}

func aboutForm(form policy.Form) string {
	note := "The key stays with the function: it signs one form with it, for one file"
	if form.MaxBytes > 0 {
		note += fmt.Sprintf(" of at most %d bytes", form.MaxBytes)
	}
	if form.ContentType != "" {
		note += ", of type " + form.ContentType
	}
	return note + ".\n"
}
