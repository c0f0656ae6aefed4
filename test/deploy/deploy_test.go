package deploy

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// wrong is what the hosted component would not take, and what would break or open the function.
func wrong(text string) (out []string) {
	must := func(ok bool, field string) {
		if !ok {
			out = append(out, field)
		}
	}
	file := Fill(text, strings.Repeat(" value", 20))
	for _, p := range file.Problems {
		out = append(out, p.String())
	}
	in := file.Inputs
	must(file.Component.Component == "scf" && in.Name == file.Name+"-"+file.Stage, "name")
	must(in.Type == "event" && in.Runtime == "Go1" && in.Handler == "main", "type")
	must(in.Src.Src == "./build" && slices.Equal(in.Src.Exclude, []string{"main.zip"}), "src") // what `package` builds
	must(in.MemorySize > 0 && in.Timeout > 0 && in.Region != "" && in.Description != "", "memorySize")
	must(in.PublicAccess, "publicAccess") // STS and key sets are outside
	must((in.CLS.LogsetID == "") == (in.CLS.TopicID == ""), "cls")
	size := 0
	for name, value := range in.Environment.Variables {
		size += len(name) + len(value)
		must(strings.HasPrefix(value, name+" "), name+" holds another variable's value")
	}
	must(size <= 4096, "4 KB") // https://cloud.tencent.com/document/product/583/11637
	for _, event := range in.Events {
		if event.HTTP != nil {
			url := event.HTTP.Parameters
			must(url.Qualifier == "$DEFAULT" && url.AuthType == "NONE", "authType") // the function checks the login itself
			must(url.NetConfig.EnableExtranet && strings.Contains(text, "enableIntranet: "), "netConfig")
		}
		if event.APIGW != nil {
			gateway := event.APIGW.Parameters
			must(gateway.ServiceID != "" && gateway.Environment == "release", "serviceId")
			must(slices.Equal(gateway.Protocols, []string{"https"}), "protocols") // a token travels here
			must(slices.Equal(gateway.NetTypes, []string{"OUTER"}) && len(gateway.Endpoints) == 1, "netTypes")
			for _, e := range gateway.Endpoints {
				must(e.Path == "/" && e.Method == "ANY" && e.AuthType == "NONE", "path")
				// It would allow every origin.
				must(!e.EnableCORS && strings.Contains(text, "enableCORS: false"), "enableCORS")
				must(e.ServiceTimeout > in.Timeout, "serviceTimeout") // the function's own must come first
				must(e.Function.IsIntegratedResponse && e.Function.FunctionQualifier == "$DEFAULT", "function")
			}
		}
	}
	return out
}

// The copy is serverless.yml, until that is changed; then a test has nothing to say of it.
func TestShippedFileIsACopy(t *testing.T) {
	own, err := os.ReadFile("../../serverless.yml")
	if err != nil {
		t.Fatal(err)
	}
	if string(own) != Shipped {
		t.Skip("not run: serverless.yml is your own, and the tests go by test/deploy/shipped.yml, which is as it came: " +
			"deploy --check is what holds yours, and .env beside it")
	}
}

// The file can be used as it is, and with all that is commented out. Rules that accept everything would prove nothing.
func TestFile(t *testing.T) {
	if bad := append(wrong(Shipped), wrong(Everything)...); bad != nil {
		t.Errorf("%q", bad)
	}
	if n := len(Fill(Everything, "").Inputs.Events); n != 2 {
		t.Errorf("%d events", n)
	}
	for _, c := range []struct{ was, is, says string }{
		{"type: event", "type: web", "type"},
		{"name: ${name}-${stage}", "name: ${name}-${stages}", "there is no ${stages}"},
		{"name: ${name}-${stage}", "name: ${name}", "name"},
		{"memorySize: 128", "memory: 128", "field memory not found"},
		{"timeout: 10", "timeout: 15", "serviceTimeout"},
		{"publicAccess: true", "", "publicAccess"},
		{"exclude: [main.zip]", "", "src"},
		{"topicId:", "#", "cls"},
		{"${env:STS_SECRET_KEY}", "${env:STS_SECRET_ID}", "STS_SECRET_KEY holds another"},
		{"LOG_LEVEL: ${env:LOG_LEVEL}", "LOG_LEVEL: LOG_LEVEL " + strings.Repeat("x", 3000), "4 KB"},
		{"{enableExtranet: true, ", "{", "netConfig"},
		{", enableIntranet: false", "", "netConfig"},
		{"authType: NONE # the", "authType: CAM # the", "authType"},
		{"protocols: [https]", "protocols: [http]", "protocols"},
		{"enableCORS: false", "enableCORS: true", "enableCORS"},
		{"enableCORS: false", "", "enableCORS"},
		{"isIntegratedResponse: true", "", "function"},
	} {
		changed := strings.Replace(Everything, c.was, c.is, 1)
		if said := strings.Join(wrong(changed), "; "); !strings.Contains(said, c.says) || changed == Everything {
			t.Errorf("%s instead of %s: %s", c.is, c.was, said)
		}
	}
}
