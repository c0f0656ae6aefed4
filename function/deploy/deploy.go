package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"cos-credentials/function/deploy/cli"
	"cos-credentials/function/login"
)

const deployHelp = `Without a command: checks serverless.yml, the .env files and policy/access.yaml, and reports every
problem at once. Builds the function: the same source gives the same bytes. Creates or updates it, waits until SCF has
taken that, publishes a version, and only then moves the alias to it that the Function URL opens: users meet the old
version or the new one, nothing between.

A function that is as described already is left alone. Ctrl-C is safe, and so is running it again.
`

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

func (s *session) deploy(f *flag.FlagSet) cli.Do {
	var of target
	of.define(f)
	asJSON, endpoint := jsonOption(f), endpointOption(f, "endpoint", "an SCF API")
	check := f.Bool("check", false, "stop before the first call")
	dry := f.Bool("dry-run", false, "look at what is there, and print the other calls instead of making them")
	return func(ctx context.Context, _ cli.Call) error {
		d, err := s.describe(of.file, of.stage)
		if err != nil {
			return err
		}
		if err := s.sound(ctx, d, *check, *asJSON); err != nil || *check {
			return err
		}
		var instead func(string, object) error
		if *dry {
			instead = func(action string, in object) error { return s.show(action, in, *asJSON) }
		}
		one := newDeployment(s, d, newAPI(d, *endpoint, instead))
		one.result.Code = s.workshop.sum()
		if err := one.all(ctx); err != nil {
			return err
		}
		if *dry {
			fmt.Fprintln(s.problems, "Nothing was changed.")
			return nil
		}
		return s.report(one.result, *asJSON)
	}
}

// show prints a call instead of making it.
func (s *session) show(action string, in object, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(s.out).Encode(object{"action": action, "parameters": in})
	}
	text, err := json.MarshalIndent(in, "", "  ")
	fmt.Fprintf(s.out, "%s %s\n", action, text)
	return err
}

// isLocal: the endpoint gets the secrets, so it is SCF's own ("") or on this machine.
func isLocal(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return endpoint == "" || err == nil && u.Scheme == "http" && login.IsLoopback(u.Hostname())
}

// sound reports all that is wrong before anything is called.
func (s *session) sound(ctx context.Context, d *description, check, asJSON bool) error {
	all := []string{}
	for _, p := range slices.Concat(d.Problems, d.unread, d.check()) {
		all = append(all, p.String())
	}
	if !d.key.isSet() && !check {
		all = append(all, errNoKey.Error())
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
	if access, err := d.access(); err == nil { // else that has been said
		remarks = append(remarks, unsealed(access)...)
	}
	if d.lent != "" {
		remarks = append(remarks, d.lent)
	}
	for _, one := range remarks {
		fmt.Fprintln(s.problems, "Note: "+hide(one))
	}
	for i := range all {
		all[i] = hide(all[i])
	}
	if asJSON && (check || len(all) > 0) {
		json.NewEncoder(s.out).Encode(object{"problems": all})
	}
	if len(all) == 0 {
		in := d.Inputs
		fmt.Fprintf(s.problems, "%s Everything holds: %s in %s, code %s.\n",
			cli.Mark(s.problems, cli.Holds), in.Name, in.Region, s.workshop.sum())
		if !d.key.isSet() {
			fmt.Fprintln(s.problems, "Only to deploy it: "+errNoKey.Error()+".")
		}
		return nil
	}
	for _, one := range all {
		fmt.Fprintln(s.problems, cli.Mark(s.problems, cli.Broken), one)
	}
	fmt.Fprintf(s.problems, "\n%s. Nothing was called.\n", count(len(all), "problem"))
	return cli.ErrNo
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
