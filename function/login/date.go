package login

import (
	"strconv"
	"strings"
	"time"
)

const latestDate = 253402300799 // 9999-12-31T23:59:59Z, the last that RFC 3339 can write

// parseDate reads a JSON number as seconds since 1970 (RFC 7519 section 2), if it lies from least, which is 0 or 1,
// to latestDate. It works on the digits: float64 rounds some numbers into the range and overflows on others. What
// lies below a nanosecond is dropped after the comparison.
func parseDate(text string, least int64) (time.Time, bool) {
	mantissa, negative := strings.CutPrefix(text, "-")
	exponent := 0
	if i := strings.IndexAny(mantissa, "eE"); i >= 0 {
		exponent, _ = strconv.Atoi(mantissa[i+1:])             // the largest int if it doesn't fit
		exponent = max(-2*maxToken, min(exponent, 2*maxToken)) // further than any digits of a token could make up for
		mantissa = mantissa[:i]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")

	// The value is 0.digits × 10^point, with no zero at either end of digits.
	digits := strings.TrimLeft(whole+fraction, "0")
	point := len(digits) - len(fraction) + exponent
	digits = strings.TrimRight(digits, "0")
	if digits == "" {
		return time.Unix(0, 0), least == 0 // -0 is 0 too
	}
	if negative || point > len("253402300799") {
		return time.Time{}, false
	}
	digit := func(i int) int64 {
		if i < 0 || i >= len(digits) {
			return 0
		}
		return int64(digits[i] - '0')
	}
	var seconds, nanoseconds int64
	for i := range point {
		seconds = seconds*10 + digit(i)
	}
	for i := point; i < point+9; i++ {
		nanoseconds = nanoseconds*10 + digit(i)
	}
	hasFraction := len(digits) > point
	if seconds < least || seconds > latestDate || seconds == latestDate && hasFraction {
		return time.Time{}, false
	}
	return time.Unix(seconds, nanoseconds), true
}
