package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"cos-credentials/function/gateway"
	"cos-credentials/function/strictjson"
	"cos-credentials/policy"
)

// asked is what a request says beyond its token. Everything in it can only narrow what the login may have.
type asked struct {
	grant       string        // "" for the first that matches
	life        time.Duration // 0 for the grant's
	bucket      string        // "" for the grant's, which it must equal
	region      string        // likewise
	scope       []policy.Item // nil for all of the grant
	filename    string        // the function chooses a key; "" if it need not
	key         string        // of a form
	contentType string        // of a form
}

// bodyLimits is far above what a request has any use for: 1,000 scope items of four members.
var bodyLimits = strictjson.Limits{Depth: 8, Members: 10000}

// members are what a body may hold, by resource.
var members = map[resource][]string{
	credentials: {"grant", "durationSeconds", "bucket", "region", "scope", "filename"},
	postPolicy:  {"grant", "durationSeconds", "bucket", "region", "filename", "key", "contentType"},
}

// readAsked reads the query and, of a POST, the body.
func readAsked(r gateway.Request, to resource) (a asked, refusal *gateway.Error) {
	if a.grant, refusal = r.Query("grant"); refusal != nil {
		return a, refusal
	}
	if r.Method == "POST" {
		text, refusal := r.Body()
		if refusal == nil && len(text) > 0 {
			refusal = a.read(text, to)
		}
		if refusal != nil {
			return a, refusal
		}
	}
	switch {
	case a.filename != "" && a.scope != nil:
		return a, unreadable("The body has both a scope and a filename: a key that the function chooses is the whole scope.")
	case a.filename != "" && a.key != "":
		return a, unreadable("The body has both a key and a filename: keep the key, or let the function choose one.")
	case to == postPolicy && a.filename == "" && a.key == "":
		return a, unreadable("The body must name a filename, for a key that the function chooses, or a key.")
	}
	return a, nil
}

func (a *asked) read(text []byte, to resource) *gateway.Error {
	value, err := strictjson.Decode(text, bodyLimits)
	if err != nil {
		return unreadable("The body is not strict JSON: " + strings.TrimPrefix(err.Error(), "json: ") + ".")
	}
	if items, ok := value.([]any); ok && to == credentials { // the COS SDKs send a scope as the whole body
		return a.readScope(items)
	}
	object, ok := value.(map[string]any)
	if !ok {
		return unreadable("The body must be a JSON object.")
	}
	for name, value := range object {
		if !slices.Contains(members[to], name) {
			return unreadable("The body has a member that is not known here: it may have " + strings.Join(members[to], ", ") + ".")
		}
		if refusal := a.member(name, value); refusal != nil {
			return refusal
		}
	}
	return nil
}

func (a *asked) member(name string, value any) *gateway.Error {
	switch name {
	case "durationSeconds":
		number, _ := value.(json.Number)
		return a.seconds(string(number))
	case "scope":
		items, ok := value.([]any)
		if !ok {
			return unreadable("The body's scope must be an array.")
		}
		return a.readScope(items)
	}
	text, _ := value.(string)
	if text == "" {
		return unreadable("The body's " + name + " must be a string that is not empty.")
	}
	switch name {
	case "grant":
		if a.grant != "" && a.grant != text {
			return unreadable("The query and the body name different grants.")
		}
		a.grant = text
	case "filename":
		if len(text) > maxFilename {
			return unreadable("The body's filename is longer than 255 bytes.")
		}
		a.filename = text
	case "bucket":
		a.bucket = text
	case "region":
		a.region = text
	case "key":
		a.key = text
	case "contentType":
		a.contentType = text
	}
	return nil
}

func (a *asked) seconds(digits string) *gateway.Error {
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return unreadable("The body's durationSeconds must be a whole number of seconds, in digits.")
	}
	const years = 1 << 30 // of seconds: longer than any grant's, and short enough for a Duration
	seconds := years
	if n, err := strconv.Atoi(digits); err == nil {
		seconds = min(n, years)
	}
	if a.life = time.Duration(seconds) * time.Second; a.life < policy.MinDuration {
		return unreadable("The body's durationSeconds must be at least 60.")
	}
	return nil
}

const maxScope = 1000

// readScope reads the scope protocol of the COS SDKs: an array of {action, bucket, region, prefix}.
func (a *asked) readScope(items []any) *gateway.Error {
	if len(items) < 1 || len(items) > maxScope {
		return unreadable("A scope has 1 to 1,000 items.")
	}
	a.scope = make([]policy.Item, len(items))
	for i, value := range items {
		item, ok := value.(map[string]any)
		if !ok {
			return unreadable("An item of the scope is not a JSON object.")
		}
		for name, into := range map[string]*string{
			"action": &a.scope[i].Action, "bucket": &a.scope[i].Bucket, "region": &a.scope[i].Region, "prefix": &a.scope[i].Prefix,
		} {
			value, there := item[name]
			if *into, ok = value.(string); !ok && (name != "prefix" || there && value != nil) {
				return unreadable("An item of the scope has no " + name + ", or one that is no string.")
			}
			delete(item, name)
		}
		if len(item) > 0 {
			return unreadable("An item of the scope has a member that is not known here: it has action, bucket, region and prefix.")
		}
	}
	return nil
}

func unreadable(message string) *gateway.Error {
	return &gateway.Error{Code: gateway.InvalidRequest, Message: message}
}
