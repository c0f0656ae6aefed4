package main

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// A secret is replaced while logins come in, and none is refused: the function learns the new one beside the old, then
// the signer changes over, then the function forgets the old one. Instances of two steps always answer side by side.
func TestRotationUnderLoad(t *testing.T) {
	const old, new = secret, "fedcba9876543210fedcba9876543210"
	yaml := strings.Replace(accessFile, "secret: ${JWT_SECRET}", `secret: ["${JWT_SECRET}", "${JWT_SECRET_OLD?}"]`, 1)
	instance := func(current, before string) *world {
		return newWorld(t, map[string]string{
			"ACCESS_YAML": yaml, "JWT_SECRET": current, "JWT_SECRET_OLD": before, "LOG_LEVEL": "error",
		})
	}
	sign := func(secret string) string {
		claims := jwt.MapClaims{
			"iss": "https://login.example.com/", "aud": "cos-credentials", "sub": "alice",
			"exp": time.Now().Add(time.Hour).Unix(),
		}
		signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	first, both, last := instance(old, ""), instance(new, old), instance(new, "")
	var asked atomic.Int64
	load := func(instances []*world, logins ...string) {
		var group sync.WaitGroup
		for _, w := range instances {
			for _, login := range logins {
				for range 4 {
					group.Go(func() {
						for range 25 {
							if status, _, body := w.ask(t, httpEvent("GET", "/credentials", login, "")); status != 200 {
								t.Errorf("%d %v: %s", status, body, w.log)
								return
							}
							asked.Add(1)
						}
					})
				}
			}
		}
		group.Wait()
	}
	load([]*world{first, both}, sign(old))     // the function is being updated
	load([]*world{both}, sign(old), sign(new)) // the signer is
	load([]*world{both, last}, sign(new))      // the function is, once the last old login has expired
	if asked.Load() != 4*25*(2+2+2) {
		t.Errorf("%d logins", asked.Load())
	}
	for _, w := range []*world{first, last} { // each secret opens what it should, and no more
		other := map[*world]string{first: new, last: old}[w]
		if status, _, _ := w.ask(t, httpEvent("GET", "/credentials", sign(other), "")); status != 401 {
			t.Errorf("the other secret: %d", status)
		}
	}
}
