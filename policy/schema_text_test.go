package policy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The forms of texts are written twice, as code for the loader and as patterns for editors. Both say the same of any
// text; but what is in a variable an editor can't know.
func TestSchemaReadsTextsAsTheLoaderDoes(t *testing.T) {
	raw, s := schema(t)
	variable := compile(t, raw, "/$defs/variable")
	set := func(string) (string, bool) { return "v", true }
	const base = `
issuers: [{name: shop, issuer: i, audiences: [a], discovery: true}]
grants: [{name: files, bucket: b-1, region: ap-guangzhou, allowPrefixes: ["{sub}/*"], allowActions: [download]}]
`
	prefixes := strings.Fields(`a a a / / /* /* * {sub} {sub} {t[]} {t[]} {t[]|hex} {t[]|int} {issuer[]} {a.b} {x:1-_} {id|int} {issuer} {issuer|int} {x|hex} { } | . .. ? $ % \ é`)
	prefixes = append(prefixes, "\x01", "\x7f", "\u0085", "\u00a0", "\ufffd", " ")
	for _, form := range []struct{ field, becomes, pieces string }{
		{"name: shop", `name: TEXT`, "a a 1 - A _ . abcdefghijklmnop abcdefghijklmnopqrstuvwxyz01234"},
		{"name: files", "name: TEXT", "a $ $ { { } A A_1} 1 \u00a0 é"},
		{"bucket: b-1", "bucket: TEXT", "a b- -1 b-1 a-12 x-3 - A _ . /"},
		{"region: ap-guangzhou", "region: TEXT", "ap ap-a -b -1 - a 1 A ."},
		{`allowPrefixes: ["{sub}/*"]`, "allowPrefixes: [TEXT]", strings.Join(prefixes, "\n")},
		{`allowPrefixes: ["{sub}/*"]`, "when: {role: [staff]}, allowPrefixes: [TEXT]", strings.Join(prefixes, "\n")},
		{"allowActions: [download]", "allowActions: [TEXT]", "name/cos: name/cos:Put name/cos:Get name/cos:A name/cos:List name/sts:Put Get Object Bucket Service upload delete * a A 1 ?"},
		{"allowActions: [download]", "allowActions: [download], domain: TEXT", "a a.b .b 1.c . a-1.d - 1 A é : / x-"},
		{`allowPrefixes: ["{sub}/*"]`, "allowPrefixes: [TEXT]", "* a / {sub}"},
		{"allowActions: [download]", "allowActions: [upload], contentTypes: [TEXT]", "a image/ image/png text/ /* * a/ png +xml A ; . /"},
	} {
		pieces := strings.Fields(form.pieces)
		if strings.Contains(form.pieces, "\n") {
			pieces = strings.Split(form.pieces, "\n")
		}
		accepted, refused := 0, 0
		rapid.Check(t, func(t *rapid.T) {
			for range 8 {
				text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 5).Draw(t, form.becomes), "")
				quoted, err := json.Marshal(text)
				if err != nil {
					t.Fatal(err)
				}
				file := strings.Replace(base, form.field, strings.Replace(form.becomes, "TEXT", string(quoted), 1), 1)
				editor, loader := accepts(s, file), load(file, set)
				if (editor == nil) != (loader == nil) && (loader == nil || variable.Validate(text) != nil) {
					t.Fatalf("%s\nthe loader says %v\nthe schema says %v", file, loader, editor)
				}
				if loader == nil {
					accepted++
				} else {
					refused++
				}
			}
		})
		if accepted < 20 || refused < 20 {
			t.Errorf("%s: %d accepted, %d refused: hardly tested", form.becomes, accepted, refused)
			return
		}
	}
}
