package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"cos-credentials/policy"
	"cos-credentials/policy/prefix"
	"cos-credentials/test/cam"
)

// diff says what the access file opens and closes to some logins, compared with the old one.
func (w *wanted) diff(after *policy.Access, logins []expectation, out io.Writer) error {
	before, err := (&wanted{access: w.old}).load(io.Discard)
	if err != nil {
		return err
	}
	for _, e := range logins {
		was, err := e.openings(before)
		if err != nil {
			return fmt.Errorf("%s: %w", w.old, err)
		}
		is, err := e.openings(after)
		if err != nil {
			return fmt.Errorf("%s: %w", w.access, err)
		}
		opened, closed := changed(was, is, "opens", "before"), changed(is, was, "closes", "left")
		if opened+closed == "" {
			closed = "  opens and closes nothing\n"
		}
		who, err := json.Marshal(e.who.Claims)
		if err != nil {
			return err
		}
		of := ""
		if e.grant != "" {
			of = ", of grant " + e.grant + ","
		}
		fmt.Fprintf(out, "To the login %s of issuer %s%s the change\n%s%s\n", who, e.who.Issuer, of, opened, closed)
	}
	return nil
}

// openings is what the login can do with all grants that it can get. Places begin with their bucket.
func (e expectation) openings(access *policy.Access) (all []cam.Opening, _ error) {
	every, err := e.reach(access)
	if err != nil {
		return nil, err
	}
	for _, one := range every {
		p, err := keyPolicy(one)
		if err != nil {
			return nil, err
		}
		for _, o := range p.Openings() {
			o.Place = one.Bucket + "/" + o.Place
			all = append(all, o)
		}
	}
	return all, nil
}

// changed lists what one side opens and the other doesn't, with what the other side opens of it. Actions of which the
// same is to be said share a line.
func changed(other, side []cam.Opening, verb, besides string) string {
	var order []string
	actions := map[string][]string{}
	for _, o := range side {
		var related []string
		for _, part := range other {
			if inside(o, part) || inside(part, o) {
				related = append(related, place(part))
			}
		}
		said := place(o)
		if related != nil {
			said += " (" + besides + ": " + strings.Join(related, ", ") + ")"
		}
		if slices.ContainsFunc(other, func(than cam.Opening) bool { return covers(than, o) }) ||
			slices.Contains(actions[said], o.Action) {
			continue
		}
		if actions[said] == nil {
			order = append(order, said)
		}
		actions[said] = append(actions[said], o.Action)
	}
	var lines strings.Builder
	for _, said := range order {
		fmt.Fprintf(&lines, "  %-6s  %s  %s\n", verb, strings.Join(actions[said], ", "), said)
	}
	return lines.String()
}

// inside reports whether an opening is of the other's action, and of a place that lies in the other's.
func inside(o, other cam.Opening) bool {
	return o.Action == other.Action && prefix.Cover([]string{other.Place}, o.Place) != ""
}

// covers reports whether an opening opens all that the other does.
func covers(o, other cam.Opening) bool { return inside(other, o) && (o.If == "" || o.If == other.If) }

func place(o cam.Opening) string {
	if o.If == "" {
		return o.Place
	}
	return o.Place + " if " + o.If
}
