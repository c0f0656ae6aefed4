package main

import (
	"math"
	"slices"
	"testing"
)

func TestNumbers(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(100 - i) // 100 … 1
	}
	if percentile(hundred, 0.50) != 50 || percentile(hundred, 0.99) != 99 || percentile(hundred, 1) != 100 ||
		percentile([]int{3, 1, 2}, 0.5) != 2 || percentile([]int(nil), 0.5) != 0 {
		t.Error("percentile")
	}
	if median(hundred) != 50.5 || median([]float64{9, 1, 5}) != 5 || median(nil) != 0 {
		t.Error("median")
	}
	if hundred[0] != 100 {
		t.Error("the sample was sorted in place")
	}
	if ratio(3, 2) != 1.5 || !math.IsNaN(ratio(0, 2)) || !math.IsNaN(ratio(3, 0)) {
		t.Error("ratio")
	}
	want := []string{"0.31", "10.0", "100", "2782", "0.13 (0.006 ×)", "0.47 (0.94 ×)", "", "35,000", "2,000,000", "990"}
	got := []string{figures(0.3125), figures(9.996), figures(99.96), figures(2781.9), beside(0.13, 20.8),
		beside(0.47, 0.5), beside(3, 0), people(34512), people(2025517), people(990)}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
