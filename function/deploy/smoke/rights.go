package smoke

import (
	"encoding/json"
	"fmt"
	"strings"

	"cos-credentials/policy"
)

// may reports whether the access file lets the first user do something with a key, or list what begins like a text.
func (r *run) may(action, on string) bool {
	own := r.own[0]
	_, err := own.Narrow([]policy.Item{{
		Action: "name/cos:" + action, Bucket: own.Bucket, Region: own.Region, Prefix: on,
	}})
	return err == nil
}

// uploads are what the access file says of those of a login, read from the document that it becomes.
type uploads struct {
	kind    string // a content type that may be uploaded
	private bool   // no upload can make its object public
}

func uploadsOf(e *policy.Entitlement) (u uploads, err error) {
	document, err := e.Document()
	if err != nil {
		return u, err
	}
	var read struct {
		Statement []struct {
			Effect    string
			Condition map[string]map[string]any
		}
	}
	if err := json.Unmarshal(document.JSON, &read); err != nil {
		return u, err
	}
	u.kind = "text/plain"
	for _, s := range read.Statement {
		for _, keys := range s.Condition {
			if types, ok := keys["cos:content-type"]; ok {
				first := strings.Trim(fmt.Sprint(types), "[]")
				first, _, _ = strings.Cut(first, " ")
				u.kind = strings.Replace(first, "*", "png", 1)
			}
			_, bound := keys["cos:x-cos-acl"]
			u.private = u.private || bound && s.Effect == "deny"
		}
	}
	return u, nil
}
