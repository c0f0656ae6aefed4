package policy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cos-credentials/policy"
	"cos-credentials/test/corpus"
)

// at follows a path through the schema.
func at(t testing.TB, schema any, path string) any {
	t.Helper()
	for _, name := range strings.Split(path, "/") {
		switch v := schema.(type) {
		case map[string]any:
			schema = v[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(v) {
				t.Fatalf("%s: no item %s", path, name)
			}
			schema = v[i]
		}
		if schema == nil {
			t.Fatalf("the schema has no %s (of %s)", name, path)
		}
	}
	return schema
}

func keys(v any) []string {
	return slices.Collect(maps.Keys(v.(map[string]any)))
}

func texts(v any) (out []string) {
	for _, one := range v.([]any) {
		out = append(out, one.(string))
	}
	return out
}

// The schema knows exactly the names that the loader knows, as the loader's own messages list them.
func TestSchemaKnowsTheLoadersNames(t *testing.T) {
	raw, _ := schema(t)
	const issuer, grant = "issuers: [{unknown: 1, %s}]\ngrants: []", "issuers: []\ngrants: [{unknown: 1, %s}]"
	for _, c := range []struct {
		file, message string
		have          []string
	}{
		{"unknown: 1", `unknown: is not known here: the file may hold (.*)`, keys(at(t, raw, "properties"))},
		{fmt.Sprintf(issuer, "name: a"), `unknown: is not known here: issuers\[0\] may hold (.*)`, keys(at(t, raw, "$defs/issuer/properties"))},
		{fmt.Sprintf(issuer, "name: a"), `has no key source: name one of (.*)`, keySources(at(t, raw, "$defs/issuer/anyOf"))},
		{fmt.Sprintf(issuer, "discovery: true, algorithms: [x]"), `"x" is not an algorithm that can be used: choose from (.*)`,
			slices.DeleteFunc(texts(at(t, raw, "$defs/issuer/properties/algorithms/items/anyOf/0/enum")), func(s string) bool { return strings.HasPrefix(s, "HS") })},
		{fmt.Sprintf(issuer, "secret: x, algorithms: [x]"), `"x" does not go with a secret: that takes (.*?);`, texts(at(t, raw, "$defs/issuer/then/else/properties/algorithms/items/anyOf/0/enum"))},
		{fmt.Sprintf(issuer, "secret: x, algorithms: [x]"), `"x" does not go with a secret: that takes (.*?);`, texts(at(t, raw, "$defs/issuer/else/properties/algorithms/items/not/enum"))},
		{fmt.Sprintf(issuer, "secretEncoding: x"), `"x" is not known: choose from (.*)`, texts(at(t, raw, "$defs/issuer/properties/secretEncoding/anyOf/0/enum"))},
		{fmt.Sprintf(issuer, "subject: {unknown: 1}"), `unknown: is not known here: issuers\[0\].subject may hold (.*)`, keys(at(t, raw, "$defs/issuer/properties/subject/properties"))},
		{fmt.Sprintf(grant, "name: a"), `unknown: is not known here: grants\[0\] may hold (.*)`, keys(at(t, raw, "$defs/grant/properties"))},
		{fmt.Sprintf(grant, "allow: [{unknown: 1}]"), `unknown: is not known here: grants\[0\].allow\[0\] may hold (.*)`,
			keys(at(t, raw, "$defs/rule/properties"))},
		{fmt.Sprintf(grant, "objectAcl: x"), `"x" is not (private or any)`,
			texts(at(t, raw, "$defs/grant/properties/objectAcl/anyOf/0/enum"))},
		{fmt.Sprintf(grant, "storageClasses: [x]"), `"x" is not a storage class: choose from (.*)`,
			texts(at(t, raw, "$defs/grant/properties/storageClasses/items/anyOf/0/enum"))},
		{fmt.Sprintf(grant, "allowActions: [x]"), `"x" is neither a preset \((.*?)\)`, presets(at(t, raw, "$defs/action/anyOf"))},
		{fmt.Sprintf(grant, "condition: {unknown: {}}"), `condition.unknown: is not an operator that COS knows: choose from (.*)`, keys(at(t, raw, "$defs/condition/properties"))},
		{fmt.Sprintf(grant, "condition: {ip_equal: {unknown: 1}}"), `ip_equal.unknown: is not carried by every request.*: choose from (.*)`, keys(at(t, raw, "$defs/conditionKeys/properties"))},
	} {
		problems := fmt.Sprint(load(c.file, corpus.Env))
		found := regexp.MustCompile(c.message).FindStringSubmatch(problems)
		if found == nil {
			t.Errorf("%s\nno message %s in\n%s", c.file, c.message, problems)
			continue
		}
		want := strings.Split(strings.ReplaceAll(found[1], " or ", ", "), ", ")
		slices.Sort(want)
		if slices.Sort(c.have); !slices.Equal(c.have, want) {
			t.Errorf("%s\nloader %q\nschema %q", c.message, want, c.have)
		}
	}
}

func keySources(oneOf any) (out []string) {
	for _, one := range oneOf.([]any) {
		out = append(out, texts(one.(map[string]any)["required"])...)
	}
	return out
}

func presets(anyOf any) (out []string) {
	for _, one := range anyOf.([]any) {
		if preset, ok := one.(map[string]any)["const"]; ok {
			out = append(out, preset.(string))
		}
	}
	return out
}

// What is required by the one is required by the other.
func TestSchemaRequiresWhatTheLoaderRequires(t *testing.T) {
	raw, _ := schema(t)
	for path, file := range map[string]string{"required": "x: 1", "$defs/issuer/required": "issuers: [{}]\ngrants: []", "$defs/grant/required": "issuers: []\ngrants: [{}]", "$defs/rule/required": "issuers: []\ngrants: [{name: a, bucket: a-1, region: aa-1, allow: [{}]}]"} {
		want := texts(at(t, raw, path))
		var got []string
		for _, found := range regexp.MustCompile(`(\w+): is missing`).FindAllStringSubmatch(fmt.Sprint(load(file, corpus.Env)), -1) {
			got = append(got, found[1])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: loader %q, schema %q", path, got, want)
		}
	}
}

// An operator of a condition may end in _if_exist, and so may the schema's, and no others.
func TestSchemaKnowsIfExist(t *testing.T) {
	raw, _ := schema(t)
	patterns := keys(at(t, raw, "$defs/condition/patternProperties"))
	pattern := regexp.MustCompile(patterns[0])
	for _, operator := range keys(at(t, raw, "$defs/condition/properties")) {
		for _, name := range []string{operator, operator + "_if_exist", operator + "_if_exist_if_exist", "x" + operator + "_if_exist"} {
			file := fmt.Sprintf("issuers: []\ngrants: [{condition: {%s: {qcs:ip: 10.0.0.0/8}}}]", name)
			known := !strings.Contains(fmt.Sprint(load(file, corpus.Env)), "is not an operator that COS knows")
			if known != (name == operator || pattern.MatchString(name)) {
				t.Errorf("%s: the loader knows it: %v", name, known)
			}
		}
	}
	if len(patterns) != 1 || pattern.MatchString("null_equal_if_exist") {
		t.Error("one pattern is meant to be there")
	}
}

// Each field explains itself, and each example and default passes.
func TestSchemaExplains(t *testing.T) {
	raw, _ := schema(t)
	shown := 0
	for _, object := range []string{"", "$defs/issuer/", "$defs/grant/", "$defs/rule/"} {
		for name, field := range at(t, raw, object+"properties").(map[string]any) {
			field := field.(map[string]any)
			examples, _ := field["examples"].([]any)
			preset, hasDefault := field["default"]
			if field["title"] == nil || field["description"] == nil || len(examples) == 0 && !hasDefault {
				t.Errorf("%s%s needs a title, a description, and an example or a default", object, name)
			}
			s := compile(t, raw, "/"+object+"properties/"+name)
			if hasDefault {
				examples = append(examples, preset)
			}
			for _, v := range examples {
				if err := s.Validate(v); err != nil {
					t.Errorf("%s%s: the example %v: %v", object, name, v, err)
				}
				shown++
			}
		}
	}
	for _, one := range at(t, raw, "$defs/action/anyOf").([]any) {
		if one := one.(map[string]any); one["description"] == nil && one["$ref"] == nil {
			t.Errorf("the action %v needs a description", one)
		}
	}
	if shown < 30 {
		t.Errorf("only %d examples", shown)
	}
}

// A default is what the loader takes when the field is left out.
func TestSchemaHasTheLoadersDefaults(t *testing.T) {
	raw, _ := schema(t)
	read := func(issuer, grant string) *policy.Access {
		file := fmt.Sprintf(`
issuers: [{%sname: shop, issuer: i, audiences: [a], discovery: true}]
grants: [{%sname: files, bucket: b-1, region: ap-guangzhou, allowPrefixes: ["{sub}/*"], allowActions: [upload]}]
`, issuer, grant)
		access, err := policy.Load(policy.Source{YAML: []byte(file)})
		if err != nil {
			t.Fatalf("%s%v", file, err)
		}
		return access
	}
	written := func(object string) string {
		out := ""
		for name, field := range at(t, raw, object).(map[string]any) {
			if v, ok := field.(map[string]any)["default"]; ok {
				text, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				out += name + ": " + string(text) + ", "
			}
		}
		return out
	}
	issuer, grant := written("$defs/issuer/properties"), written("$defs/grant/properties")
	if strings.Count(issuer, ": ") != 4 || strings.Count(grant, ": ") != 7 {
		t.Errorf("other defaults than the contract's: %s| %s", issuer, grant)
	}
	if !reflect.DeepEqual(read("", ""), read(issuer, grant)) {
		t.Errorf("the file reads differently with %s%s", issuer, grant)
	}
}
