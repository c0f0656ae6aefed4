package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Whoever reads the log finds each field of its lines on the page, and no query there asks for another.
func TestEachFieldOfTheLogIsDescribed(t *testing.T) {
	page, err := os.ReadFile("deploy/WATCH.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("line.go")
	if err != nil {
		t.Fatal(err)
	}
	words := func(pattern, text string) (out []string) {
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			out = append(out, match[1])
		}
		return out
	}
	rows := strings.Join(words("(?m)^(\\| `.*)$", string(page)), "\n")
	fields := words(`(?:slog\.[A-Z]\w+|roomTime|milliseconds)\("(\w+)"`, string(source))
	fields = append(fields, "level") // slog's own
	for _, field := range fields {
		if !strings.Contains(rows, "`"+field+"`") {
			t.Errorf("the page doesn't describe %s", field)
		}
	}
	asked := words(`'\$\.(\w+)'`, string(page))
	for _, cell := range words("(?m)^\\| (`[^|]*) \\|", rows) {
		asked = append(asked, words("`(\\w+)`", cell)...)
	}
	for _, field := range asked {
		if !slices.Contains(fields, field) {
			t.Errorf("the page speaks of %s, which no line has", field)
		}
	}
	if len(fields) < 16 || len(asked) < 20 {
		t.Errorf("%q of %q: are the files read as they are written?", asked, fields)
	}
}

// LOG_LEVEL leaves out the lines below it: an answer's is INFO, and a refusal's WARN.
func TestLogLevel(t *testing.T) {
	for level, want := range map[string]int{"debug": 2, "info": 2, "warn": 1, "error": 0} {
		w := newWorld(t, map[string]string{"LOG_LEVEL": level})
		w.log.Reset()
		w.ask(t, httpEvent("GET", "/", newToken(t, nil), ""))
		w.ask(t, httpEvent("GET", "/", "x.y.z", ""))
		if got := strings.Count(w.log.String(), `"msg":"request"`); got != want {
			t.Errorf("%s: %d lines, want %d\n%s", level, got, want, w.log)
		}
	}
}
