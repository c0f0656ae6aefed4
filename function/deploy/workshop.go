package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"cos-credentials/test/scf"
)

// workshop is a folder in which the function is built once: for the platform, and for this machine, to try it out.
type workshop struct {
	dir  string
	here string // the binary for this machine
	zip  []byte // what is uploaded
}

// build makes both binaries, where that hasn't been done.
func (w *workshop) build(ctx context.Context) error {
	if w.zip != nil {
		return nil
	}
	uploaded := filepath.Join(w.dir, "uploaded")
	err := scf.Package(ctx, uploaded)
	if err != nil {
		return err
	}
	if w.here, err = scf.Build(ctx, w.dir); err != nil {
		return err
	}
	binary, err := os.ReadFile(uploaded)
	if err != nil {
		return err
	}
	w.zip, err = scf.Zip(binary)
	return err
}

// sum names what is uploaded. The same source gives the same.
func (w *workshop) sum() string { return fmt.Sprintf("%x", sha256.Sum256(w.zip))[:16] }

// tryOut starts the function as the platform would, with exactly these variables, and returns what it complains of
// and what it only remarks: the rules of its configuration are its own. It is sent no event. As at every start it
// dials STS, and sends nothing.
func (w *workshop) tryOut(ctx context.Context, variables map[string]string) (problems, remarks []string, err error) {
	f, err := scf.Start(ctx, w.here, maps.Clone(variables))
	if err != nil {
		return nil, nil, err
	}
	f.Stop()
	for _, text := range f.Log.Lines() {
		var line struct{ Level, Msg, Problem string }
		json.Unmarshal([]byte(text), &line)
		switch {
		case line.Problem == "":
		case line.Level == "ERROR":
			problems = append(problems, line.Problem)
		default:
			remarks = append(remarks, line.Problem)
		}
	}
	return problems, remarks, nil
}

// mentions reports whether a text is about one of the names.
func mentions(text string, names []string) bool {
	for _, name := range names {
		if strings.Contains(text, name) {
			return true
		}
	}
	return false
}
