package login

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDate(t *testing.T) {
	for _, c := range []struct {
		number      string
		least       int64
		seconds     int64 // -1 if refused
		nanoseconds int64
	}{
		{"1", 1, 1, 0},
		{"0", 1, -1, 0},
		{"0", 0, 0, 0},
		{"-0", 0, 0, 0},
		{"-0.000e5", 0, 0, 0},
		{"0e99999999999999999999", 0, 0, 0},
		{"-1", 0, -1, 0},
		{"-1e-400", 0, -1, 0},
		{"1e-400", 0, 0, 0},
		{"1e-400", 1, -1, 0},
		{"0.999999999999", 1, -1, 0},
		{"1.0", 1, 1, 0},
		{"1e0", 1, 1, 0},
		{"1E+9", 1, 1_000_000_000, 0},
		{"1e00000000000000000000001", 1, 10, 0},
		{"1800000000.5", 1, 1_800_000_000, 500_000_000},
		{"1800000000.0000000019", 1, 1_800_000_000, 1},
		{"18.000000005e8", 1, 1_800_000_000, 500_000_000},
		{"0.0018e12", 1, 1_800_000_000, 0},
		{"0.05", 0, 0, 50_000_000},
		{"0.00000000001", 0, 0, 0},
		{"180000000000e-2", 1, 1_800_000_000, 0},
		{"1" + strings.Repeat("0", 5000) + "e-4991", 1, 1_000_000_000, 0},
		{"0." + strings.Repeat("0", 5000) + "18e5010", 1, 1_800_000_000, 0},
		{"253402300799", 1, latestDate, 0},
		{"2.53402300799e11", 1, latestDate, 0},
		{"253402300799.000", 1, latestDate, 0},
		{"253402300799.5", 1, -1, 0},
		{"253402300799.00000000000000000001", 1, -1, 0},
		{"253402300800", 1, -1, 0},
		{"1800000000000", 1, -1, 0}, // milliseconds
		{"1e12", 1, -1, 0},
		{"9223372036854775807", 1, -1, 0},
		{"1e19", 1, -1, 0},
		{"1e400", 0, -1, 0},
		{"1e99999999999999999999", 0, -1, 0},
		{"1e-99999999999999999999", 0, 0, 0},
		{"-1e99999999999999999999", 0, -1, 0},
	} {
		got, ok := parseDate(c.number, c.least)
		if ok != (c.seconds >= 0) || ok && !got.Equal(time.Unix(c.seconds, c.nanoseconds)) {
			t.Errorf("parseDate(%.40s, %d) = %v, %v; want %d.%09d", c.number, c.least, got, ok, c.seconds, c.nanoseconds)
		}
	}
}

// The digits are read as math/big reads the number.
func TestParseDateExact(t *testing.T) {
	latest := big.NewRat(latestDate, 1)
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(
			rapid.StringMatching(`-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,14})?([eE][+-]?[0-9]{1,2})?`),
			rapid.Custom(func(t *rapid.T) string { // close to the last
				return fmt.Sprintf("25340230079%d%s", rapid.IntRange(8, 9).Draw(t, "last"), rapid.StringMatching(`(\.0{0,12}[01])?`).Draw(t, "fraction"))
			}),
		).Draw(t, "number")
		least := rapid.Int64Range(0, 1).Draw(t, "least")
		value, _ := new(big.Rat).SetString(number)
		inRange := value.Cmp(big.NewRat(least, 1)) >= 0 && value.Cmp(latest) <= 0
		got, ok := parseDate(number, least)
		if ok != inRange {
			t.Fatalf("parseDate(%s, %d): %v", number, least, ok)
		}
		if !ok {
			return
		}
		difference := value.Sub(value, big.NewRat(got.Unix(), 1))
		difference.Sub(difference, big.NewRat(int64(got.Nanosecond()), 1e9))
		if difference.Sign() < 0 || difference.Cmp(big.NewRat(1, 1e9)) >= 0 {
			t.Fatalf("parseDate(%s) = %v", number, got)
		}
	})
}
