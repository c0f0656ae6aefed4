package main

import (
	"context"
	"encoding/json"
	"testing"
)

// BenchmarkAnswer is a whole answer with a kept key, in clear and sealed: event in, answer out.
func BenchmarkAnswer(b *testing.B) {
	for name, query := range map[string]map[string]any{
		"clear": {}, "sealed": {"sealTo": "j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4KF8"},
	} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, map[string]string{"LOG_LEVEL": "info"})
			event := httpEvent("POST", "/credentials", newToken(b, nil), "")
			event["queryString"] = query
			payload, err := json.Marshal(event)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.serve(context.Background(), "req-1", payload).Encode(); err != nil {
					b.Fatal(err)
				}
				w.log.Reset()
			}
			if calls := len(w.sts.Records()); calls != 1 {
				b.Errorf("%d calls of STS: the key was not kept", calls)
			}
		})
	}
}
