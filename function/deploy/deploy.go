package main

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"

	"cos-credentials/function/login"
)

const deployHelp = `Usage: go run ./function/deploy [--stage NAME] [--check] [--dry-run] [--json] [--file FILE]

Checks serverless.yml, the .env files and policy/access.yaml, and reports every problem at once. Builds the function, the
same bytes from the same source. Creates or updates it, waits until SCF has taken that, publishes a version, and only then
moves the alias to it that the Function URL opens: users meet the old version or the new one, and nothing between.

A function that is as described already is left alone. Ctrl-C is safe, and so is running it again.
`

// deployment is one run.
type deployment struct {
	*description
	remote   remote
	workshop *workshop
	progress io.Writer
	result   result
}

// result is what --json prints.
type result struct {
	Stage     string   `json:"stage"`
	Function  string   `json:"function"`
	Region    string   `json:"region"`
	Namespace string   `json:"namespace"`
	Alias     string   `json:"alias"`
	Version   string   `json:"version"`
	Was       string   `json:"was,omitempty"` // the version that the alias pointed at before
	URL       string   `json:"url,omitempty"`
	Code      string   `json:"code,omitempty"` // the beginning of the SHA-256 of what was uploaded
	Changed   []string `json:"changed"`
	Notes     []string `json:"notes,omitempty"`
}

func (s *session) deploy(ctx context.Context) error {
	o := s.options("deploy", deployHelp)
	stage := o.String("stage", "", "the `name` of the stage, instead of serverless.yml's own; .env.NAME is read beside .env")
	file := o.String("file", "", "another description than serverless.yml; .env is read beside it")
	check := o.Bool("check", false, "stop before the first call")
	dry := o.Bool("dry-run", false, "look at what is there, and print the other calls instead of making them; secrets are hidden")
	asJSON := o.Bool("json", false, "print the result as one line of JSON")
	endpoint := o.String("endpoint", "", "call an SCF API on this machine, `http://127.0.0.1:PORT`; for tests")
	if _, err := o.parse(0); err != nil {
		return err
	}
	if !isLocal(*endpoint) {
		return o.wrong("--endpoint is for an address of this machine, such as http://127.0.0.1:8080")
	}
	d, err := s.describe(*file, *stage)
	if err != nil {
		return err
	}
	if err := s.sound(ctx, d, *check); err != nil || *check {
		return err
	}
	var shown io.Writer
	if *dry {
		shown = s.out
	}
	run := &deployment{
		description: d, workshop: s.workshop, progress: s.problems,
		remote: remote{newAPI(d, *endpoint, shown), d.Inputs.Name, d.namespace()},
		result: result{
			Stage: d.Stage, Function: d.Inputs.Name, Region: d.Inputs.Region, Namespace: d.namespace(), Alias: d.alias(),
			Code: s.workshop.sum(), Changed: []string{},
		},
	}
	if err := run.all(ctx); err != nil {
		return err
	}
	if *dry {
		fmt.Fprintln(s.problems, "Nothing was changed.")
		return nil
	}
	return s.report(run.result, *asJSON)
}

// isLocal: the endpoint gets the secrets, so it is SCF's own ("") or on this machine.
func isLocal(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return endpoint == "" || err == nil && u.Scheme == "http" && login.IsLoopback(u.Hostname())
}

// sound reports all that is wrong before anything is called.
func (s *session) sound(ctx context.Context, d *description, check bool) error {
	var all []string
	for _, p := range slices.Concat(d.Problems, d.unread, d.check()) {
		all = append(all, p.String())
	}
	if (d.key.id == "" || d.key.key == "") && !check {
		all = append(all, "TENCENT_SECRET_ID and TENCENT_SECRET_KEY are not set: put the deployer's key into .env or the environment")
	}
	fmt.Fprintln(s.problems, "Building the function.")
	if err := s.workshop.build(ctx); err != nil {
		return err
	}
	found, remarks, err := s.workshop.tryOut(ctx, d.variables())
	if err != nil {
		return err
	}
	for _, one := range found {
		if !mentions(one, d.Unset) { // which has been reported, with the line to look at
			all = append(all, one)
		}
	}
	hide := secretsOf(d.variables(), d.key).hide
	for _, one := range remarks {
		fmt.Fprintln(s.problems, "Note: "+hide(one))
	}
	if len(all) == 0 {
		fmt.Fprintf(s.problems, "Everything holds: %s in %s, code %s.\n", d.Inputs.Name, d.Inputs.Region, s.workshop.sum())
		return nil
	}
	for _, one := range all {
		fmt.Fprintln(s.problems, hide(one))
	}
	fmt.Fprintf(s.problems, "\n%s. Nothing was called.\n", count(len(all), "problem"))
	return errNo
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

func (s *session) report(r result, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(s.out).Encode(r)
	}
	for _, one := range r.Changed {
		fmt.Fprintln(s.out, "  "+one)
	}
	if len(r.Changed) == 0 {
		fmt.Fprintln(s.out, "Nothing had to be changed.")
	}
	for _, note := range r.Notes {
		fmt.Fprintln(s.out, "Note: "+note)
	}
	fmt.Fprintf(s.out, "\n%s in %s, version %s:\n\n  %s\n\n", r.Function, r.Region, r.Version, r.URL)
	fmt.Fprintf(s.out, "Try it: go run ./function/deploy smoke --stage %s %s\n", r.Stage, r.URL)
	return nil
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
	found.description = descriptions[number]
	return found, err
}

// code names what is uploaded, in the words that SCF takes in a description.
func (d *deployment) code() string { return "code " + d.workshop.sum() }

// isAsDescribed reports whether a published version is what would be published now.
func (d *deployment) isAsDescribed(v *settings) bool {
	return v != nil && v.description == d.code() && len(d.compare(v)) == 0
}

// publish brings code and configuration up to date and makes a version of them. A version that is the same already, from a
// run that was interrupted or before going back, is taken as it is.
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
	if err := d.remote.call(ctx, "UpdateFunctionConfiguration", d.remote.with(d.configuration()), &struct{}{}); err != nil {
		return "", err
	}
	now, err := d.remote.wait(ctx, "$LATEST")
	if err != nil {
		return "", err
	}
	if d.remote.dry == nil {
		if wrong := d.compare(now); len(wrong) > 0 {
			return "", fmt.Errorf("SCF took the configuration, and shows another one: %v.\n"+
				"Set it in the console, and run the command again.", wrong)
		}
	}
	d.say("Publishing a version.")
	published := struct{ FunctionVersion string }{"N"}
	if err := d.remote.call(ctx, "PublishVersion", d.remote.with(object{"Description": d.code()}), &published); err != nil {
		return "", err
	}
	_, err = d.remote.wait(ctx, published.FunctionVersion)
	return published.FunctionVersion, err
}

// upload creates the function or gives it new code. Until it is configured and published, nobody can call what is new.
func (d *deployment) upload(ctx context.Context, create bool) error {
	in := object{"Code": object{"ZipFile": base64.StdEncoding.EncodeToString(d.workshop.zip)}, "CodeSource": "ZipFile", "Handler": "main"}
	action := "UpdateFunctionCode"
	if create {
		action = "CreateFunction"
		in["Runtime"], in["Type"] = "Go1", "Event"
	}
	d.say("%s: uploading %.1f MB.", d.Inputs.Name, float64(len(d.workshop.zip))/1e6)
	if err := d.remote.call(ctx, action, d.remote.with(in), &struct{}{}); err != nil {
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
		"ClsLogsetId":  in.CLS.LogsetID,
		"ClsTopicId":   in.CLS.TopicID,
		"IgnoreSysLog": true, // the platform's own lines hold the answers, and so the keys
		"PublicNetConfig": object{
			"PublicNetStatus": "ENABLE", "EipConfig": object{"EipStatus": "DISABLE"},
		},
	}
	if in.InitTimeout != 0 {
		out["InitTimeout"] = in.InitTimeout
	}
	return out
}

// expose makes the Function URL of the alias, and holds one that is there to what it should be.
func (d *deployment) expose(ctx context.Context) error {
	var all []trigger
	var err error
	if all, err = d.remote.triggers(ctx); err != nil && !(isMissing(err) && d.remote.dry != nil) {
		return err
	}
	want := d.url().Parameters.NetConfig
	action, name := "CreateTrigger", urlName(d.alias())
	for _, t := range all {
		switch is := t.network(); {
		case t.Type != "http" || t.Qualifier != d.alias():
			d.result.Notes = append(d.result.Notes, fmt.Sprintf("trigger %s (%s) opens %s and is not in serverless.yml: "+
				"delete it in the console if nobody needs it", t.TriggerName, t.Type, cmp.Or(t.Qualifier, "$LATEST")))
		case is.AuthType == "NONE" && is.NetConfig.EnableExtranet == want.EnableExtranet &&
			is.NetConfig.EnableIntranet == want.EnableIntranet && !is.CorsConfig.Enable && t.Enable == 1:
			d.result.URL = is.NetConfig.ExtranetUrl
			return nil
		default:
			action, name = "UpdateTrigger", t.TriggerName
		}
	}
	desc, _ := json.Marshal(object{"AuthType": "NONE", "NetConfig": object{
		"EnableIntranet": want.EnableIntranet, "EnableExtranet": want.EnableExtranet,
	}})
	d.say("Opening the Function URL.")
	in := object{"TriggerName": name, "Type": "http", "TriggerDesc": string(desc), "Qualifier": d.alias(), "Enable": "OPEN"}
	if err := d.remote.call(ctx, action, d.remote.with(in), &struct{}{}); err != nil || d.remote.dry != nil {
		return err
	}
	if all, err = d.remote.triggers(ctx); err != nil {
		return err
	}
	for _, t := range all {
		if t.TriggerName == name && t.Qualifier == d.alias() {
			d.result.URL = t.network().NetConfig.ExtranetUrl
		}
	}
	if d.result.URL == "" {
		return errors.New("SCF made the Function URL and doesn't say where it is: look at the function's triggers in the console")
	}
	d.changed("Function URL: %s", map[string]string{"CreateTrigger": "made", "UpdateTrigger": "opened as described"}[action])
	return nil
}
