package replay

import (
	"encoding/json"
	"slices"
	"strings"

	"cos-credentials/test/cam"
)

// opened are the conditions under which an upload opens its object or gives it away.
// https://cloud.tencent.com/document/product/436/30752 and /7749
var opened = []map[string]map[string]any{
	{"string_equal": {"cos:x-cos-acl": []string{
		"public-read", "public-read-write", "authenticated-read", "bucket-owner-read", "bucket-owner-full-control",
	}}},
	{"string_like": {"cos:x-cos-grant-read": "*"}},
	{"string_like": {"cos:x-cos-grant-write": "*"}},
	{"string_like": {"cos:x-cos-grant-read-acp": "*"}},
	{"string_like": {"cos:x-cos-grant-write-acp": "*"}},
	{"string_like": {"cos:x-cos-grant-full-control": "*"}},
}

// begins are the actions of the presets that bring an object about with headers of the client's choice.
var begins = map[string]bool{
	"name/cos:PutObject":               true,
	"name/cos:PostObject":              true,
	"name/cos:InitiateMultipartUpload": true,
}

// summary says in one line what a policy opens. The denials that every upload's policy has are three words: they would
// be most of each line.
func summary(p cam.Policy, document string) string {
	var doc struct {
		Statement []struct {
			Effect    string
			Condition json.RawMessage
		}
	}
	if json.Unmarshal([]byte(document), &doc) != nil || len(doc.Statement) != len(p.Statements) {
		return p.Summary()
	}
	missing := map[string]bool{}
	for _, condition := range opened {
		text, _ := json.Marshal(condition) // strings only: it can't fail
		missing[string(text)] = true
	}
	rest, denied := cam.Policy{}, []string{}
	for i, s := range doc.Statement {
		if text := string(s.Condition); s.Effect == "deny" && missing[text] {
			delete(missing, text)
			denied = p.Statements[i].Actions
			continue
		}
		rest.Statements = append(rest.Statements, p.Statements[i])
	}
	open := func(action string) bool { return begins[action] && !slices.Contains(denied, action) }
	exposed := func(s cam.Statement) bool { return slices.ContainsFunc(s.Actions, open) }
	if len(missing) > 0 || slices.ContainsFunc(rest.Statements, exposed) {
		return p.Summary()
	}
	return rest.Summary() + "; objects stay private"
}

// withPrivate writes out the statements that keep uploads private, in the bucket of the policy's first statement.
func withPrivate(policy json.RawMessage) json.RawMessage {
	var doc struct {
		Version   string           `json:"version"`
		Statement []map[string]any `json:"statement"`
	}
	if json.Unmarshal(policy, &doc) != nil || len(doc.Statement) == 0 {
		return policy
	}
	var resource string
	if all, _ := doc.Statement[0]["resource"].([]any); len(all) > 0 {
		first, _ := all[0].(string)
		bucket := strings.SplitN(first, "/", 3) // qcs::cos:<region>:uid, <appid>:<bucket>, <key>
		resource = strings.Join(bucket[:len(bucket)-1], "/") + "/*"
	}
	var out []map[string]any
	for _, s := range doc.Statement {
		actions, private := s["private"]
		if !private {
			out = append(out, s)
			continue
		}
		for _, condition := range opened {
			out = append(out, map[string]any{
				"effect": "deny", "action": actions, "resource": []string{resource}, "condition": condition,
			})
		}
	}
	text, err := json.Marshal(map[string]any{"version": doc.Version, "statement": out})
	if err != nil {
		return policy
	}
	return text
}
