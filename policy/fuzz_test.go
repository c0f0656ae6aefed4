package policy

import (
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"cos-credentials/policy/strictyaml"
	"cos-credentials/test/corpus"
)

// FuzzAccess reads any file. Whatever it says, the loader answers with places that exist in it and shows no secret; and
// what it accepts makes documents that open only what the prefixes say.
func FuzzAccess(f *testing.F) {
	f.Add(shipped(f))
	for _, name := range []string{"refused.txt", "accepted.txt"} {
		for _, c := range cases(f, name) {
			f.Add([]byte(c.YAML))
		}
	}
	identity := Identity{Address: netip.MustParseAddr("192.0.2.7"), Claims: map[string]any{
		"sub": "42", "tenant": "acme", "id": json.Number("7"), "role": []any{"staff"}, "teams": []any{"red"},
		"profile": map[string]any{"openid": "o"},
	}}
	f.Fuzz(func(t *testing.T, file []byte) {
		access, err := Load(Source{Name: "access.yaml", YAML: file, Env: corpus.Env})
		if err != nil {
			var problems *strictyaml.Problems
			if !errors.As(err, &problems) || len(problems.List) == 0 || len(access.Grants) > 0 {
				t.Fatalf("%v, %+v", err, access)
			}
			lines := strings.Count(string(file), "\n") + 1
			for _, p := range problems.List {
				if p.Line < 0 || p.Line > lines+1 || p.Message == "" { // a stream's end may lie behind its last line
					t.Errorf("%+v in a file of %d lines", p, lines)
				}
			}
			if strings.Contains(err.Error(), corpus.Secret) {
				t.Errorf("the secret is shown: %v", err)
			}
			return
		}
		for _, g := range access.Grants {
			for _, issuer := range access.Issuers {
				identity.Issuer = issuer.Name
				e, err := access.Entitle(identity, g.Name, "")
				if err != nil {
					continue
				}
				doc, err := e.Document()
				if err != nil {
					continue
				}
				for _, s := range doc.Statement {
					if len(s.Action) == 0 || len(s.Resource) == 0 {
						t.Errorf("%+v", s)
					}
					if s.Effect == "deny" {
						continue // opens nothing
					}
					for _, r := range s.Resource {
						key, ok := strings.CutPrefix(r, e.resource(""))
						listing := isList(s.Action[0]) && (key == "" || key == "*")
						if !ok || !listing && !slices.Contains(e.Prefixes, key) {
							t.Errorf("resource %q for prefixes %q", r, e.Prefixes)
						}
					}
				}
			}
		}
	})
}
