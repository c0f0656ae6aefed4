package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// percentile is the value that q of the sample lie at or below (nearest rank). It is 0 for an empty sample.
func percentile[T cmp.Ordered](sample []T, q float64) (v T) {
	if len(sample) == 0 {
		return v
	}
	sorted := slices.Sorted(slices.Values(sample))
	rank := int(math.Ceil(q * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// median is the middle value, or the mean of the two in the middle.
func median(sample []float64) float64 {
	n := len(sample)
	if n == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(sample))
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// ratio is a to b; NaN if either was not measured.
func ratio(a, b float64) float64 {
	if a == 0 || b == 0 {
		return math.NaN()
	}
	return a / b
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
func us(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// p50 and p99 are percentiles of the latency, in ms.
func (w *warm) p50() float64 { return ms(percentile(w.Latency, 0.50)) }
func (w *warm) p99() float64 { return ms(percentile(w.Latency, 0.99)) }

// figures writes a number to three digits.
func figures(v float64) string {
	switch {
	case v >= 99.95:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.995:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// beside writes a number and how it compares: 0.31 (0.94 ×). It is empty for what was not measured.
func beside(v, other float64) string {
	r := ratio(v, other)
	switch {
	case math.IsNaN(r):
		return ""
	case r < 0.1:
		return fmt.Sprintf("%s (%.3f ×)", figures(v), r)
	}
	return fmt.Sprintf("%s (%s ×)", figures(v), figures(r))
}

// markdown writes a table that reads well unrendered, too. The first row is its head.
func markdown(rows [][]string) string {
	var text strings.Builder
	aligned := tabwriter.NewWriter(&text, 0, 0, 1, ' ', 0)
	for i, row := range rows {
		fmt.Fprintf(aligned, "| %s\t|\n", strings.Join(row, "\t| "))
		if i == 0 {
			fmt.Fprintf(aligned, "| ---%s\t|\n", strings.Repeat("\t| --:", len(row)-1)) // numbers end together
		}
	}
	aligned.Flush()
	return text.String()
}
