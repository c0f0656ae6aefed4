package main

import (
	"strings"
	"testing"
)

// A row behind one with which its code begins would never be told.
func TestEveryRowOfSCFErrorsIsTold(t *testing.T) {
	for _, row := range next {
		e := &apiError{"Action", row.code + ".Any", "message"}
		if !strings.HasSuffix(e.Error(), "\n"+row.what) {
			t.Errorf("%s: %v", row.code, e)
		}
	}
}
