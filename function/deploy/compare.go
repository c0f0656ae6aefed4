package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// compare says in what a version differs from the description, in words that hold no variable's value.
func (d *deployment) compare(v *settings) (out []string) {
	in := d.Inputs
	differ := func(what string, is, want any) {
		if is != want {
			out = append(out, fmt.Sprintf("%s: %v → %v", what, orNone(is), orNone(want)))
		}
	}
	differ("role", v.Role, in.Role)
	differ("memory", v.MemorySize, in.MemorySize)
	differ("timeout", v.Timeout, in.Timeout)
	if in.CLS.TopicID != "" {
		differ("log set", v.ClsLogsetId, in.CLS.LogsetID)
		differ("log topic", v.ClsTopicId, in.CLS.TopicID)
	}
	is, want := v.variables(), d.variables()
	for _, name := range sorted(want) {
		switch value, ok := is[name]; {
		case !ok:
			out = append(out, name+": set")
		case value != want[name]:
			out = append(out, name+": changed")
		}
	}
	for _, name := range sorted(is) {
		if _, ok := want[name]; !ok {
			out = append(out, name+": taken out")
		}
	}
	return out
}

func orNone(value any) any {
	if value == "" {
		return "none"
	}
	return value
}

// differences notes what a new version changes for users.
func (d *deployment) differences(live *settings) {
	if live == nil {
		d.changed("code: %s", d.workshop.sum())
		return
	}
	if was := strings.TrimPrefix(live.note, "code "); was != d.workshop.sum() {
		d.changed("code: %s → %s", orNone(was), d.workshop.sum())
	}
	for _, one := range d.compare(live) {
		d.changed("%s", one)
	}
}
