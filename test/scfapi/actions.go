package scfapi

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// parameters of every action that is known here; another one is refused. What an action doesn't take is not looked at.
type parameters struct {
	FunctionName, Namespace, Qualifier, ShowCode string

	Code                                            *struct{ ZipFile string }
	CodeSource, Handler, Runtime, Type              string
	MemorySize, Timeout, InitTimeout, Limit, Offset int
	Description, Role                               *string
	Environment                                     *struct{ Variables []struct{ Key, Value string } }
	PublicNetConfig                                 *struct {
		PublicNetStatus string
		EipConfig       struct{ EipStatus string }
	}
	ClsLogsetId, ClsTopicId string
	IgnoreSysLog            *bool

	Name, FunctionVersion string
	RoutingConfig         *struct{ AdditionalVersionWeights []struct{} }

	TriggerName, TriggerDesc, Enable string
}

// act carries out one request.
func (a *API) act(r Record) (map[string]any, *apiError) {
	var in parameters
	d := json.NewDecoder(strings.NewReader(r.Body))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return nil, fail("UnknownParameter", "%v", err)
	}
	if in.Namespace == "" {
		in.Namespace = "default"
	}
	if !functionName.MatchString(in.FunctionName) {
		return nil, fail("InvalidParameterValue.FunctionName", "FunctionName must match %s", functionName)
	}
	id := r.Region + "/" + in.Namespace + "/" + in.FunctionName
	f := a.functions[id]
	if r.Action == "CreateFunction" {
		if f != nil {
			return nil, fail("ResourceInUse.Function", "the function exists")
		}
		return a.create(id, in)
	}
	if f == nil {
		return nil, fail("ResourceNotFound.Function", "there is no function %s", in.FunctionName)
	}
	if do, ok := reading[r.Action]; ok {
		return do(f, in)
	}
	do, ok := writing[r.Action]
	if !ok {
		return nil, fail("InvalidAction", "%s is not known here", r.Action)
	}
	if state := f.state(); state != "Active" {
		return nil, fail("FailedOperation.FunctionStatusError", "the function is %s", state)
	}
	return do(a, f, in)
}

func (a *API) create(id string, in parameters) (map[string]any, *apiError) {
	f := &Function{Aliases: map[string]string{"$DEFAULT": "$LATEST"}, Triggers: map[string]*Trigger{}}
	f.Latest = Version{
		Number: "$LATEST", name: in.FunctionName, Memory: 128, Timeout: 3, handler: in.Handler, runtime: in.Runtime,
		CLS: [2]string{"logset-of-scf", "topic-of-scf"},
	}
	switch {
	case in.Code == nil:
		return nil, fail("MissingParameter", "Code is missing")
	case in.Runtime != "Go1" || in.Type != "Event" || in.Handler != "main":
		return nil, fail("InvalidParameterValue.Runtime", "this API makes Go1 event functions only")
	}
	if bad := f.Latest.code(in.Code.ZipFile); bad != nil {
		return nil, bad
	}
	if bad := f.Latest.configure(in, a.Roles); bad != nil {
		return nil, bad
	}
	if a.functions == nil {
		a.functions = map[string]*Function{}
	}
	a.functions[id] = f
	f.busy("Creating", a.Takes)
	return map[string]any{}, nil
}

var reading = map[string]func(*Function, parameters) (map[string]any, *apiError){
	"GetFunction": func(f *Function, in parameters) (map[string]any, *apiError) {
		v := f.version(in.Qualifier)
		if v == nil {
			return nil, fail("ResourceNotFound.FunctionVersion", "there is no version %s", in.Qualifier)
		}
		variables := []map[string]string{}
		for key, value := range v.Environment {
			variables = append(variables, map[string]string{"Key": key, "Value": value})
		}
		return map[string]any{
			"FunctionName": v.name, "FunctionVersion": v.Number, "Description": v.Description, "Handler": v.handler,
			"Runtime": v.runtime, "MemorySize": v.Memory, "Timeout": v.Timeout, "Role": v.Role, "Status": f.state(),
			"StatusDesc": "", "ClsLogsetId": v.CLS[0], "ClsTopicId": v.CLS[1], "Type": "Event",
			"Environment": map[string]any{"Variables": variables},
		}, nil
	},
	"GetAlias": func(f *Function, in parameters) (map[string]any, *apiError) {
		version, ok := f.Aliases[in.Name]
		if !ok {
			return nil, fail("ResourceNotFound.Alias", "there is no alias %s", in.Name)
		}
		return map[string]any{"Name": in.Name, "FunctionVersion": version}, nil
	},
	"ListVersionByFunction": func(f *Function, in parameters) (map[string]any, *apiError) {
		all := []map[string]string{{"Version": "$LATEST"}}
		for _, v := range f.Versions {
			all = append(all, map[string]string{"Version": v.Number, "Description": v.Description})
		}
		end := min(in.Offset+in.Limit, len(all))
		return map[string]any{"Versions": all[min(in.Offset, end):end], "TotalCount": len(all)}, nil
	},
	"ListTriggers": func(f *Function, _ parameters) (map[string]any, *apiError) {
		all := []map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(f.Triggers)) {
			all = append(all, f.Triggers[name].shown())
		}
		return map[string]any{"Triggers": all, "TotalCount": len(all)}, nil
	},
}

func (t *Trigger) shown() map[string]any {
	return map[string]any{
		"TriggerName": t.Name, "Type": "http", "Qualifier": t.Qualifier, "TriggerDesc": t.Desc, "Enable": 1,
	}
}

var writing = map[string]func(*API, *Function, parameters) (map[string]any, *apiError){
	"UpdateFunctionCode": func(a *API, f *Function, in parameters) (map[string]any, *apiError) {
		if in.Code == nil || in.Handler != "main" {
			return nil, fail("MissingParameter", "Code or Handler is missing")
		}
		bad := f.Latest.code(in.Code.ZipFile)
		f.busy("Updating", a.Takes)
		return map[string]any{}, bad
	},
	"UpdateFunctionConfiguration": func(a *API, f *Function, in parameters) (map[string]any, *apiError) {
		next := f.Latest
		if bad := next.configure(in, a.Roles); bad != nil {
			return nil, bad
		}
		f.Latest = next
		f.busy("Updating", a.Takes)
		return map[string]any{}, nil
	},
	"PublishVersion": func(a *API, f *Function, in parameters) (map[string]any, *apiError) {
		if in.Description == nil || !description.MatchString(*in.Description) {
			return nil, fail("InvalidParameterValue.Description", "letters, digits, spaces, commas and full stops only")
		}
		f.busy("Publishing", a.Takes)
		return map[string]any{"FunctionVersion": f.publish(*in.Description)}, nil
	},
	"CreateAlias": func(_ *API, f *Function, in parameters) (map[string]any, *apiError) {
		return map[string]any{}, f.point(in, false)
	},
	"UpdateAlias": func(_ *API, f *Function, in parameters) (map[string]any, *apiError) {
		return map[string]any{}, f.point(in, true)
	},
	"CreateTrigger": func(_ *API, f *Function, in parameters) (map[string]any, *apiError) { return f.trigger(in, false) },
	"UpdateTrigger": func(_ *API, f *Function, in parameters) (map[string]any, *apiError) { return f.trigger(in, true) },
}

// must refuses to create what exists, and to update what doesn't.
func must(exist, exists bool) *apiError {
	switch {
	case exists && !exist:
		return fail("ResourceInUse", "it exists")
	case exist && !exists:
		return fail("ResourceNotFound", "it doesn't exist")
	}
	return nil
}

func (f *Function) point(in parameters, exist bool) *apiError {
	_, exists := f.Aliases[in.Name]
	if bad := must(exist, exists); bad != nil {
		return bad
	}
	if f.version(in.FunctionVersion) == nil {
		return fail("ResourceNotFound.FunctionVersion", "there is no version %s", in.FunctionVersion)
	}
	f.Aliases[in.Name] = in.FunctionVersion
	return nil
}

// trigger makes or changes a Function URL: https://cloud.tencent.com/document/product/583/100227
func (f *Function) trigger(in parameters, exist bool) (map[string]any, *apiError) {
	if bad := must(exist, f.Triggers[in.TriggerName] != nil); bad != nil {
		return nil, bad
	}
	var desc map[string]any
	json.Unmarshal([]byte(in.TriggerDesc), &desc)
	network, _ := desc["NetConfig"].(map[string]any)
	if auth := desc["AuthType"]; network == nil || auth != "NONE" && auth != "CAM" || in.Type != "http" {
		return nil, fail("InvalidParameterValue.TriggerDesc", "Type http needs AuthType and NetConfig in TriggerDesc")
	}
	if f.version(in.Qualifier) == nil {
		return nil, fail("ResourceNotFound.Qualifier", "there is no %s", in.Qualifier)
	}
	network["ExtranetUrl"] = "https://1250000000-" + strings.ToLower(in.FunctionName) + ".ap-guangzhou.tencentscf.com"
	text, _ := json.Marshal(desc)
	f.Triggers[in.TriggerName] = &Trigger{in.TriggerName, in.Qualifier, string(text)}
	return map[string]any{"TriggerInfo": f.Triggers[in.TriggerName].shown()}, nil
}
