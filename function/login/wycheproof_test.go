package login

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const wycheproof = "github.com/C2SP/wycheproof@v0.0.0-20250901140545-b51abcfb8daf"

// vectors returns the folder of Wycheproof's test vectors. They are not part of this module; the go command gets them.
func vectors(t *testing.T) string {
	t.Helper()
	command := exec.Command("go", "mod", "download", "-json", wycheproof)
	command.Dir = t.TempDir() // outside of this module, whose go.sum is none of a test's business
	output, err := command.Output()
	var module struct{ Dir, Error string }
	if err == nil {
		err = json.Unmarshal(output, &module)
	}
	if err != nil || module.Dir == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s can't be downloaded: %v %s", wycheproof, err, module.Error)
		}
		t.Skipf("%s can't be downloaded; offline?", wycheproof)
	}
	return filepath.Join(module.Dir, "testvectors_v1")
}

// TestWycheproof checks what precedes the claims with Project Wycheproof's vectors: no invalid signature or key is accepted, and
// every valid one is, but for these.
func TestWycheproof(t *testing.T) {
	folder := vectors(t)
	const empty = "invalid: an empty payload can be signed, but holds no claims"
	for file, c := range map[string]struct {
		exceptions map[int]string // "valid" or "invalid", and why it isn't what the vector says
		valid      int            // how many must be accepted, so that refusing everything fails
	}{
		"json_web_signature_test.json": {map[int]string{
			367: "valid: the bytes of 357, which is marked valid",
			370: "valid: the bytes of 357, which is marked valid",
			372: "invalid: holds a question mark, which base64url doesn't know",
			373: "invalid: holds a question mark, which base64url doesn't know",
			346: "invalid: PS384, with a key whose alg is PS256",
			350: "invalid: PS384, with a key whose alg is PS256",
			347: "invalid: no alg is called ES521",
			351: "invalid: no alg is called ES521",
			259: empty, 264: empty, 268: empty, 272: empty, 320: empty, 325: empty,
		}, 36},
		"json_web_key_test.json": {map[int]string{
			2: "invalid: a set of secrets; here a secret is one, from the configuration",
		}, 4},
		"json_web_crypto_test.json": {map[int]string{
			48: "invalid: a set of secrets; here a secret is one, from the configuration",
		}, 3},
	} {
		var vectors struct {
			TestGroups []struct {
				Public, Private map[string]any
				Tests           []struct {
					TcID    int
					Comment string
					JWS     any
					Result  string
				}
			}
		}
		readJSON(t, filepath.Join(folder, file), &vectors)
		valid := 0
		for _, group := range vectors.TestGroups {
			set := group.Public
			if set == nil { // symmetric
				set = group.Private
			}
			keys := []map[string]any{set}
			if members, ok := set["keys"].([]any); ok {
				keys = nil
				for _, member := range members {
					keys = append(keys, member.(map[string]any))
				}
			}
			for _, test := range group.Tests {
				if test.JWS == nil { // a JWE
					continue
				}
				token, compact := test.JWS.(string)
				if !compact {
					token = string(must(json.Marshal(test.JWS)))
				}
				want := test.Result == "valid"
				why, exception := c.exceptions[test.TcID]
				if exception {
					want = why[:5] == "valid"
				}
				err := verifyJWS(token, keys...)
				if (err == nil) != want {
					t.Errorf("%s %d (%s): %v, marked %s %s", file, test.TcID, test.Comment, err, test.Result, why)
				}
				if exception && want == (test.Result == "valid") {
					t.Errorf("%s %d: no longer an exception", file, test.TcID)
				}
				if err == nil {
					valid++
				}
			}
		}
		if valid < c.valid {
			t.Errorf("%s: %d accepted, want %d", file, valid, c.valid)
		}
	}
}
