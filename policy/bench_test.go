package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// many is an entitlement to so many folders.
func many(b *testing.B, prefixes int, actions string) (*Access, Identity) {
	b.Helper()
	var all []string
	for i := range prefixes {
		all = append(all, fmt.Sprintf(`"f%02d/{sub}/*"`, i))
	}
	access, problems := load(b, `
issuers: [{name: shop, issuer: shop, audiences: [x], secret: "${SECRET}"}]
grants:
  - name: g
    bucket: b-1
    region: ap-guangzhou
    allowPrefixes: [`+strings.Join(all, ", ")+`]
    allowActions: [`+actions+`]
`)
	if problems != nil {
		b.Fatal(problems)
	}
	return access, Identity{Issuer: "shop", Claims: map[string]any{"sub": "42"}}
}

// From a login to its CAM document.
func BenchmarkEntitleAndDocument(b *testing.B) {
	for _, prefixes := range []int{1, 8, 60} {
		b.Run(fmt.Sprint(prefixes), func(b *testing.B) {
			access, id := many(b, prefixes, "simpleUpload")
			for b.Loop() {
				e, err := access.Entitle(id, "", "")
				if err != nil {
					b.Fatal(err)
				}
				if _, err := e.Document(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The longest work that a request can ask for: 1,000 items, spread over 100 prefixes and 12 actions so that folding one
// cluster after another hardly helps. It must take less than 50 ms.
func BenchmarkFold(b *testing.B) {
	e, scope := widest()
	for b.Loop() {
		if _, err := e.Narrow(scope); err != nil {
			b.Fatal(err)
		}
	}
}

func widest() (*Entitlement, []Item) {
	e := &Entitlement{Bucket: "examplebucket-1250000000", Region: "ap-guangzhou"}
	var prefixes []string
	for i := range 100 {
		prefixes = append(prefixes, fmt.Sprintf("folder-%02d/42/*", i))
	}
	for _, name := range ActionNames()[:12] {
		e.opens = append(e.opens, opening{name, prefixes})
	}
	var scope []Item
	for i := range 1000 {
		folder := strings.TrimSuffix(prefixes[i/2%100], "*")
		scope = append(scope, Item{e.opens[i/84].action, e.Bucket, e.Region, fmt.Sprintf("%salbum/%d.jpg", folder, i)})
	}
	return e, scope
}

// BenchmarkShippedDocument reports how long the document of the shipped access file is.
func BenchmarkShippedDocument(b *testing.B) {
	access, err := Load(Source{YAML: shipped(b), Env: func(name string) (string, bool) {
		return map[string]string{
			"JWT_SECRET": strings.Repeat("s", 32),
			"COS_BUCKET": "examplebucket-1250000000",
			"COS_REGION": "ap-guangzhou",
		}[name], true
	}})
	if err != nil {
		b.Fatal(err)
	}
	var text []byte
	for b.Loop() {
		e, err := access.Entitle(Identity{Issuer: "mini", Claims: map[string]any{"sub": "alice"}}, "", "")
		if err != nil {
			b.Fatal(err)
		}
		doc, err := e.Document()
		if err != nil {
			b.Fatal(err)
		}
		text, _ = json.Marshal(doc)
	}
	b.ReportMetric(float64(len(text)), "characters")
}
