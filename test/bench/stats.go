package main

import (
	"cmp"
	"math"
	"slices"
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
