package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cos-credentials/test/scfapi"
)

// way is a command that changes something, from where it begins to where it ends.
type way struct {
	name  string
	args  []string
	begin func(*account)

	versions, memory int
	alias            string
}

var ways = []way{
	{"deploying", nil, func(*account) {}, 1, 128, "1"},
	{"changing", nil, func(a *account) { a.deploy(); a.grow(128) }, 2, 256, "2"},
	{"going back", []string{"rollback"}, func(a *account) {
		a.deploy()
		a.grow(128)
		a.deploy()
		a.grow(256)
		a.deploy()
	}, 3, 256, "2"},
}

// grow describes a function with twice the memory.
func (a *account) grow(memory int) {
	a.edit(fmt.Sprint("memorySize: ", memory), fmt.Sprint("memorySize: ", 2*memory))
}

// hasEnded holds an account to where the way ends.
func (w way) hasEnded(a *account) {
	a.t.Helper()
	f := a.function()
	if f.Aliases["$DEFAULT"] != w.alias || len(f.Versions) != w.versions || len(f.Triggers) != 1 {
		a.t.Fatalf("%v, %d versions, %d triggers", f.Aliases, len(f.Versions), len(f.Triggers))
	}
	for _, v := range f.Versions {
		if v.Environment["JWT_SECRET"] != jwtSecret || !v.Quiet || v.Number == w.alias && v.Memory != w.memory {
			a.t.Errorf("%+v", v)
		}
	}
}

// Whatever fails, whether SCF carried it out or not, the next run ends where an undisturbed one does.
func TestFailureAtEachCall(t *testing.T) {
	for _, w := range ways {
		undisturbed := newAccount(t)
		w.begin(undisturbed)
		before := len(undisturbed.api.Records())
		if status, _, problems := undisturbed.run(w.args...); status != 0 {
			t.Fatal(problems)
		}
		w.hasEnded(undisturbed)
		for at := range len(undisturbed.api.Records()) - before + 1 {
			for _, done := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, call %d, done %v", w.name, at+1, done), func(t *testing.T) {
					t.Parallel()
					w.failAt(newAccount(t), at, done)
				})
			}
		}
	}
}

func (w way) failAt(a *account, at int, done bool) {
	w.begin(a)
	n := 0
	a.api.Play(func(r scfapi.Record) *scfapi.Fault {
		if n++; n == at+1 {
			return &scfapi.Fault{Code: "InternalError", Message: "no luck with " + jwtSecret, Done: done}
		}
		return nil
	})
	status, _, problems := a.run(w.args...)
	a.api.Play(nil)
	if n > at {
		if status != 1 || !strings.Contains(problems, "Run the command again") {
			a.t.Errorf("%d %s", status, problems)
		}
		again := w.args
		if _, to, told := strings.Cut(problems, "all the same: go on with --to "); told {
			again = append(slices.Clone(w.args), "--to", strings.TrimSpace(to))
		}
		if status, _, problems = a.run(again...); status != 0 {
			a.t.Errorf("%v: %d %s", again, status, problems)
		}
	}
	w.hasEnded(a)
}

func TestInterrupted(t *testing.T) {
	a := newAccount(t)
	a.deploy()
	a.edit("memorySize: 128", "memorySize: 256")
	ctx, cancel := context.WithCancel(t.Context())
	a.api.Play(func(r scfapi.Record) *scfapi.Fault {
		if r.Action == "UpdateFunctionConfiguration" {
			cancel()
		}
		return nil
	})
	status, _, problems := a.runIn(ctx)
	if status != 1 || !strings.Contains(problems, "interrupted: run the same command again") {
		t.Errorf("%d %s", status, problems)
	}
	if f := a.function(); f.Aliases["$DEFAULT"] != "1" || f.Versions[0].Memory != 128 {
		t.Error("users met what was half done")
	}
	a.api.Play(nil)
	if r := a.deploy(); r.Version != "2" || a.function().Versions[1].Memory != 256 {
		t.Errorf("%+v", r)
	}
}

func TestThrottled(t *testing.T) {
	a := newAccount(t)
	n := 0
	a.api.Play(func(r scfapi.Record) *scfapi.Fault {
		if n++; n == 2 || n == 5 {
			return &scfapi.Fault{Code: "RequestLimitExceeded", Message: "slowly"}
		}
		return nil
	})
	a.deploy()
}
