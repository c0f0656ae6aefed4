package main

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
)

// deployment is one run.
type deployment struct {
	*description
	remote   remote
	workshop *workshop
	progress io.Writer
	result   result
}

func newDeployment(s *session, d *description, a *api) *deployment {
	in := d.Inputs
	return &deployment{
		description: d, workshop: s.workshop, progress: s.problems, remote: remote{a, in.Name, d.namespace()},
		result: result{
			Stage: d.Stage, Function: in.Name, Region: in.Region, Namespace: d.namespace(), Alias: d.alias(),
			Changed: []string{},
		},
	}
}

func (d *deployment) say(format string, args ...any) { fmt.Fprintf(d.progress, format+"\n", args...) }

func (d *deployment) changed(format string, args ...any) {
	d.result.Changed = append(d.result.Changed, fmt.Sprintf(format, args...))
}

// all is the whole way. Whatever an earlier run left half done is found and gone on with.
func (d *deployment) all(ctx context.Context) error {
	latest, err := d.remote.settings(ctx, "$LATEST")
	if err != nil {
		return err
	}
	var was string
	var live *settings
	if latest != nil {
		if _, err := d.remote.wait(ctx, "$LATEST"); err != nil {
			return err
		}
		if was, err = d.remote.pointsAt(ctx, d.alias()); err != nil {
			return err
		}
		if live, err = d.published(ctx, was); err != nil {
			return err
		}
	}
	d.result.Was, d.result.Version = was, was
	if !d.isAsDescribed(live) {
		version, err := d.publish(ctx, latest)
		if err != nil {
			return err
		}
		d.say("Moving %s to version %s.", d.alias(), version)
		if err := d.remote.point(ctx, d.alias(), d.aliasOf(latest, was), version); err != nil {
			return err
		}
		d.differences(live)
		d.changed("%s: version %s → %s", d.alias(), cmp.Or(was, "none"), version)
		d.result.Version = version
	}
	return d.expose(ctx)
}

// aliasOf is where the alias pointed: a function that is just created has $DEFAULT already.
func (d *deployment) aliasOf(latest *settings, was string) string {
	if latest == nil && d.alias() == "$DEFAULT" {
		return "$LATEST"
	}
	return was
}

// published reads a version with its description; nil for $LATEST, which anybody may change at any time.
func (d *deployment) published(ctx context.Context, version string) (*settings, error) {
	number, err := strconv.Atoi(version)
	if err != nil {
		return nil, nil
	}
	found, err := d.remote.settings(ctx, version)
	if err != nil || found == nil {
		return nil, err
	}
	_, descriptions, err := d.remote.versions(ctx)
	found.note = cmp.Or(descriptions[number], found.Description)
	return found, err
}

// code names what is uploaded, in the words that SCF takes in a description.
func (d *deployment) code() string { return "code " + d.workshop.sum() }

// isAsDescribed reports whether a published version is what would be published now.
func (d *deployment) isAsDescribed(v *settings) bool {
	return v != nil && v.note == d.code() && len(d.compare(v)) == 0
}

// publish brings code and configuration up to date and makes a version of them. A version that is the same already,
// from a run that was interrupted or from before going back, is taken as it is.
func (d *deployment) publish(ctx context.Context, latest *settings) (string, error) {
	if latest != nil {
		numbers, _, err := d.remote.versions(ctx)
		if err != nil {
			return "", err
		}
		if len(numbers) > 0 {
			newest := strconv.Itoa(numbers[0])
			if found, err := d.published(ctx, newest); err != nil || d.isAsDescribed(found) {
				return newest, err
			}
		}
	}
	if err := d.upload(ctx, latest == nil); err != nil {
		return "", err
	}
	d.say("Setting its configuration.")
	if err := d.remote.change(ctx, "UpdateFunctionConfiguration", d.configuration()); err != nil {
		return "", err
	}
	now, err := d.remote.wait(ctx, "$LATEST")
	if err != nil {
		return "", err
	}
	if d.remote.dry == nil {
		if wrong := d.compare(now); len(wrong) > 0 {
			return "", fmt.Errorf("SCF took the configuration, and shows another one: %v.\n"+
				"Set it in the console, and run the command again", wrong)
		}
	}
	d.say("Publishing a version.")
	version, err := d.remote.publish(ctx, d.code())
	if err != nil {
		return "", err
	}
	_, err = d.remote.wait(ctx, version)
	return version, err
}

// upload creates the function or gives it new code. Until it is configured and published, nobody can call what is new.
func (d *deployment) upload(ctx context.Context, create bool) error {
	in := object{
		"Code":       object{"ZipFile": base64.StdEncoding.EncodeToString(d.workshop.zip)},
		"CodeSource": "ZipFile", "Handler": "main",
	}
	action := "UpdateFunctionCode"
	if create {
		action = "CreateFunction"
		in["Runtime"], in["Type"] = "Go1", "Event"
	}
	d.say("%s: uploading %.1f MB.", d.Inputs.Name, float64(len(d.workshop.zip))/1e6)
	if err := d.remote.change(ctx, action, in); err != nil {
		return err
	}
	_, err := d.remote.wait(ctx, "$LATEST")
	return err
}

// configuration is all of it, each time: what is left out would stay as it was, a role that was taken out too.
func (d *deployment) configuration() object {
	variables := []object{}
	for _, name := range sorted(d.variables()) {
		variables = append(variables, object{"Key": name, "Value": d.variables()[name]})
	}
	in := d.Inputs
	out := object{
		"Description": in.Description, "MemorySize": in.MemorySize, "Timeout": in.Timeout, "Role": in.Role,
		"Environment":  object{"Variables": variables},
		"IgnoreSysLog": true, // the platform's own lines hold the answers, and so the keys
		"PublicNetConfig": object{
			"PublicNetStatus": "ENABLE", "EipConfig": object{"EipStatus": "DISABLE"},
		},
	}
	if in.CLS.TopicID != "" { // without a topic SCF keeps the log in one of its own
		out["ClsLogsetId"], out["ClsTopicId"] = in.CLS.LogsetID, in.CLS.TopicID
	}
	if in.InitTimeout != 0 {
		out["InitTimeout"] = in.InitTimeout
	}
	return out
}
