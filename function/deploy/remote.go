package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// remote is one function in the account.
type remote struct {
	*api
	name, namespace string
}

// settings are a version's code and configuration, as GetFunction shows them.
type settings struct {
	Status, StatusDesc      string
	MemorySize, Timeout     int
	Role                    string
	ClsLogsetId, ClsTopicId string
	Description             string
	Environment             struct{ Variables []struct{ Key, Value string } }

	note string // of a published version: names the code
}

func (s *settings) variables() map[string]string {
	out := map[string]string{}
	for _, one := range s.Environment.Variables {
		out[one.Key] = one.Value
	}
	return out
}

// trigger is a Function URL, or another trigger.
type trigger struct {
	TriggerName, Type, Qualifier, TriggerDesc string
	Enable                                    int
}

// network is what a Function URL's TriggerDesc says. https://cloud.tencent.com/document/product/583/100227
type network struct {
	AuthType  string
	NetConfig struct {
		EnableExtranet, EnableIntranet bool
		ExtranetUrl                    string
	}
	CorsConfig struct{ Enable bool }
}

func (t trigger) network() (n network) {
	json.Unmarshal([]byte(t.TriggerDesc), &n) // an unreadable one is like none
	return n
}

// change calls an action whose answer says nothing.
func (r *remote) change(ctx context.Context, action string, in object) error {
	return r.call(ctx, action, r.with(in), &struct{}{})
}

// publish makes a version of $LATEST, and returns its number.
func (r *remote) publish(ctx context.Context, note string) (string, error) {
	published := struct{ FunctionVersion string }{"N"} // of a dry run
	err := r.call(ctx, "PublishVersion", r.with(object{"Description": note}), &published)
	return published.FunctionVersion, err
}

// with adds the function's name to an action's parameters.
func (r *remote) with(in object) object {
	out := object{"FunctionName": r.name, "Namespace": r.namespace}
	maps.Copy(out, in)
	return out
}

// settings reads $LATEST or a published version; nil if there is none.
func (r *remote) settings(ctx context.Context, version string) (*settings, error) {
	out := &settings{}
	err := r.call(ctx, "GetFunction", r.with(object{"Qualifier": version, "ShowCode": "FALSE"}), out)
	if isMissing(err) {
		return nil, nil
	}
	return out, err
}

// versions are the published ones and their descriptions, the newest first.
func (r *remote) versions(ctx context.Context) (numbers []int, descriptions map[int]string, err error) {
	descriptions = map[int]string{}
	const page = 100
	for offset := 0; ; offset += page {
		var list struct {
			Versions   []struct{ Version, Description string }
			TotalCount int
		}
		in := r.with(object{"Offset": offset, "Limit": page})
		if err := r.call(ctx, "ListVersionByFunction", in, &list); err != nil {
			return nil, nil, err
		}
		for _, v := range list.Versions {
			if number, err := strconv.Atoi(v.Version); err == nil { // and not $LATEST
				numbers, descriptions[number] = append(numbers, number), v.Description
			}
		}
		if offset+page >= list.TotalCount {
			break
		}
	}
	slices.Sort(numbers)
	slices.Reverse(numbers)
	return numbers, descriptions, nil
}

// pointsAt is the version that an alias stands for; "" if there is no such alias.
func (r *remote) pointsAt(ctx context.Context, alias string) (string, error) {
	var out struct{ FunctionVersion string }
	err := r.call(ctx, "GetAlias", r.with(object{"Name": alias}), &out)
	if isMissing(err) {
		return "", nil
	}
	return out.FunctionVersion, err
}

// point moves an alias to a version, or makes it. All of its calls go there.
func (r *remote) point(ctx context.Context, alias, was, version string) error {
	action := "UpdateAlias"
	if was == "" {
		action = "CreateAlias"
	}
	return r.change(ctx, action, object{
		"Name": alias, "FunctionVersion": version, "RoutingConfig": object{"AdditionalVersionWeights": []object{}},
	})
}

func (r *remote) triggers(ctx context.Context) ([]trigger, error) {
	var list struct{ Triggers []trigger }
	err := r.call(ctx, "ListTriggers", r.with(object{"Limit": 100}), &list)
	return list.Triggers, err
}

// longestChange is how long SCF may take for one.
const longestChange = 5 * time.Minute

// wait returns once a version is Active: until then SCF refuses the next change.
func (r *remote) wait(ctx context.Context, version string) (*settings, error) {
	if r.dry != nil {
		return nil, nil
	}
	began := time.Now()
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		now, err := r.settings(ctx, version)
		switch {
		case err != nil:
			return nil, err
		case now != nil && now.Status == "Active":
			return now, nil
		case now != nil && strings.HasSuffix(now.Status, "Failed"):
			return nil, fmt.Errorf("SCF says that the function is %s: %s\nLook at it in the console. "+
				"One that could not be created has to be deleted there first", now.Status, r.hide(now.StatusDesc))
		case time.Since(began) > longestChange:
			return nil, fmt.Errorf("the function is not Active after %s: run the command again later", longestChange)
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
}
