package deploy

import (
	"archive/zip"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cos-credentials/test/repo"
)

func file(t testing.TB) string {
	t.Helper()
	text, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

const role = "qcs::cam::uin/100000000001:roleName/a-role-with-a-rather-long-name-for-uploads-from-pages-and-mini-programs"

// values are what .env may hold, as long as they get.
func values() map[string]string {
	var origins []string
	for i := range 20 {
		origins = append(origins, fmt.Sprintf("https://pages-%02d.shop.example.com", i))
	}
	return map[string]string{
		"COS_BUCKET": "a-bucket-with-a-rather-long-name-for-uploads-1250000000", "COS_REGION": "na-siliconvalley",
		"JWT_SECRET": strings.Repeat("secret-0", 16), "EXECUTION_ROLE": "a-role-of-the-function",
		"STS_ROLE_ARN": role, "STS_EXTERNAL_ID": strings.Repeat("external", 16),
		"STS_SECRET_ID": "AKID" + strings.Repeat("id", 16), "STS_SECRET_KEY": strings.Repeat("key0", 16),
		"STS_HOST": "sts.internal.tencentcloudapi.com", "STS_SCHEME": "https", "STS_REGION": "na-siliconvalley", "STS_CACHE": "off",
		"ALLOW_ORIGINS": strings.Join(origins, ","), "LOG_LEVEL": "debug", "ACCESS_FILE": "/var/user/access.yaml",
		"CLS_LOGSET_ID": "00000000-0000-4000-8000-000000000000", "CLS_TOPIC_ID": "00000000-0000-4000-8000-000000000001",
		"APIGW_SERVICE_ID": "service-bylee882",
	}
}

// variants are the ways in which the file may be used, its comments included, and how the function then asks STS.
var variants = []struct {
	name, asks string
	change     func(text string) string
}{
	{"as it is", "AssumeRole TC3", func(s string) string { return s }},
	{"with a permanent key", "GetFederationToken v1", func(s string) string {
		return Use(Without(s, "role", "STS_ROLE_ARN"), "STS_SECRET_ID", "STS_SECRET_KEY")
	}},
	{"with a permanent key and a role", "AssumeRole v1", func(s string) string { return Use(s, "STS_SECRET_ID", "STS_SECRET_KEY") }},
	{"with API Gateway", "AssumeRole TC3", func(s string) string { return Use(s, "apigw") }},
	{"with everything", "AssumeRole v1", func(s string) string { return Use(s, Optional(s)...) }},
}

func TestComponentTakesIt(t *testing.T) {
	text := file(t)
	hold := func(name, text string) *Component {
		c, err := Parse(text, values())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, p := range c.Problems() {
			t.Errorf("%s: %s", name, p)
		}
		return c
	}
	for _, v := range variants {
		hold(v.name, v.change(text))
	}
	for _, key := range Optional(text) {
		hold(key, Use(text, key))
	}
	all := hold("everything", Use(text, Optional(text)...))
	if len(all.Inputs.Events) != 2 || all.Inputs.Events[1].APIGW == nil || all.Inputs.CLS == nil {
		t.Errorf("a part is missing: %+v", all)
	}
	want := slices.Sorted(maps.Keys(values()))
	if got := slices.Sorted(slices.Values(Variables(text))); !slices.Equal(got, want) {
		t.Errorf("the file reads %q\nthe tests know %q", got, want)
	}
	// Nothing that is optional has to be set before it is used.
	needed := map[string]string{}
	for _, name := range []string{"COS_BUCKET", "COS_REGION", "JWT_SECRET", "EXECUTION_ROLE", "STS_ROLE_ARN"} {
		needed[name] = values()[name]
	}
	if c, err := Parse(text, needed); err != nil || len(c.Problems()) > 0 {
		t.Errorf("with %q alone: %v", slices.Sorted(maps.Keys(needed)), err)
	}
	for name := range needed {
		fewer := maps.Clone(needed)
		delete(fewer, name)
		if _, err := Parse(text, fewer); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// Rules that accept everything would prove nothing.
func TestComponentRefuses(t *testing.T) {
	text := file(t)
	text = Use(text, Optional(text)...)
	for _, c := range []struct{ was, is, says string }{
		{"component: scf", "component: website", "component"},
		{"name: ${name}-${stage}", "name: 1-${stage}", "inputs.name"},
		{"name: ${name}-${stage}", "name: ${name}-${stages}", "${stages} is not set"},
		{"type: event", "type: web", "inputs.type"},
		{"runtime: Go1", "runtime: Go2", "inputs.runtime"},
		{"region: ${env:COS_REGION}", "region: guangzhou", "inputs.region"},
		{"memorySize: 128", "memorySize: 100", "inputs.memorySize"},
		{"memorySize: 128", "memorySize: 32", "inputs.memorySize"},
		{"memorySize: 128", "memory: 128", "field memory not found"},
		{"timeout: 10", "timeout: 901", "inputs.timeout"},
		{"timeout: 10", "timeout: 0", "inputs.timeout"},
		{"timeout: 10", "timeout: 15", "serviceTimeout"},
		{"timeout: 10", "initTimeout: 2", "inputs.initTimeout"},
		{"publicAccess: true", "publicAccess: false", "publicAccess"},
		{"JWT_SECRET: ${", "JWT-SECRET: ${", `variable "JWT-SECRET"`},
		{"JWT_SECRET: ${", "SCF_SECRET: ${", `variable "SCF_SECRET"`},
		{"LOG_LEVEL: ${env:LOG_LEVEL}", "LOG_LEVEL: " + strings.Repeat("x", 3000), "the platform takes 4096"},
		{"role: ${env:EXECUTION_ROLE}", "role: ''", ""}, // a permanent key is there
		{"enableExtranet: true", "enableExtranet: false", "enableExtranet"},
		{"{enableExtranet: true, ", "{", "enableExtranet"},
		{"authType: NONE # the", "authType: CAM # the", "authType"},
		{"authType: NONE # as", "authType: APP # as", "authType"},
		{"protocols: [https]", "protocols: [http, https]", "protocols"},
		{"netTypes: [OUTER]", "netTypes: [INNER]", "netTypes"},
		{"environment: release", "environment: prod", "environment"},
		{"path: /", "path: /sts", "path"},
		{"method: ANY", "method: GET", "method"},
		{"enableCORS: false", "enableCORS: true", "enableCORS"},
		{"isIntegratedResponse: true", "isIntegratedResponse: false", "isIntegratedResponse"},
		{"logsetId: ${env:CLS_LOGSET_ID}", "logsetId: ''", "cls"},
	} {
		if !strings.Contains(text, c.was) {
			t.Errorf("%q is not in the file", c.was)
			continue
		}
		parsed, err := Parse(strings.Replace(text, c.was, c.is, 1), values())
		said := fmt.Sprint(err)
		if err == nil {
			said = strings.Join(parsed.Problems(), "; ")
		}
		if !strings.Contains(said, c.says) || (said == "") != (c.says == "") {
			t.Errorf("%s instead of %s: %s", c.is, c.was, said)
		}
	}
	if c, err := Parse(Without(file(t), "STS_ROLE_ARN"), values()); err != nil || len(c.Problems()) != 1 {
		t.Errorf("without anyone who asks STS: %v", err)
	}
}

// What `package` builds is what src uploads: the handler, and nothing else.
func TestUploadIsTheHandler(t *testing.T) {
	c, err := Parse(file(t), values())
	if err != nil {
		t.Fatal(err)
	}
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	command := exec.CommandContext(t.Context(), "go", "run", "./test/local", "package", "-o", dir)
	command.Dir = root
	said, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var uploaded []string
	for _, e := range entries {
		if !slices.Contains(c.Inputs.Src.Exclude, e.Name()) {
			uploaded = append(uploaded, e.Name())
		}
	}
	if !slices.Equal(uploaded, []string{c.Inputs.Handler}) || len(entries) != 2 || c.Inputs.Src.Src != "./build" {
		t.Errorf("%s and without %q: %q", c.Inputs.Src.Src, c.Inputs.Src.Exclude, uploaded)
	}
	info, err := os.Stat(filepath.Join(dir, c.Inputs.Handler))
	if err != nil || info.Mode()&0o111 != 0o111 {
		t.Errorf("the platform could not start it: %v %v", info, err)
	}
	z, err := zip.OpenReader(filepath.Join(dir, "main.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if len(z.File) != 1 || z.File[0].Name != c.Inputs.Handler {
		t.Errorf("the zip for an upload by hand holds %q", z.File[0].Name)
	}
}
