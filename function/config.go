package main

import (
	"fmt"
	"io"
	"log/slog"

	"cos-credentials/function/gateway"
	"cos-credentials/function/roots"
	"cos-credentials/policy"
)

// environment reads the function's variables and gathers what is wrong with them. An empty variable counts as unset.
type environment struct {
	lookup   func(string) (string, bool)
	roots    *roots.System
	problems []string
	warnings []string
}

func (e *environment) problem(format string, args ...any) {
	e.problems = append(e.problems, fmt.Sprintf(format, args...))
}

func (e *environment) variable(name, otherwise string) string {
	if value, ok := e.lookup(name); ok && value != "" {
		return value
	}
	return otherwise
}

// newHandler reads the whole configuration. A mistake in it never ends the process, because all that the platform would
// then say is that nobody listens on a port. Each mistake is logged, and every request is answered with Misconfigured.
func newHandler(lookup func(string) (string, bool), readFile func(string) ([]byte, error), logTo io.Writer) *handler {
	e := &environment{lookup: lookup, roots: roots.New()}
	h := &handler{log: newLog(logTo, e.level())}
	var err error
	if h.cors, err = gateway.ParseCORS(e.variable("ALLOW_ORIGINS", "")); err != nil {
		e.problem("ALLOW_ORIGINS: %v", err)
	}
	if h.region = e.variable("STS_REGION", ""); h.region != "" && !policy.IsRegion(h.region) {
		e.problem("STS_REGION: it must be a region's name, as in ap-guangzhou")
	}
	h.keys = e.keys() // first: it dials STS while the access file is read
	h.access, h.tokens = e.access(readFile)
	for _, w := range e.warnings {
		h.log.Warn("configuration", "warning", w)
	}
	for _, p := range e.problems {
		h.log.Error("configuration", "problem", p)
	}
	h.broken = len(e.problems) > 0
	return h
}

func (e *environment) level() slog.Level {
	switch v := e.variable("LOG_LEVEL", "info"); v {
	case "debug":
		return slog.LevelDebug
	case "info":
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	default:
		e.problem("LOG_LEVEL: %q is not one of debug, info, warn, error", v)
	}
	return slog.LevelInfo
}
