package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// table is a Markdown table that reads well unrendered, too.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) write(w io.Writer) {
	width := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	line := func(row []string) {
		for i, cell := range row {
			gap := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if i > 0 { // numbers end together
				cell, gap = gap, cell
			}
			fmt.Fprintf(w, "| %s%s ", cell, gap)
		}
		fmt.Fprintln(w, "|")
	}
	line(t.head)
	for i, n := range width {
		mark := strings.Repeat("-", n+1) + ":"
		if i == 0 {
			mark = strings.Repeat("-", n+2)
		}
		fmt.Fprint(w, "|", mark)
	}
	fmt.Fprintln(w, "|")
	for _, row := range t.rows {
		line(row)
	}
}

// figures writes a number to three digits.
func figures(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case v >= 99.95:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.995:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// beside writes a number and how it compares: 0.31 (0.94 ×).
func beside(v, other float64) string {
	r := ratio(v, other)
	if math.IsNaN(r) {
		return figures(v)
	}
	if r < 0.1 {
		return fmt.Sprintf("%s (%.3f ×)", figures(v), r)
	}
	return fmt.Sprintf("%s (%s ×)", figures(v), figures(r))
}
