package deploy

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cos-credentials/test/repo"
)

// module is the Terraform page's text of a module.
func module(t *testing.T) string {
	t.Helper()
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "function/deploy/TERRAFORM.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```hcl\n")
	text, _, closed := strings.Cut(rest, "\n```\n")
	if !closed {
		t.Fatal("the page has no module")
	}
	return text
}

// words are what a pattern's group finds in a text, sorted.
func words(pattern, text string) []string {
	found := map[string]bool{}
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		found[match[1]] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// The module sets each variable that serverless.yml sets, and knows each that it offers.
func TestTerraformHasEveryVariable(t *testing.T) {
	set := Fill(Shipped, "").Inputs.Environment.Variables
	offered := Fill(Everything, "").Inputs.Environment.Variables
	if got, want := words(`\b([A-Z]+_[A-Z_]+)\s+= `, module(t)), slices.Sorted(maps.Keys(set)); !slices.Equal(got, want) {
		t.Errorf("the module sets %q, and serverless.yml %q", got, want)
	}
	for name := range set {
		delete(offered, name)
	}
	delete(offered, "STS_SECRET_ID") // the module has roles in their place
	delete(offered, "STS_SECRET_KEY")
	_, list, _ := strings.Cut(module(t), "contains([")
	list, _, _ = strings.Cut(list, "]")
	if got, want := words(`"(\w+)"`, list), slices.Sorted(maps.Keys(offered)); !slices.Equal(got, want) {
		t.Errorf("the module knows %q, and serverless.yml offers %q", got, want)
	}
}

// The module describes the same function as serverless.yml.
func TestTerraformDescribesTheSameFunction(t *testing.T) {
	in := Fill(Shipped, "").Inputs
	url := in.Events[0].HTTP.Parameters
	for argument, described := range map[string]any{
		"runtime": in.Runtime, "handler": in.Handler, "mem_size": in.MemorySize,
		"timeout": in.Timeout, "enable_public_net": in.PublicAccess, "func_type": in.Type,
		"AuthType": url.AuthType, "EnableExtranet": url.NetConfig.EnableExtranet,
		"EnableIntranet": url.NetConfig.EnableIntranet,
	} {
		got := words(`\b`+argument+`\s+= "?([A-Za-z0-9]+)`, module(t))
		if want := fmt.Sprint(described); len(got) != 1 || !strings.EqualFold(got[0], want) {
			t.Errorf("%s is %q, and serverless.yml's %q", argument, got, want)
		}
	}
	if got := words(`\bdescription\s+= "(Temporary.*)"`, module(t)); !slices.Equal(got, []string{in.Description}) {
		t.Errorf("description is %q, and serverless.yml's %q", got, in.Description)
	}
}

// The role that keys are made from may do what the shipped access file's grants give, and is denied what each key is.
func TestTerraformAllowsWhatGrantsGive(t *testing.T) {
	key := shippedKey(t)
	for what, pattern := range map[string]string{
		"actions":          `"(name/cos:\w+)"`,
		"conditions":       `"(cos:x-[\w-]+)"`,
		"values of x-acls": `"((?:public|authenticated|bucket)-[\w-]+)"`,
	} {
		if got, want := words(pattern, module(t)), words(pattern, key); !slices.Equal(got, want) || len(got) < 5 {
			t.Errorf("the module's %s are %q, and a key's %q", what, got, want)
		}
	}
}
