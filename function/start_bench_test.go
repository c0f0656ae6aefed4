package main

import (
	"io"
	"testing"
)

// BenchmarkStart is what a cold start spends on the configuration.
func BenchmarkStart(b *testing.B) {
	env := map[string]string{"JWT_SECRET": secret, "STS_SECRET_ID": "a", "STS_SECRET_KEY": "b", "COS_BUCKET": "b-1250000000", "COS_REGION": "ap-guangzhou"}
	b.ReportAllocs()
	for b.Loop() {
		if newHandler(func(n string) (string, bool) { v, ok := env[n]; return v, ok }, nil, io.Discard).broken {
			b.Fatal("broken")
		}
	}
}
