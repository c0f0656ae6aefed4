package main

import (
	"math"
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = 100 - i // 100 … 1
	}
	for _, tt := range []struct {
		sample []int
		q      float64
		want   int
	}{
		{hundred, 0.50, 50}, {hundred, 0.99, 99}, {hundred, 1, 100}, {hundred, 0, 1},
		{[]int{7}, 0.99, 7}, {[]int{3, 1, 2}, 0.5, 2}, {nil, 0.5, 0},
	} {
		if got := percentile(tt.sample, tt.q); got != tt.want {
			t.Errorf("percentile %v of %d values: got %d, want %d", tt.q, len(tt.sample), got, tt.want)
		}
	}
	if hundred[0] != 100 {
		t.Error("the sample was sorted in place")
	}
}

func TestMedianAndRatio(t *testing.T) {
	for _, tt := range []struct {
		sample []float64
		want   float64
	}{{[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 3, 2}, 2.5}, {nil, 0}} {
		if got := median(tt.sample); got != tt.want {
			t.Errorf("median of %v: got %v, want %v", tt.sample, got, tt.want)
		}
	}
	if ratio(3, 2) != 1.5 || !math.IsNaN(ratio(0, 2)) || !math.IsNaN(ratio(3, 0)) {
		t.Error("ratio")
	}
	if ms(1500*time.Microsecond) != 1.5 || us(1500*time.Nanosecond) != 1.5 {
		t.Error("units")
	}
}

func TestNumbersAsPeopleReadThem(t *testing.T) {
	for v, want := range map[float64]string{0.3125: "0.31", 9.996: "10.0", 12.34: "12.3", 99.96: "100", 2781.9: "2782", math.NaN(): "–"} {
		if got := figures(v); got != want {
			t.Errorf("figures(%v): got %s, want %s", v, got, want)
		}
	}
	if got := beside(0.13, 20.8); got != "0.13 (0.006 ×)" {
		t.Errorf("beside: %s", got)
	}
	if got := beside(3, 0); got != "3.00" {
		t.Errorf("beside nothing: %s", got)
	}
	for v, want := range map[float64]string{34512: "35,000", 2025517: "2,000,000", 990: "990", 12: "12", 0: "–"} {
		if got := people(v); got != want {
			t.Errorf("people(%v): got %s, want %s", v, got, want)
		}
	}
}
