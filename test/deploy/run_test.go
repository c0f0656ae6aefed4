package deploy

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cos-credentials/policy"
	"cos-credentials/test/replay"
	"cos-credentials/test/scf"
	"cos-credentials/test/sts"
)

const origin = "https://pages-07.shop.example.com"

// The events of the two triggers.
const (
	functionURL = `{"body":"","headers":{"authorization":"Bearer ${TOKEN}","origin":"` + origin + `",
		"x-scf-remote-addr":"203.0.113.7:52044"},
		"httpMethod":"GET","path":"/credentials","queryString":{}}`
	apiGateway = `{"headerParameters":{},"headers":{"authorization":"Bearer ${TOKEN}","origin":"` + origin + `"},
		"httpMethod":"GET","isBase64Encoded":false,"path":"/credentials","pathParameters":{},"queryString":{},"queryStringParameters":{},
		"requestContext":{"httpMethod":"ANY","identity":{},"path":"/","serviceId":"service-bylee882",
			"sourceIp":"203.0.113.7","stage":"release"}}`
)

// The real binary, in the environment that each variant of the file gives it, hands out keys.
func TestFunctionRunsInIt(t *testing.T) {
	binary, err := scf.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r, err := replay.NewRunner(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	env := values()
	env["STS_SECRET_ID"], env["STS_SECRET_KEY"] = r.STS.Keys[0].SecretID, r.STS.Keys[0].SecretKey
	env["ACCESS_FILE"] = filepath.Join(t.TempDir(), "access.yaml")
	if err := os.WriteFile(env["ACCESS_FILE"], policy.DefaultFile, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			c, err := Parse(v.change(file(t)), env)
			if err != nil {
				t.Fatal(err)
			}
			external := c.Inputs.Environment.Variables["STS_EXTERNAL_ID"]
			r.STS.Roles = []sts.Role{{ARN: role, ExternalID: external}}
			for _, event := range triggers(c) {
				user := fmt.Sprint("user", len(r.STS.Records())) // never the same, who would get the same key
				event = strings.Replace(event, "${TOKEN}", "${TOKEN sub="+user+"}", 1)
				o, err := r.Run(t.Context(), asDeployed(c, event))
				if err != nil || !o.OK() {
					t.Fatalf("%v %+v\n%s", err, o.Differences, strings.Join(o.Log, "\n"))
				}
				records := r.STS.Records()
				asked := records[len(records)-1]
				if got := asked.Action + " " + asked.Signature; got != v.asks || asked.Params["ExternalId"] != external {
					t.Errorf("asked for %s instead of %s: %+v", got, v.asks, asked)
				}
				if !strings.Contains(asked.Policy, env["COS_REGION"]+":uid/1250000000:"+env["COS_BUCKET"]+"/users/"+user+"/*") {
					t.Errorf("the key opens %s", asked.Policy)
				}
			}
		})
	}
}

func triggers(c *Component) (events []string) {
	for _, e := range c.Inputs.Events {
		if e.HTTP != nil {
			events = append(events, functionURL)
		}
		if e.APIGW != nil {
			events = append(events, apiGateway)
		}
	}
	return events
}

// asDeployed is an event for the function as the platform would run it from the file: with the file's variables alone,
// and with the execution role's key if, and only if, the file names a role. STS is the local one.
func asDeployed(c *Component, event string) replay.Case {
	answer := &replay.Answer{Status: 200, STS: true, Headers: map[string]*string{"Access-Control-Allow-Origin": nil}}
	env := map[string]*string{"JWT_SECRET": nil, "STS_SECRET_ID": nil, "STS_SECRET_KEY": nil, "STS_CACHE": nil}
	for name, v := range c.Inputs.Environment.Variables {
		switch name {
		case "STS_HOST", "STS_SCHEME":
			continue
		case "ALLOW_ORIGINS":
			allowed := origin
			answer.Headers["Access-Control-Allow-Origin"] = &allowed
		}
		env[name] = &v
	}
	return replay.Case{
		Name: "as deployed", Env: env, Role: c.Inputs.Role != "", Event: json.RawMessage(event), Answer: answer,
		Limit: sts.Duration(time.Duration(c.Inputs.Timeout) * time.Second),
	}
}
