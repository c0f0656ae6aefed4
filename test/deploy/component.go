package deploy

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Component is what serverless.yml may hold, as far as an event function has a use for it.
// https://github.com/serverless-components/tencent-scf/blob/master/docs/configure.md
type Component struct {
	App       string `yaml:"app"`
	Stage     string `yaml:"stage"`
	Component string `yaml:"component"`
	Name      string `yaml:"name"`
	Inputs    Inputs `yaml:"inputs"`
}

type Inputs struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	Namespace   string `yaml:"namespace"`
	Type        string `yaml:"type"`
	Runtime     string `yaml:"runtime"`
	Handler     string `yaml:"handler"`
	Region      string `yaml:"region"`
	Role        string `yaml:"role"`
	Src         struct {
		Src     string   `yaml:"src"`
		Exclude []string `yaml:"exclude"`
	} `yaml:"src"`
	MemorySize   int   `yaml:"memorySize"`
	Timeout      int   `yaml:"timeout"`
	InitTimeout  int   `yaml:"initTimeout"`
	PublicAccess *bool `yaml:"publicAccess"`
	Environment  struct {
		Variables map[string]string `yaml:"variables"`
	} `yaml:"environment"`
	CLS *struct {
		LogsetID string `yaml:"logsetId"`
		TopicID  string `yaml:"topicId"`
	} `yaml:"cls"`
	Events []Event `yaml:"events"`
}

// Event is a trigger: one of its fields is set.
type Event struct {
	HTTP  *HTTP  `yaml:"http"`
	APIGW *APIGW `yaml:"apigw"`
}

// HTTP is a Function URL. https://cloud.tencent.com/document/product/1154/43228
type HTTP struct {
	Parameters struct {
		NetConfig struct {
			EnableExtranet bool `yaml:"enableExtranet"`
			EnableIntranet bool `yaml:"enableIntranet"`
		} `yaml:"netConfig"`
		Qualifier string `yaml:"qualifier"`
		AuthType  string `yaml:"authType"`
	} `yaml:"parameters"`
}

type APIGW struct {
	Parameters struct {
		ServiceID   string     `yaml:"serviceId"`
		ServiceName string     `yaml:"serviceName"`
		Protocols   []string   `yaml:"protocols"`
		NetTypes    []string   `yaml:"netTypes"`
		Environment string     `yaml:"environment"`
		Endpoints   []Endpoint `yaml:"endpoints"`
	} `yaml:"parameters"`
}

type Endpoint struct {
	Path           string `yaml:"path"`
	Method         string `yaml:"method"`
	AuthType       string `yaml:"authType"`
	EnableCORS     bool   `yaml:"enableCORS"`
	ServiceTimeout int    `yaml:"serviceTimeout"`
	Function       struct {
		IsIntegratedResponse bool   `yaml:"isIntegratedResponse"`
		FunctionQualifier    string `yaml:"functionQualifier"`
	} `yaml:"function"`
}

// mostEnvironment is the platform's limit for a function's variables. https://cloud.tencent.com/document/product/583/11637
const mostEnvironment = 4096

var (
	functionName = regexp.MustCompile(`^[A-Za-z][\w-]{0,58}[A-Za-z0-9]$`)
	variableName = regexp.MustCompile(`^[A-Za-z]\w{1,63}$`)
	regionName   = regexp.MustCompile(`^[a-z]{2}(-[a-z0-9]+)+$`)
	serviceName  = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9(_)]{0,48}[a-zA-Z0-9]?$`)
	reserved     = []string{"SCF_", "QCLOUD_", "TENCENTCLOUD_"}
)

// Problems is what the component or the platform would refuse, and what would break or open the function silently.
func (c *Component) Problems() (out []string) {
	must := func(ok bool, format string, args ...any) {
		if !ok {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	in := c.Inputs
	must(c.Component == "scf", "component %q: this is a file for scf", c.Component)
	must(c.Name != "", "name: the instance has none")
	must(functionName.MatchString(in.Name), "inputs.name %q: not a function's name", in.Name)
	must(in.Type == "event", "inputs.type %q: the function speaks the event function's protocol", in.Type)
	must(in.Runtime == "Go1", "inputs.runtime %q: the function is a binary for Go1", in.Runtime)
	must(regionName.MatchString(in.Region), "inputs.region %q: not a region's name", in.Region)
	must(in.MemorySize == 64 || in.MemorySize%128 == 0 && in.MemorySize >= 128 && in.MemorySize <= 3072, "inputs.memorySize %d: 64, or 128 to 3072 in steps of 128", in.MemorySize)
	must(in.Timeout >= 1 && in.Timeout <= 900, "inputs.timeout %d: 1 to 900 s", in.Timeout)
	must(in.InitTimeout == 0 || in.InitTimeout >= 3 && in.InitTimeout <= 300, "inputs.initTimeout %d: 3 to 300 s", in.InitTimeout)
	must(in.PublicAccess == nil || *in.PublicAccess, "inputs.publicAccess: without it STS can't be reached")
	must(in.CLS == nil || in.CLS.LogsetID != "" && in.CLS.TopicID != "", "inputs.cls: a logset and a topic go together")

	size := 0
	for _, name := range slices.Sorted(maps.Keys(in.Environment.Variables)) {
		size += len(name) + len(in.Environment.Variables[name])
		must(variableName.MatchString(name), "variable %q: 2 to 64 letters, digits and _, a letter first", name)
		must(!slices.ContainsFunc(reserved, func(p string) bool { return strings.HasPrefix(name, p) }), "variable %q: its beginning is the platform's", name)
	}
	must(size <= mostEnvironment, "the variables have %d bytes, and the platform takes %d", size, mostEnvironment)

	keyless := in.Environment.Variables["STS_SECRET_ID"] == ""
	must(!keyless || in.Role != "" && in.Environment.Variables["STS_ROLE_ARN"] != "", "without STS_SECRET_ID the function needs role and STS_ROLE_ARN")

	must(len(in.Events) > 0, "events: nobody could call the function")
	for i, e := range in.Events {
		switch {
		case e.HTTP != nil && e.APIGW == nil:
			p := e.HTTP.Parameters
			must(p.AuthType == "NONE", "events[%d]: authType %q: the function checks the login itself", i, p.AuthType)
			must(p.NetConfig.EnableExtranet, "events[%d]: enableExtranet: nobody outside could call the URL", i)
		case e.APIGW != nil && e.HTTP == nil:
			out = append(out, e.APIGW.problems(fmt.Sprintf("events[%d]", i), in.Timeout)...)
		default:
			must(false, "events[%d]: one trigger each", i)
		}
	}
	return out
}

func (a *APIGW) problems(at string, timeout int) (out []string) {
	must := func(ok bool, format string, args ...any) {
		if !ok {
			out = append(out, at+": "+fmt.Sprintf(format, args...))
		}
	}
	p := a.Parameters
	must(p.ServiceID != "", "serviceId: new services can't be created")
	must(p.ServiceName == "" || serviceName.MatchString(p.ServiceName), "serviceName %q", p.ServiceName)
	must(slices.Equal(p.Protocols, []string{"https"}), "protocols %q: a login's token travels here", p.Protocols)
	must(slices.Equal(p.NetTypes, []string{"OUTER"}), "netTypes %q", p.NetTypes)
	must(slices.Contains([]string{"release", "test", "prepub"}, p.Environment), "environment %q", p.Environment)
	must(len(p.Endpoints) > 0, "endpoints: there is none")
	for _, e := range p.Endpoints {
		must(e.Path == "/", "path %q: the function has resources below /", e.Path)
		must(e.Method == "ANY", "method %q: GET, POST and OPTIONS are needed", e.Method)
		must(e.AuthType == "NONE", "authType %q: the function checks the login itself", e.AuthType)
		must(!e.EnableCORS, "enableCORS: it allows every origin")
		must(e.ServiceTimeout > timeout && e.ServiceTimeout <= 1800, "serviceTimeout %d: longer than the function's %d, 1800 at most", e.ServiceTimeout, timeout)
		must(e.Function.IsIntegratedResponse, "isIntegratedResponse: status and headers would arrive as text")
	}
	return out
}
