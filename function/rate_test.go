package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func encoded(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// keyID asks for a key and returns the status and the key's name.
func (w *world) keyID(t *testing.T, bearer, body string) (status int, id string, headers map[string]string) {
	t.Helper()
	status, headers, answer := w.ask(t, httpEvent("POST", "/credentials", bearer, body))
	if keys, ok := answer["credentials"].(map[string]any); ok {
		id = keys["tmpSecretId"].(string)
	}
	return status, id, headers
}

func oneFile(name string) string { return fmt.Sprintf(`{"filename":%q}`, name) }

// Of two logins side by side, one asks for a new key as often as it can. It is told to wait; the other notices nothing.
func TestAHostileLoginTakesNothingFromAnother(t *testing.T) {
	w := newWorld(t, nil)
	alice, mallory := newToken(t, nil), newToken(t, jwt.MapClaims{"sub": "mallory"})
	_, before, _ := w.keyID(t, alice, "")
	began := time.Now()
	var attack sync.WaitGroup
	var mu sync.Mutex
	given := 0
	for range 4 {
		attack.Go(func() {
			for i := range 300 {
				status, _, headers := w.keyID(t, mallory, oneFile(fmt.Sprint(i, ".jpg")))
				mu.Lock()
				if status == 200 {
					given++
				} else if status != 429 || headers["Retry-After"] == "" {
					t.Errorf("%d %v", status, headers)
				}
				mu.Unlock()
			}
		})
	}
	for i := range 20 {
		if status, _, _ := w.keyID(t, alice, oneFile(fmt.Sprint(i))); status != 200 {
			t.Errorf("a fresh key: %d", status)
		}
		if status, id, _ := w.keyID(t, alice, ""); status != 200 || id != before {
			t.Errorf("the cached key: %d %s, not %s", status, id, before)
		}
	}
	attack.Wait()
	if most := 61 + int(5*time.Since(began).Seconds()); given < 60 || given > most || given == 1200 {
		t.Errorf("mallory got %d keys, and may have %d", given, most)
	}
	if _, id, _ := w.keyID(t, alice, ""); id != before {
		t.Error("the cached key was pushed out")
	}
}

// Lives that differ by seconds are one life: a login that asks for all of them meets its own keys. (Under 225 s it is a
// minute, which COS clients take for over: such a key is never handed out again.)
func TestLivesMeetInTheCache(t *testing.T) {
	w := newWorld(t, map[string]string{"LOGIN_RATE": "off"})
	for seconds := 225; seconds <= 1800; seconds += 7 {
		if status, _, _ := w.keyID(t, newToken(t, nil), fmt.Sprintf(`{"durationSeconds":%d}`, seconds)); status != 200 {
			t.Fatal(status)
		}
	}
	if n := len(w.sts.Records()); n > 8 {
		t.Errorf("%d calls of STS", n)
	}
}

// COS's access log names the key of each request; the function's log says whose it was.
func TestTheLogNamesTheKey(t *testing.T) {
	w := newWorld(t, nil)
	for range 2 { // fresh, then cached
		w.log.Reset()
		_, id, _ := w.keyID(t, newToken(t, nil), "")
		if id == "" || strings.Count(w.log.String(), `"keyId":"`+id+`"`) != 1 {
			t.Errorf("%s in %s", id, w.log)
		}
	}
	w.log.Reset()
	if w.keyID(t, "x.y.z", ""); strings.Contains(w.log.String(), "keyId") {
		t.Errorf("a key that wasn't handed out: %s", w.log)
	}
}

func TestLoginRateIsChecked(t *testing.T) {
	for value, fine := range map[string]bool{
		"": true, "off": true, "1": true, "1000": true,
		"0": false, "1001": false, "-1": false, "+5": false, "05": false, " 5": false, "5 ": false, "5.5": false,
		"1e2": false, "٥": false, "99999999999999999999": false, "on": false, "Off": false,
	} {
		w := newWorld(t, map[string]string{"LOGIN_RATE": value})
		if w.broken == fine || !fine && !strings.Contains(w.log.String(), "LOGIN_RATE") {
			t.Errorf("%q: %s", value, w.log)
		}
	}
	for _, name := range []string{"STS_SECRET_ID", "STS_SECRET_KEY"} {
		for _, value := range []string{" AKID", "AKID\n"} {
			if w := newWorld(t, map[string]string{name: value}); !w.broken || !strings.Contains(w.log.String(), name) || strings.Contains(w.log.String(), "AKID") {
				t.Errorf("%s=%q: %s", name, value, w.log)
			}
		}
	}
}
