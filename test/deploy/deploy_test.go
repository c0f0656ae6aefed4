package deploy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
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
		"STS_HOST": "sts.internal.tencentcloudapi.com", "STS_SCHEME": "https", "STS_REGION": "na-siliconvalley", "STS_CACHE": "off", "LOGIN_RATE": "1000",
		"ALLOW_ORIGINS": strings.Join(origins, ","), "LOG_LEVEL": "debug",
		"TOKENS_NOT_BEFORE": "2026-01-31T12:00:00Z", "BLOCKED": "0123456789abcdef", "ACCESS_FILE": "/var/user/access.yaml",
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

// wrong is what the component would take and what would break or open the function all the same.
func wrong(c *Component) (out []string) {
	in := c.Inputs
	must := func(ok bool, what string) {
		if !ok {
			out = append(out, what)
		}
	}
	must(c.Component == "scf" && in.Type == "event" && in.Runtime == "Go1", "component, type, runtime: a Go1 event function")
	must(in.Handler == "main" && in.Src.Src == "./build" && slices.Equal(in.Src.Exclude, []string{"main.zip"}),
		"handler, src: what `package` builds is the handler, and a zip of it for an upload by hand")
	must(in.PublicAccess, "publicAccess: without it STS can't be reached")
	must(in.Environment.Variables["STS_SECRET_ID"] != "" || in.Role != "" && in.Environment.Variables["STS_ROLE_ARN"] != "",
		"without STS_SECRET_ID the function needs role and STS_ROLE_ARN")
	size := 0
	for name, v := range in.Environment.Variables {
		size += len(name) + len(v)
	}
	must(size <= 4096, "variables: the platform takes 4 KB") // https://cloud.tencent.com/document/product/583/11637
	must(len(in.Events) > 0, "events: nobody could call the function")
	for _, e := range in.Events {
		must((e.HTTP == nil) != (e.APIGW == nil), "events: one trigger each")
		if e.HTTP != nil {
			must(e.HTTP.Parameters.AuthType == "NONE", "http.authType: the function checks the login itself")
			must(e.HTTP.Parameters.NetConfig.EnableExtranet, "enableExtranet: nobody outside could call the URL")
		}
		if e.APIGW == nil {
			continue
		}
		must(e.APIGW.Parameters.ServiceID != "", "serviceId: new services can't be created")
		must(slices.Equal(e.APIGW.Parameters.Protocols, []string{"https"}), "protocols: a login's token travels here")
		for _, p := range e.APIGW.Parameters.Endpoints {
			must(p.Path == "/" && p.Method == "ANY", "path, method: the function answers several of both")
			must(p.AuthType == "NONE", "endpoints.authType: the function checks the login itself")
			must(!p.EnableCORS, "enableCORS: it allows every origin")
			must(p.ServiceTimeout > in.Timeout, "serviceTimeout: the function's own timeout must come first")
			must(p.Function.IsIntegratedResponse, "isIntegratedResponse: status and headers would arrive as text")
		}
	}
	return out
}

// The file can be used as it is, and with each and all of what is commented out, with nothing in .env but what that needs.
func TestFileCanBeUsed(t *testing.T) {
	text := file(t)
	texts := map[string]string{"everything": Use(text, Optional(text)...)}
	for _, v := range variants {
		texts[v.name] = v.change(text)
	}
	for _, key := range Optional(text) {
		texts[key] = Use(text, key)
	}
	for name, text := range texts {
		if c, err := Parse(text, values()); err != nil || wrong(c) != nil {
			t.Errorf("%s: %v %q", name, err, wrong(c))
		}
	}
	needed := map[string]string{}
	for _, name := range []string{"COS_BUCKET", "COS_REGION", "JWT_SECRET", "EXECUTION_ROLE", "STS_ROLE_ARN"} {
		needed[name] = values()[name]
	}
	if _, err := Parse(text, needed); err != nil {
		t.Error(err)
	}
	for name := range needed {
		fewer := maps.Clone(needed)
		delete(fewer, name)
		if _, err := Parse(text, fewer); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// No value stands in the file: every variable is read from .env, under its own name.
func TestFileHoldsNoSecret(t *testing.T) {
	var raw Component
	text := file(t)
	if err := yaml.Unmarshal([]byte(Use(text, Optional(text)...)), &raw); err != nil {
		t.Fatal(err)
	}
	for name, v := range raw.Inputs.Environment.Variables {
		if v != "${env:"+name+"}" {
			t.Errorf("%s is %q", name, v)
		}
	}
	want, got := slices.Sorted(maps.Keys(values())), slices.Sorted(slices.Values(Variables(text)))
	if !slices.Equal(got, want) {
		t.Errorf("the file reads %q\nthe tests know %q", got, want)
	}
}

// Rules that accept everything would prove nothing.
func TestMistakesAreNoticed(t *testing.T) {
	text := file(t)
	text = Use(text, Optional(text)...)
	for _, c := range []struct{ was, is, says string }{
		{"type: event", "type: web", "type"},
		{"handler: main", "handler: index", "handler"},
		{"exclude: [main.zip]", "exclude: []", "src"},
		{"name: ${name}-${stage}", "name: ${name}-${stages}", "${stages} is not set"},
		{"memorySize: 128", "memory: 128", "field memory not found"},
		{"timeout: 10", "timeout: 15", "serviceTimeout"},
		{"publicAccess: true", "", "publicAccess"},
		{"LOG_LEVEL: ${env:LOG_LEVEL}", "LOG_LEVEL: " + strings.Repeat("x", 3000), "4 KB"},
		{"STS_SECRET_ID: ${env:STS_SECRET_ID}", "OTHER: ''", ""}, // the execution role is there
		{"{enableExtranet: true, ", "{", "enableExtranet"},
		{"authType: NONE # the", "authType: CAM # the", "http.authType"},
		{"authType: NONE # as", "authType: APP # as", "endpoints.authType"},
		{"protocols: [https]", "protocols: [http, https]", "protocols"},
		{"path: /", "path: /sts", "path"},
		{"method: ANY", "method: GET", "method"},
		{"enableCORS: false", "enableCORS: true", "enableCORS"},
		{"isIntegratedResponse: true", "isIntegratedResponse: false", "isIntegratedResponse"},
	} {
		changed := strings.Replace(text, c.was, c.is, 1)
		if changed == text {
			t.Errorf("%q is not in the file", c.was)
		}
		parsed, err := Parse(changed, values())
		said := fmt.Sprint(err)
		if err == nil {
			said = strings.Join(wrong(parsed), "; ")
		}
		if !strings.Contains(said, c.says) || (said == "") != (c.says == "") {
			t.Errorf("%s instead of %s: %s", c.is, c.was, said)
		}
	}
	for _, key := range []string{"STS_ROLE_ARN", "role"} {
		if c, err := Parse(Without(file(t), key), values()); err != nil || len(wrong(c)) != 1 {
			t.Errorf("without %s nobody could ask STS: %v", key, err)
		}
	}
}
