package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
)

const rollbackHelp = `Usage: go run ./function/deploy rollback [--to N] [--stage NAME] [--json] [--file FILE]

Moves the alias that the Function URL opens back to the version before, or to version N. A version is code and
configuration of its time: the role and the variables, JWT_SECRET included, go back with it. Deploying again goes
forward.
`

func (s *session) rollback(ctx context.Context) error {
	o := s.options("rollback", rollbackHelp)
	o.callsSCF()
	f := &o.shared
	to := o.Int("to", 0, "the `version` to go to; the one before by default")
	if _, err := o.parse(0); err != nil {
		return err
	}
	d, err := s.describe(f.file, f.stage)
	if err != nil {
		return err
	}
	// On a bad day: only what names the function has to be right.
	for _, p := range slices.Concat(d.Problems, d.check()) {
		if about(p, "stage", "name", "inputs.name", "inputs.namespace", "inputs.region", "inputs.events") {
			fmt.Fprintln(s.problems, p)
			err = errNo
		}
	}
	if !d.key.isSet() {
		return errNoKey
	}
	if err != nil {
		return err
	}
	one := newDeployment(s, d, newAPI(d, f.endpoint, nil))
	if err := one.back(ctx, *to); err != nil {
		return err
	}
	if f.json {
		return s.report(one.result, true)
	}
	fmt.Fprintf(s.out, "%s of %s: version %s → %s\n", d.alias(), d.Inputs.Name, one.result.Was, one.result.Version)
	return nil
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
	if !slices.Contains(numbers, to) || to == now {
		return fmt.Errorf("%s is at version %s: there is nothing to go to in %v", d.alias(), was, numbers)
	}
	version := strconv.Itoa(to)
	d.result.Was, d.result.Version = was, version
	d.changed("%s: version %s → %s", d.alias(), was, version)
	return d.remote.point(ctx, d.alias(), was, version)
}
