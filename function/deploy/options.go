package main

import (
	"errors"
	"flag"
)

// target are the options that say what a command is about.
type target struct{ stage, file string }

func (t *target) define(f *flag.FlagSet) {
	f.StringVar(&t.stage, "stage", "", "the stage's `name`, if not serverless.yml's own; it has its .env.NAME")
	f.StringVar(&t.file, "file", "", "another `description` than serverless.yml; .env is read beside it")
}

func jsonOption(f *flag.FlagSet) *bool {
	return f.Bool("json", false, "print the result as JSON, one object a line")
}

// endpointOption is an address that gets secrets, so it is on this machine.
func endpointOption(f *flag.FlagSet, name, of string) *string {
	var endpoint string
	f.Func(name, of+" on this machine, `http://127.0.0.1:PORT`, for tests", func(s string) error {
		if endpoint = s; !isLocal(s) {
			return errors.New("it is for an address of this machine, such as http://127.0.0.1:8080")
		}
		return nil
	})
	return &endpoint
}
