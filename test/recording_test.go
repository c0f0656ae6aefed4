package test

import (
	"encoding/json"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// recording is all that the function returned: what the platform's log holds.
type recording struct {
	mu  sync.Mutex
	all []string
}

func (r *recording) add(returned []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, string(returned))
}

func (r *recording) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.all, "\n")
}

// nothingInClear holds the recording to what a reader of the log may see: of a good answer that it is sealed, and nowhere a
// key, its id, a token, a prefix or a user.
func (c *localCloud) nothingInClear(t *testing.T) {
	t.Helper()
	sealed := 0
	for _, returned := range c.returned.all {
		var answer struct {
			StatusCode int
			Body       string
		}
		if err := json.Unmarshal([]byte(returned), &answer); err != nil {
			t.Fatalf("%v: %s", err, returned)
		}
		if answer.StatusCode == 200 {
			sealed++
			var body map[string]string
			if err := json.Unmarshal([]byte(answer.Body), &body); err != nil || len(body) != 2 || body["sealed"] == "" || body["requestId"] == "" {
				t.Errorf("an answer is not sealed: %s", answer.Body)
			}
		}
	}
	if sealed < 5 {
		t.Errorf("only %d answers were sealed: the script did less than it says", sealed)
	}
	secrets := map[string]bool{"users/": true, "alice": true, "bob": true, "ecretKey": true, "ecretId": true, "ssionToken": true, "eyJ": true}
	for _, r := range c.COS.Records() {
		if r.SecretID != "" {
			secrets[r.SecretID] = true
		}
	}
	for _, returned := range c.returned.all {
		for secret := range secrets {
			if strings.Contains(sealedText.ReplaceAllString(returned, ""), secret) {
				t.Fatalf("the log would show %s: %.500s", secret, returned)
			}
		}
	}
}

// sealedText is random letters, any short word may be among them.
var sealedText = regexp.MustCompile(`\\"sealed\\":\\"[\w-]+\\"`)
