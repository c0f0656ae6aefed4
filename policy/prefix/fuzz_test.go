package prefix

import (
	"encoding/json"
	"strings"
	"testing"

	"cos-credentials/test/corpus"
)

// FuzzTemplate fills any template with any two values: what comes out has the template's shape, and tells the two
// apart.
func FuzzTemplate(f *testing.F) {
	for _, name := range []string{"refused.txt", "accepted.txt"} {
		cases, err := corpus.Read(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, c := range cases {
			for _, part := range strings.Split(c.YAML, `"`) {
				if strings.Contains(part, "{") {
					f.Add(part, "42", "4")
				}
			}
		}
	}
	f.Add("users/{sub}/*", "42", "4")
	f.Add("teams/{teams[]|hex}/*", "red", "blue")
	f.Add("{sub|base64url}.png", "a/b", "a")
	f.Fuzz(func(t *testing.T, source, one, other string) {
		template, why := Compile(source)
		if why != "" {
			return
		}
		fill := func(value string) (string, bool) {
			all := map[string]any{}
			asked := false
			for _, s := range template.segments {
				asked = asked || s.picks
				if s.claim == "" || s.claim == issuerClaim || s.picks {
					continue
				}
				asked = true
				path := strings.Split(s.claim, ".")
				claims := all
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
			out, why := template.Fill("shop", all, value)
			return out, asked && why == ""
		}
		a, ok := fill(one)
		if !ok {
			return
		}
		body, wildcard := strings.CutSuffix(a, "*")
		if strings.Contains(body, "*") || wildcard != template.Wildcard || len(body) > MaxKey || strings.HasPrefix(a, "/") || strings.ContainsAny(a, `?$%\{}`) {
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
