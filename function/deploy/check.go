package main

import (
	"regexp"
	"slices"
	"strings"

	"cos-credentials/function/deploy/serverless"
	"cos-credentials/policy"
)

var (
	functionName = regexp.MustCompile(`^[A-Za-z][\w-]{0,58}[A-Za-z0-9]$`)
	aliasName    = regexp.MustCompile(`^(\$DEFAULT|[A-Za-z][\w-]{0,63})$`)
	variableName = regexp.MustCompile(`^[A-Za-z]\w{0,63}$`)
	words        = regexp.MustCompile(`^[\p{Han}A-Za-z0-9 ,.]{0,900}$`) // what SCF takes as a description
)

// reserved are the platform's own variables.
var reserved = []string{"SCF_", "QCLOUD_", "TENCENTCLOUD_"}

const mostVariables = 4096 // bytes, names and values: https://cloud.tencent.com/document/product/583/11637

const variablesField = "inputs.environment.variables"

// rule is one thing that must hold of a description.
type rule struct {
	field, message string
	holds          func(*description) bool
}

// rules are what SCF takes, and what the function needs around it. What the function itself has to say of its variables
// is not here: it is asked (workshop.tryOut).
var rules = []rule{
	{"component", "must be scf", func(d *description) bool { return d.Component.Component == "scf" }},
	{"inputs.name",
		"a function's name has 2 to 60 letters, digits, - and _, begins with a letter and ends with a letter or digit",
		func(d *description) bool { return functionName.MatchString(d.Inputs.Name) }},
	{"inputs.description", "SCF takes letters, digits, spaces, commas and full stops",
		func(d *description) bool { return words.MatchString(d.Inputs.Description) }},
	{"inputs.type", "this is an event function of runtime Go1, whose handler is the binary's name, main",
		func(d *description) bool {
			return d.Inputs.Type == "event" && d.Inputs.Runtime == "Go1" && d.Inputs.Handler == "main"
		}},
	{"inputs.region", "must be a region's name, as in ap-guangzhou",
		func(d *description) bool { return policy.IsRegion(d.Inputs.Region) }},
	{"inputs.memorySize", "must be 64, or 128 to 3072 in steps of 128 (MB)", func(d *description) bool {
		memory := d.Inputs.MemorySize
		return memory == 64 || memory >= 128 && memory <= 3072 && memory%128 == 0
	}},
	{"inputs.timeout", "must lie between 3 and 900 (s): STS needs time to answer",
		func(d *description) bool { return d.Inputs.Timeout >= 3 && d.Inputs.Timeout <= 900 }},
	{"inputs.publicAccess", "must be true: STS and key sets are asked over the internet",
		func(d *description) bool { return d.Inputs.PublicAccess }},
	{"inputs.cls", "needs both logsetId and topicId",
		func(d *description) bool { return (d.Inputs.CLS.LogsetID == "") == (d.Inputs.CLS.TopicID == "") }},

	{"inputs.events", "this command makes one Function URL and nothing else: name one http event (scf deploy knows apigw)",
		func(d *description) bool { return len(d.Inputs.Events) == 1 && d.Inputs.Events[0].HTTP != nil }},
	{"inputs.events", "authType must be NONE: the function checks the login itself",
		func(d *description) bool { return d.url().Parameters.AuthType == "NONE" }},
	{"inputs.events", "enableExtranet must be true, or nobody outside can call the URL",
		func(d *description) bool { return d.url().Parameters.NetConfig.EnableExtranet }},
	{"inputs.events",
		"qualifier must be $DEFAULT or an alias's name: a version can't be moved on, and $LATEST can't be moved back",
		func(d *description) bool { return aliasName.MatchString(d.alias()) }},

	{variablesField, "names and values have more than the 4096 bytes that SCF takes: " +
		"name fewer origins, or put a long key into policy/access.yaml", func(d *description) bool {
		size := 0
		for name, value := range d.variables() {
			size += len(name) + len(value)
		}
		return size <= mostVariables
	}},
	{"inputs.role", "take it out: the function signs with STS_SECRET_ID, and has no use for a role of its own",
		func(d *description) bool { return d.Inputs.Role == "" || !d.has("STS_SECRET_ID") }},
	{"inputs.role", "is missing: without STS_SECRET_ID, it is the execution role that may assume STS_ROLE_ARN",
		func(d *description) bool {
			return d.Inputs.Role != "" || d.has("STS_SECRET_ID")
		}},
	{"inputs.role",
		"must be the execution role's name alone, as in cos-credentials: it is STS_ROLE_ARN that begins with qcs::cam",
		func(d *description) bool { return !strings.ContainsAny(d.Inputs.Role, ":/") }},
	{variablesField + ".STS_SCHEME", "http is for tests on one machine",
		func(d *description) bool { return d.variables()["STS_SCHEME"] != "http" }},
	{variablesField + ".ACCESS_FILE", "the binary is all that is uploaded: change policy/access.yaml, which is in it",
		func(d *description) bool { return !d.has("ACCESS_FILE") }},
}

// check returns what is wrong with what could be read. What could not be has been reported.
func (d *description) check() (out []serverless.Problem) {
	report := func(field, message string) {
		if !slices.ContainsFunc(d.Problems, func(p serverless.Problem) bool { return about(p, field) }) {
			out = append(out, d.Problem(field, "%s", message))
		}
	}
	for _, r := range rules {
		if !r.holds(d) {
			report(r.field, r.message)
		}
	}
	for _, name := range sorted(d.variables()) {
		if !variableName.MatchString(name) {
			report(variablesField+"."+name, "a name is a letter and then letters, digits and _")
		}
		for _, prefix := range reserved {
			if strings.HasPrefix(name, prefix) {
				report(variablesField+"."+name, prefix+"… is the platform's own: it can't be set")
			}
		}
	}
	return out
}
