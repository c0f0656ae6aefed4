package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"testing"
)

// BenchmarkCachedAnswer is a whole invocation whose key is in the cache, with a token that costs little to check.
func BenchmarkCachedAnswer(b *testing.B) {
	w := newWorld(b, nil)
	w.handler.log = newLog(io.Discard, slog.LevelInfo)
	payload, _ := json.Marshal(httpEvent("GET", "/credentials", newToken(b, nil), ""))
	f := function{w.handler}
	b.ReportAllocs()
	done := make(chan error)
	for b.Loop() {
		go func() { // as the runtime library does
			_, err := f.Invoke(b.Context(), payload)
			done <- err
		}()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	if n := len(w.sts.Records()); n != 1 {
		b.Errorf("%d calls of STS", n)
	}
}
