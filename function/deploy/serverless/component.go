// Package serverless reads serverless.yml as the hosted `scf` component does, for one stage, and the .env files
// beside it. Unlike the component it leaves nothing out in silence: what is not set, not known or contradicts itself
// is a problem.
package serverless

// Component is what serverless.yml may hold, as far as an event function has a use for it: another key is a mistake.
// https://github.com/serverless-components/tencent-scf/blob/master/docs/configure.md
type Component struct {
	App       string `yaml:"app"`
	Stage     string `yaml:"stage"`
	Component string `yaml:"component"`
	Name      string `yaml:"name"`
	Inputs    Inputs `yaml:"inputs"`
}

// Inputs describe the function.
type Inputs struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	Namespace   string `yaml:"namespace"`
	Type        string `yaml:"type"`
	Runtime     string `yaml:"runtime"`
	Handler     string `yaml:"handler"`
	Region      string `yaml:"region"`
	Role        string `yaml:"role"` // the execution role's name
	Src         struct {
		Src     string   `yaml:"src"`
		Exclude []string `yaml:"exclude"`
	} `yaml:"src"`
	MemorySize   int  `yaml:"memorySize"`  // MB
	Timeout      int  `yaml:"timeout"`     // s
	InitTimeout  int  `yaml:"initTimeout"` // s
	PublicAccess bool `yaml:"publicAccess"`
	Environment  struct {
		Variables map[string]string `yaml:"variables"`
	} `yaml:"environment"`
	CLS struct {
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
		Qualifier string `yaml:"qualifier"` // the alias that the URL opens
		AuthType  string `yaml:"authType"`
	} `yaml:"parameters"`
}

// APIGW is a trigger of API Gateway.
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

// Endpoint is one path of an API Gateway service.
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
