package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"cos-credentials/function/strictjson"
	"cos-credentials/policy"
)

// request is what a request asks for, of all that its login may have. The zero value asks for everything.
type request struct {
	scope                      []policy.Item // an empty bucket or region is the grant's
	filename, key, contentType string
}

func (q *request) contradicts() string {
	switch {
	case q.scope != nil && q.filename != "", q.scope != nil && q.key != "", q.filename != "" && q.key != "":
		return "a request has a scope, a filename or a key, and not two of them"
	case q.contentType != "" && q.key == "":
		return "--type is of a form: name its --key"
	case len(q.scope) > 1000:
		return "a scope has 1 to 1,000 items"
	}
	return ""
}

// addScope reads ACTION=PREFIX, a JSON array as the SDKs send it (or {"scope":[…]}), or @FILE with either.
func (q *request) addScope(s string) error {
	if path, ok := strings.CutPrefix(s, "@"); ok {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		s = string(text)
	}
	if s = strings.TrimSpace(s); !strings.HasPrefix(s, "[") && !strings.HasPrefix(s, "{") {
		action, prefix, ok := strings.Cut(s, "=")
		if !ok || action == "" {
			return errors.New("an item is ACTION=PREFIX, as in PutObject=users/alice/a.jpg, and GetBucket= for a listing of all that is the login's")
		}
		if !strings.Contains(action, ":") {
			action = "name/cos:" + action
		}
		q.scope = append(q.scope, policy.Item{Action: action, Prefix: prefix})
		return nil
	}
	value, err := strictjson.Decode([]byte(s), strictjson.Limits{Depth: 8, Members: 10000}) // as the function reads it
	if err != nil {
		return err
	}
	if object, ok := value.(map[string]any); ok && len(object) == 1 {
		value = object["scope"]
	}
	items, ok := value.([]any)
	if !ok || len(items) == 0 {
		return errors.New(`a scope is an array of items, or {"scope":[…]}`)
	}
	for i, value := range items {
		item, err := readItem(value)
		if err != nil {
			return fmt.Errorf("item %d: %w", i+1, err)
		}
		q.scope = append(q.scope, item)
	}
	return nil
}

// readItem takes an item's four members; only the prefix may be missing.
func readItem(value any) (item policy.Item, err error) {
	object, _ := value.(map[string]any)
	members := map[string]*string{"action": &item.Action, "bucket": &item.Bucket, "region": &item.Region, "prefix": &item.Prefix}
	for name, v := range object {
		into, known := members[name]
		text, isText := v.(string)
		if !known || !isText && (name != "prefix" || v != nil) {
			return item, fmt.Errorf("the function takes action, bucket, region and prefix, all text, and this has a %q that isn't", name)
		}
		*into = text
	}
	for _, name := range []string{"action", "bucket", "region"} {
		if _, ok := object[name]; !ok {
			return item, errors.New("it has no " + name)
		}
	}
	return item, nil
}

// narrow asks for what the request does. note is what there is to say beside the policy, or beside the refusal.
func (q *request) narrow(e *policy.Entitlement) (_ *policy.Entitlement, note string, err error) {
	switch {
	case q.scope != nil:
		return q.narrowScope(e)
	case q.filename != "":
		name := time.Now().UTC().Format("2006/01/02/") + "xxxxxxxxxxxxxxxxxxxxxxxxxx"
		const extension = 17 // bytes at most
		folder, err := e.UploadFolder(len(name) + extension)
		if err != nil {
			return nil, "", err
		}
		narrowed, err := e.ForUpload(folder + name)
		return narrowed, "The x stand for what nobody can guess; a plain extension of the filename follows them.\n", err
	case q.key != "":
		return q.narrowForm(e)
	}
	return e, "", nil
}

func (q *request) narrowScope(e *policy.Entitlement) (_ *policy.Entitlement, note string, err error) {
	scope := make([]policy.Item, len(q.scope))
	for i, item := range q.scope {
		if item.Bucket == "" && item.Region == "" {
			item.Bucket, item.Region = e.Bucket, e.Region
		}
		scope[i] = item
	}
	narrowed, err := e.Narrow(scope)
	if err != nil {
		return nil, reasons(e, scope), err
	}
	if narrowed.Folded {
		note = fmt.Sprintf("The %d items are too long for one policy, so the keys of an action are folded into their longest common folder.\n", len(scope))
	}
	return narrowed, note, nil
}

// reasons says what is wrong with each item by itself.
func reasons(e *policy.Entitlement, scope []policy.Item) string {
	const most = 5
	var out strings.Builder
	wrong := 0
	for i, item := range scope {
		if _, err := e.Narrow(scope[i : i+1]); err != nil {
			if wrong++; wrong <= most {
				fmt.Fprintf(&out, "  item %d  %s of %q: %v\n", i+1, item.Action, item.Prefix, err)
			}
		}
	}
	if wrong > most {
		fmt.Fprintf(&out, "  and %d more\n", wrong-most)
	}
	fmt.Fprintf(&out, "%d of %d items can be had; grant %s opens %s.\n", len(scope)-wrong, len(scope), e.Grant, strings.Join(e.Prefixes, " "))
	return out.String()
}

func (q *request) narrowForm(e *policy.Entitlement) (_ *policy.Entitlement, note string, err error) {
	narrowed, form, err := e.ForForm(q.key, q.contentType)
	if err != nil {
		return nil, "", err
	}
	note = "The key stays with the function: it signs one form with it, for one file"
	if form.MaxBytes > 0 {
		note += fmt.Sprintf(" of at most %d bytes", form.MaxBytes)
	}
	if form.ContentType != "" {
		note += ", of type " + form.ContentType
	}
	return narrowed, note + ".\n", nil
}
