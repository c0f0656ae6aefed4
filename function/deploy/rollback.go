package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strconv"

	"cos-credentials/function/deploy/cli"
)

const rollbackHelp = `Moves the alias that the Function URL opens back to the version before, or to version N. A version
is code and configuration of its time: the role and the variables, JWT_SECRET included, go back with it. Deploying again
goes forward.
`

func (s *session) rollback(f *flag.FlagSet) cli.Do {
	var of target
	of.define(f)
	asJSON, endpoint := jsonOption(f), endpointOption(f, "endpoint", "an SCF API")
	to := f.Int("to", 0, "the `version` to go to; the one before by default")
	return func(ctx context.Context, _ cli.Call) error {
		d, err := s.describe(of.file, of.stage)
		if err != nil {
			return err
		}
		one, err := s.existing(d, *endpoint)
		if err != nil {
			return err
		}
		if err := one.back(ctx, *to); err != nil {
			return err
		}
		if *asJSON {
			return s.report(one.result, true)
		}
		fmt.Fprintf(s.out, "%s of %s: version %s → %s\n", d.alias(), d.Inputs.Name, one.result.Was, one.result.Version)
		return nil
	}
}

// existing is what was deployed before. It is a bad day: only what names the function has to be right.
func (s *session) existing(d *description, endpoint string) (_ *deployment, err error) {
	for _, p := range slices.Concat(d.Problems, d.check()) {
		if about(p, "stage", "name", "inputs.name", "inputs.namespace", "inputs.region", "inputs.events") {
			fmt.Fprintln(s.problems, cli.Mark(s.problems, cli.Broken), p)
			err = cli.ErrNo
		}
	}
	if !d.key.isSet() {
		return nil, errNoKey
	}
	if err != nil {
		return nil, err
	}
	return newDeployment(s, d, newAPI(d, endpoint, nil)), nil
}

// back moves the alias to an older version.
func (d *deployment) back(ctx context.Context, to int) error {
	was, err := d.remote.pointsAt(ctx, d.alias())
	if err != nil {
		return err
	}
	numbers, _, err := d.remote.versions(ctx)
	if err != nil {
		return err
	}
	now, err := strconv.Atoi(was)
	if err != nil && to == 0 {
		return fmt.Errorf("%s of %s points at no version, so there is none before it: name one with --to, of %v",
			d.alias(), d.Inputs.Name, numbers)
	}
	for _, n := range numbers { // the newest first
		if to == 0 && n < now {
			to = n
		}
	}
	version := strconv.Itoa(to)
	d.result.Was, d.result.Version = was, version
	if version == was {
		return nil
	}
	if !slices.Contains(numbers, to) {
		return fmt.Errorf("%s is at version %s: there is nothing to go to in %v", d.alias(), was, numbers)
	}
	onward := "go on with --to " + version // which may have been done: without it, the version before that would be next
	d.say("Moving %s from version %s to %s. If that breaks off, %s.", d.alias(), was, version, onward)
	if err := d.remote.point(ctx, d.alias(), was, version); err != nil {
		return fmt.Errorf("%w\nIt may have been done all the same: %s", err, onward)
	}
	d.changed("%s: version %s → %s", d.alias(), was, version)
	return nil
}
