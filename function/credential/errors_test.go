package credential

import (
	"strings"
	"testing"
)

// A row behind one that fits all of its codes would never decide.
func TestEveryRowOfSTSErrorsDecides(t *testing.T) {
	for _, row := range codes {
		code := strings.ReplaceAll(row.pattern, "*", "Any")
		got := fromCode(code, "{region}", "")
		if got.Reason != row.means || got.Kind != row.kind || got.again != row.again {
			t.Errorf("%s is decided by another row: %v", code, got)
		}
		if (got.Kind == Busy) != (got.RetryAfter > 0) {
			t.Errorf("%s: try again after %v", code, got.RetryAfter)
		}
	}
}
