package main

import (
	"regexp"
	"strings"

	"cos-credentials/function/deploy/serverless"
	"cos-credentials/policy"
)

var (
	functionName = regexp.MustCompile(`^[A-Za-z][\w-]{0,58}[A-Za-z0-9]$`)
	aliasName    = regexp.MustCompile(`^(\$DEFAULT|[A-Za-z][\w-]{0,63})$`)
	variableName = regexp.MustCompile(`^[A-Za-z]\w*$`)
	words        = regexp.MustCompile(`^[\p{Han}A-Za-z0-9 ,.]{0,900}$`) // what SCF takes as a description
)

// reserved are the platform's own variables.
var reserved = []string{"SCF_", "QCLOUD_", "TENCENTCLOUD_"}

const mostVariables = 4096 // bytes, names and values: https://cloud.tencent.com/document/product/583/11637

// check holds the description to what SCF takes, and to what the function needs around it. What the function itself has
// to say of its variables is not here: it is asked (workshop.tryOut).
func (d *description) check() (out []serverless.Problem) {
	in := d.Inputs
	must := func(ok bool, field, message string) {
		p := d.Problem(field, "%s", message)
		for _, other := range d.Problems { // it could not be read, and that has been said
			ok = ok || about(other, field)
		}
		if !ok {
			out = append(out, p)
		}
	}
	must(d.Component.Component == "scf", "component", "must be scf")
	must(functionName.MatchString(in.Name), "inputs.name",
		"a function's name has 2 to 60 letters, digits, - and _, begins with a letter and ends with a letter or digit")
	must(words.MatchString(in.Description), "inputs.description",
		"SCF takes letters, digits, spaces, commas and full stops")
	must(in.Type == "event" && in.Runtime == "Go1" && in.Handler == "main", "inputs.type",
		"this is an event function of runtime Go1, whose handler is the binary's name, main")
	must(policy.IsRegion(in.Region), "inputs.region", "must be a region's name, as in ap-guangzhou")
	memory := in.MemorySize
	must(memory == 64 || memory >= 128 && memory <= 3072 && memory%128 == 0, "inputs.memorySize",
		"must be 64, or 128 to 3072 in steps of 128 (MB)")
	must(in.Timeout >= 3 && in.Timeout <= 900, "inputs.timeout",
		"must lie between 3 and 900 (s): STS needs time to answer")
	must(in.PublicAccess, "inputs.publicAccess", "must be true: STS and key sets are asked over the internet")
	must((in.CLS.LogsetID == "") == (in.CLS.TopicID == ""), "inputs.cls", "needs both logsetId and topicId")
	d.checkEvents(must)
	d.checkVariables(must)
	return out
}

func (d *description) checkEvents(must func(bool, string, string)) {
	events := d.Inputs.Events
	must(len(events) == 1 && events[0].HTTP != nil, "inputs.events",
		"this command makes one Function URL and nothing else: name one http event (scf deploy knows apigw)")
	u := d.url().Parameters
	must(u.AuthType == "NONE", "inputs.events", "authType must be NONE: the function checks the login itself")
	must(u.NetConfig.EnableExtranet, "inputs.events", "enableExtranet must be true, or nobody outside can call the URL")
	must(aliasName.MatchString(d.alias()), "inputs.events",
		"qualifier must be $DEFAULT or an alias's name: a version can't be moved on, and $LATEST can't be moved back")
}

func (d *description) checkVariables(must func(bool, string, string)) {
	const field = "inputs.environment.variables"
	size := 0
	for name, value := range d.variables() {
		size += len(name) + len(value)
		must(variableName.MatchString(name) && len(name) <= 64, field+"."+name,
			"a name is a letter and then letters, digits and _")
		for _, prefix := range reserved {
			must(!strings.HasPrefix(name, prefix), field+"."+name, prefix+"… is the platform's own: it can't be set")
		}
	}
	must(size <= mostVariables, field, "names and values have more than the 4096 bytes that SCF takes: "+
		"name fewer origins, or put a long key into policy/access.yaml")

	key, role := d.variables()["STS_SECRET_ID"] != "", d.Inputs.Role != ""
	must(!key || !role, "inputs.role",
		"take it out: the function signs with STS_SECRET_ID, and has no use for a role of its own")
	must(key || role, "inputs.role",
		"is missing: without STS_SECRET_ID, it is the execution role that may assume STS_ROLE_ARN")
	must(!strings.ContainsAny(d.Inputs.Role, ":/"), "inputs.role",
		"must be the execution role's name alone, as in cos-credentials: it is STS_ROLE_ARN that begins with qcs::cam")
	must(d.variables()["STS_SCHEME"] != "http", field+".STS_SCHEME", "http is for tests on one machine")
	must(d.variables()["ACCESS_FILE"] == "", field+".ACCESS_FILE",
		"the binary is all that is uploaded: change policy/access.yaml, which is in it")
}
