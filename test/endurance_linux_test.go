package test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cos-credentials/test/issuer"
	"cos-credentials/test/scf"
	"cos-credentials/test/sts"
)

// badDay is what goes wrong at STS in one of ten calls.
var badDay = []sts.Fault{
	{Reset: true}, {Cut: true}, {Status: 500, Body: "no"}, {Body: "<html>"}, {Code: "RequestLimitExceeded"},
	{Code: "InternalError"}, {Code: "UnauthorizedOperation"}, {Delay: sts.Duration(30 * time.Millisecond)},
}

// outcomes are the answers that such a day may bring.
var outcomes = map[string]bool{
	"200": true, "401 TokenInvalid": true, "400 InvalidRequest": true, "403 ScopeNotAllowed": true,
	"429 TooManyRequests": true, "500 Misconfigured": true, "502 StsFailed": true, "503 StsBusy": true,
}

// One instance answers 20,000 calls over eight connections while STS has a bad day: nobody gets another's key, no answer is
// none of the contract's, and nothing is left behind.
func TestEndurance(t *testing.T) {
	const calls, connections, users = 20_000, 8, 100
	service := &sts.STS{Keys: []sts.Key{sts.NewKey("1250000000")}}
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(1, 2))
	service.Play(func(sts.Record) *sts.Fault {
		mu.Lock()
		defer mu.Unlock()
		if random.IntN(10) > 0 {
			return nil
		}
		return &badDay[random.IntN(len(badDay))]
	})
	host, stop, err := service.Serve()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	secret := strings.Repeat("s", 32)
	f, err := scf.Start(t.Context(), binary, map[string]string{
		"COS_BUCKET": "examplebucket-1250000000", "COS_REGION": "ap-guangzhou", "JWT_SECRET": secret, "STS_HOST": host, "STS_SCHEME": "http",
		"STS_SECRET_ID": service.Keys[0].SecretID, "STS_SECRET_KEY": service.Keys[0].SecretKey, "LOG_LEVEL": "error",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Stop()
	tokens := make([]string, users)
	for i := range tokens {
		claims := issuer.Claims{"iss": "mini-program", "aud": "cos-credentials", "sub": fmt.Sprint("user-", i), "exp": time.Now().Add(time.Hour).Unix()}
		if tokens[i], err = issuer.Sign("HS256", []byte(secret), claims); err != nil {
			t.Fatal(err)
		}
	}

	seen := map[string]int{}
	load := func(calls int) {
		var all sync.WaitGroup
		for range connections {
			c := dial(t, f)
			all.Go(func() {
				defer c.Close()
				for range calls / connections {
					user := rand.IntN(users)
					answer := c.ask(t, anyEvent(tokens[user]))
					mu.Lock()
					seen[answer.what()]++
					mu.Unlock()
					if keys := answer.body.Credentials; keys.SessionToken != "" {
						grant, err := service.OpenToken(keys.SessionToken)
						if err != nil || !strings.Contains(grant.Policy, fmt.Sprintf("/users/user-%d/", user)) {
							t.Errorf("user-%d got %v, %s", user, err, grant.Policy)
						}
					}
				}
			})
		}
		all.Wait()
	}
	load(calls / 10)
	filesBefore, memoryBefore := openFiles(t, f), statusMiB(t, f, "VmRSS")
	load(calls - calls/10)
	files, memory, peak := openFiles(t, f), statusMiB(t, f, "VmRSS"), peakMiB(t, f)
	t.Logf("%v\nfiles %d then %d, memory %d then %d MiB, peak %d", seen, filesBefore, files, memoryBefore, memory, peak)
	for what := range seen {
		if !outcomes[what] {
			t.Errorf("%d answers %s", seen[what], what)
		}
	}
	if seen["200"] < calls/2 || files > filesBefore+2*connections || memory > memoryBefore+16 || peak >= 64 {
		t.Error("the function grows, or does not work")
	}
	syscall.Kill(f.PID(), syscall.SIGQUIT) // Go writes down every goroutine, and ends
	for range 1000 {
		if f.Exited() {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	goroutines := strings.Count(strings.Join(f.Log.Lines(), "\n"), "\ngoroutine ")
	if t.Logf("%d goroutines", goroutines); goroutines < 1 || goroutines > 16+4*connections {
		t.Errorf("%d goroutines are left", goroutines)
	}
}

// anyEvent is one of the requests that a login may send: mostly the usual one.
func anyEvent(token string) []byte {
	event := map[string]any{"httpMethod": "GET", "path": "/credentials", "headers": map[string]string{"authorization": "Bearer " + token}}
	body := ""
	switch rand.IntN(20) {
	case 0:
		body = `{"filename":"a.jpg"}`
	case 1:
		body = fmt.Sprintf(`{"durationSeconds":%d}`, 60+rand.IntN(1740))
	case 2:
		body = `{"durationSeconds":99999}`
	case 3:
		body = `{"what":1}`
	case 4:
		event["headers"] = map[string]string{"authorization": "Bearer " + token + "x"}
	}
	if body != "" {
		event["httpMethod"], event["body"] = "POST", body
	}
	text, _ := json.Marshal(event)
	return text
}

// openFiles counts a function's file descriptors.
func openFiles(t *testing.T, f *scf.Function) int {
	t.Helper()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", f.PID()))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}
