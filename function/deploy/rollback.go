package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

const rollbackHelp = `Usage: go run ./function/deploy rollback [--to N] [--stage NAME] [--json] [--file FILE]

Moves the alias that the Function URL opens back to the version before, or to version N. A version is code and
configuration of its time: the role and the variables, JWT_SECRET included, go back with it. Deploying again goes forward.
`

func (s *session) rollback(ctx context.Context) error {
	o := s.options("rollback", rollbackHelp)
	to := o.Int("to", 0, "the `version` to go to; the one before by default")
	stage := o.String("stage", "", "the `name` of the stage")
	file := o.String("file", "", "another description than serverless.yml")
	asJSON := o.Bool("json", false, "print the result as one line of JSON")
	endpoint := o.String("endpoint", "", "call an SCF API on this machine; for tests")
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
	// On a bad day: only what names the function has to be right.
	for _, p := range append(slices.Clone(d.Problems), d.check()...) {
		if about(p, "stage", "name", "inputs.name", "inputs.namespace", "inputs.region", "inputs.events") {
			fmt.Fprintln(s.problems, p)
			err = errNo
		}
	}
	if d.key.id == "" || d.key.key == "" {
		return errors.New("TENCENT_SECRET_ID and TENCENT_SECRET_KEY are not set: put the deployer's key into .env or the environment")
	}
	if err != nil {
		return err
	}
	run := &deployment{
		description: d, remote: remote{newAPI(d, *endpoint, nil), d.Inputs.Name, d.namespace()}, progress: s.problems,
		result: result{
			Stage: d.Stage, Function: d.Inputs.Name, Region: d.Inputs.Region, Namespace: d.namespace(), Alias: d.alias(),
			Changed: []string{},
		},
	}
	if err := run.back(ctx, *to); err != nil {
		return err
	}
	if *asJSON {
		return s.report(run.result, true)
	}
	fmt.Fprintf(s.out, "%s of %s: version %s → %s\n", d.alias(), d.Inputs.Name, run.result.Was, run.result.Version)
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
