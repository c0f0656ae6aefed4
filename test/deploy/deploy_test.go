package deploy

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// rules are the fields that the file may have, by their path, and what they must hold: another field is one that the
// component doesn't know. A block has all of its fields.
// https://github.com/serverless-components/tencent-scf/blob/master/docs/configure.md
var rules = map[string]string{
	"component": "scf", "name": ".+", "stage": ".+",
	"inputs.name": ".+-.+", "inputs.description": ".+", "inputs.region": ".+",
	"inputs.type": "event", "inputs.runtime": "Go1", "inputs.handler": "main",
	"inputs.src.src": "./build", "inputs.src.exclude[]": "main.zip", // what `package` builds
	"inputs.memorySize": `\d+`, "inputs.timeout": `\d+`,
	"inputs.publicAccess": "true", // STS and key sets are outside
	"inputs.role":         ".+",   // not with a permanent key
	"inputs.cls.logsetId": ".+", "inputs.cls.topicId": ".+",
	"inputs.events[]": "",
	url + "qualifier": `\$DEFAULT`, url + "authType": "NONE", // the function checks the login itself
	url + "netConfig.enableExtranet": "true", url + "netConfig.enableIntranet": "true|false",
	gateway + "serviceId": ".+", gateway + "environment": "release", gateway + "netTypes[]": "OUTER|INNER",
	gateway + "protocols[]": "https", // a token travels here
	endpoint + "path":       "/", endpoint + "method": "ANY", endpoint + "authType": "NONE",
	endpoint + "enableCORS":     "false", // it would allow every origin
	endpoint + "serviceTimeout": `\d+`, endpoint + "function.functionQualifier": `\$DEFAULT`,
	endpoint + "function.isIntegratedResponse": "true",
}

const (
	url      = "inputs.events[].http.parameters."
	gateway  = "inputs.events[].apigw.parameters."
	endpoint = gateway + "endpoints[]."
)

// flatten writes down every field by its path, and every block as a field without a value.
func flatten(path string, node any, out map[string]string) {
	switch node := node.(type) {
	case map[string]any:
		out[path] = ""
		for name, v := range node {
			flatten(strings.TrimPrefix(path+"."+name, "."), v, out)
		}
	case []any:
		for _, v := range node {
			flatten(path+"[]", v, out)
		}
	default:
		out[path] = fmt.Sprint(node)
	}
}

// wrong is what the component would not take, and what would break or open the function.
func wrong(text string, env map[string]string) (out []string) {
	must := func(ok bool, format string, args ...any) {
		if !ok {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	filled, err := fill(text, env)
	must(err == nil, "%v", err)
	var document map[string]any
	err = yaml.Unmarshal([]byte(filled), &document)
	must(err == nil, "%v", err)
	found := map[string]string{}
	flatten("", document, found)
	for path := range rules {
		_, there := found[path]
		_, block := found[path[:max(0, strings.LastIndex(path, "."))]]
		must(there || !block || path == "inputs.role", "%s is missing", path)
	}
	size := 0
	for path, v := range found {
		if name, ok := strings.CutPrefix(path, "inputs.environment.variables."); ok {
			size += len(name) + len(v)
			must(strings.HasPrefix(v, name+" "), "%s holds another variable's value, %s", name, v)
		} else if v != "" {
			form, known := rules[path]
			must(known && regexp.MustCompile("^("+form+")$").MatchString(v), "%s is unknown, or must not be %s", path, v)
		}
	}
	must(size <= 4096, "variables: the platform takes 4 KB") // https://cloud.tencent.com/document/product/583/11637
	own, _ := strconv.Atoi(found["inputs.timeout"])
	longer, err := strconv.Atoi(found[endpoint+"serviceTimeout"])
	must(err != nil || longer > own, "serviceTimeout: the function's own timeout must come first")
	return out
}

// read is the file, and what .env may hold for it: long values.
func read(t *testing.T) (text string, env map[string]string) {
	t.Helper()
	text, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	env = map[string]string{}
	for _, name := range Variables(text) {
		env[name] = name + strings.Repeat(" value", 20)
	}
	return text, env
}

// The file can be used as it is, and with all that is commented out. Rules that accept everything would prove nothing.
func TestFile(t *testing.T) {
	text, env := read(t)
	if bad := append(wrong(text, env), wrong(Everything(text), env)...); bad != nil {
		t.Errorf("%q", bad)
	}
	text = Everything(text)
	for _, c := range []struct{ was, is, says string }{
		{"type: event", "type: web", "inputs.type"},
		{"name: ${name}-${stage}", "name: ${name}-${stages}", "${stages} is not set"},
		{"memorySize: 128", "memory: 128", "inputs.memory is unknown"},
		{"timeout: 10", "timeout: 15", "serviceTimeout"},
		{"publicAccess: true", "", "publicAccess is missing"},
		{"${env:STS_SECRET_KEY}", "${env:STS_SECRET_ID}", "STS_SECRET_KEY holds another"},
		{"LOG_LEVEL: ${env:LOG_LEVEL}", "LOG_LEVEL: LOG_LEVEL " + strings.Repeat("x", 3000), "4 KB"},
		{"{enableExtranet: true, ", "{", "enableExtranet is missing"},
		{"protocols: [https]", "protocols: [http]", "protocols"},
		{"enableCORS: false", "enableCORS: true", "enableCORS"},
		{"isIntegratedResponse: true", "", "isIntegratedResponse is missing"},
	} {
		changed := strings.Replace(text, c.was, c.is, 1)
		if said := strings.Join(wrong(changed, env), "; "); !strings.Contains(said, c.says) || changed == text {
			t.Errorf("%s instead of %s: %s", c.is, c.was, said)
		}
	}
}
