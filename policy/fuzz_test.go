package policy

import (
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"cos-credentials/test/repo/corpus"
)

// FuzzAccess reads any file. Whatever it says, the loader answers with places that exist in it and shows no secret; and
// what it accepts makes documents that open only what the prefixes say.
func FuzzAccess(f *testing.F) {
	f.Add(DefaultFile)
	for _, name := range []string{"refused.txt", "accepted.txt"} {
		for _, c := range cases(f, name) {
			f.Add([]byte(c.YAML))
		}
	}
	identity := Identity{Address: netip.MustParseAddr("192.0.2.7"), Claims: map[string]any{
		"sub": "42", "tenant": "acme", "id": json.Number("7"), "role": []any{"staff"}, "profile": map[string]any{"openid": "o"},
	}}
	f.Fuzz(func(t *testing.T, file []byte) {
		access, err := Load(Source{Name: "access.yaml", YAML: file, Env: corpus.Env})
		if err != nil {
			var problems *Problems
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
				e, err := access.Entitle(identity, g.Name)
				if err != nil {
					continue
				}
				doc, err := e.Document()
				if err != nil {
					continue
				}
				for _, s := range doc.Statement {
					if s.Effect != "allow" || len(s.Action) == 0 || len(s.Resource) == 0 {
						t.Errorf("%+v", s)
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

// FuzzTemplate fills any template with any two values: what comes out has the template's shape, and tells the two apart.
func FuzzTemplate(f *testing.F) {
	for _, name := range []string{"refused.txt", "accepted.txt"} {
		for _, c := range cases(f, name) {
			for _, part := range strings.Split(c.YAML, `"`) {
				if strings.Contains(part, "{") {
					f.Add(part, "42", "4")
				}
			}
		}
	}
	f.Add("users/{sub}/*", "42", "4")
	f.Add("{sub|base64url}.png", "a/b", "a")
	f.Fuzz(func(t *testing.T, source, one, other string) {
		template, why := compile(source)
		if why != "" {
			return
		}
		fill := func(value string) (string, bool) {
			id := Identity{Issuer: "shop", Claims: map[string]any{}}
			asked := false
			for _, s := range template.segments {
				if s.claim == "" || s.claim == issuerClaim {
					continue
				}
				asked = true
				path := strings.Split(s.claim, ".")
				claims := id.Claims
				for _, name := range path[:len(path)-1] {
					below, ok := claims[name].(map[string]any)
					if !ok {
						below = map[string]any{}
						claims[name] = below
					}
					claims = below
				}
				claims[path[len(path)-1]] = value
				if s.filter == integers {
					claims[path[len(path)-1]] = json.Number(value)
				}
			}
			out, refusal := template.fill(id)
			return out, asked && refusal == nil
		}
		a, ok := fill(one)
		if !ok {
			return
		}
		body, wildcard := strings.CutSuffix(a, "*")
		if strings.Contains(body, "*") || wildcard != template.wildcard || len(body) > maxKey || strings.HasPrefix(a, "/") || strings.ContainsAny(a, `?$%\{}`) {
			t.Fatalf("%q is filled to %q", source, a)
		}
		segments := strings.Split(body, "/")
		if len(segments) != strings.Count(source, "/")+1 {
			t.Fatalf("%q is filled to %q", source, a)
		}
		for i, s := range segments {
			if s == "." || s == ".." || s == "" && (i < len(segments)-1 || !wildcard) {
				t.Fatalf("%q is filled to %q", source, a)
			}
		}
		if b, ok := fill(other); ok && one != other && overlap(a, b) {
			t.Fatalf("%q is %q for %q and %q for %q", source, a, one, b, other)
		}
	})
}
