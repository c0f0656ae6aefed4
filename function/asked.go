package main

import (
	"encoding/json"
	"strconv"
	"time"

	"cos-credentials/function/gateway"
	"cos-credentials/function/strictjson"
	"cos-credentials/policy"
)

// asked is what a request says beyond its token. Everything in it can only narrow what the login may have.
type asked struct {
	grant  string        // "" for the first that matches
	life   time.Duration // 0 for the grant's
	bucket string        // "" for the grant's, which it must equal
	region string        // likewise
}

// bodyLimits is far above what a request has any use for.
var bodyLimits = strictjson.Limits{Depth: 8, Members: 10000}

// readAsked reads the query and, of a POST, the body.
func readAsked(r gateway.Request) (a asked, refusal *gateway.Error) {
	if a.grant, refusal = r.Query("grant"); refusal != nil || r.Method != "POST" {
		return a, refusal
	}
	text, refusal := r.Body()
	if refusal != nil || len(text) == 0 {
		return a, refusal
	}
	value, err := strictjson.Decode(text, bodyLimits)
	if err != nil {
		return a, unreadable("The body is not strict JSON: " + err.Error() + ".")
	}
	members, ok := value.(map[string]any)
	if !ok {
		return a, unreadable("The body must be a JSON object.")
	}
	for name, value := range members {
		if refusal := a.member(name, value); refusal != nil {
			return a, refusal
		}
	}
	return a, nil
}

func (a *asked) member(name string, value any) *gateway.Error {
	text, isText := value.(string)
	isText = isText && text != ""
	switch name {
	case "grant":
		if !isText {
			return unreadable("The body's grant must be a grant's name.")
		}
		if a.grant != "" && a.grant != text {
			return unreadable("The query and the body name different grants.")
		}
		a.grant = text
	case "durationSeconds":
		number, ok := value.(json.Number)
		if !ok {
			return unreadable("The body's durationSeconds must be a whole number of seconds, in digits.")
		}
		return a.seconds(string(number))
	case "bucket", "region":
		if !isText {
			return unreadable("The body's " + name + " must be a string.")
		}
		if name == "bucket" {
			a.bucket = text
		} else {
			a.region = text
		}
	default:
		return unreadable("The body has a member that is not known here: it may have grant, durationSeconds, bucket and region.")
	}
	return nil
}

func (a *asked) seconds(digits string) *gateway.Error {
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return unreadable("The body's durationSeconds must be a whole number of seconds, in digits.")
		}
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

// within holds the bucket and region to the grant's.
func (a asked) within(e *policy.Entitlement) *gateway.Error {
	if a.bucket != "" && a.bucket != e.Bucket || a.region != "" && a.region != e.Region {
		return &gateway.Error{Code: gateway.ScopeNotAllowed, Message: "The grant is for another bucket or region: leave them out to get the grant's.",
			Reason: "bucket or region of the request differ from those of grant " + e.Grant}
	}
	return nil
}

func unreadable(message string) *gateway.Error {
	return &gateway.Error{Code: gateway.InvalidRequest, Message: message}
}
