package smoke

import (
	"flag"
	"regexp"
	"testing"
)

// told is, of each promise of all that the tests before this one had smoke say, whether it was ever seen broken. What
// differs from run to run is left out of it.
var told = map[string]bool{}

var ofOneRun = regexp.MustCompile(`for .* and nothing else|file of \S+`)

func note(f Finding) {
	if what := ofOneRun.ReplaceAllString(f.What, "…"); f.State == Holds || f.State == Broken {
		told[what] = told[what] || f.State == Broken
	}
}

// A promise that no test has seen broken may be one that can't be: smoke would say that it holds whatever is deployed.
// Tests run in the order of their files' names, and this is the last.
func TestEveryPromiseCanBeBroken(t *testing.T) {
	if flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.shuffle").Value.String() != "off" {
		t.Skip("it needs all that the other tests had smoke say")
	}
	for what, broken := range told {
		if !broken {
			t.Errorf("nothing breaks: %s", what)
		}
	}
}
