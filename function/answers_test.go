package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"cos-credentials/function/credential"
	"cos-credentials/function/request"
	"cos-credentials/policy"
)

// A row of the table that lacks anything, or takes another's place, fails here.
func TestAnswerKindsAreWhole(t *testing.T) {
	w := newWorld(t, nil)
	seen := map[string]string{}
	_, _, notFound := w.ask(t, httpEvent("GET", "/nowhere", "", ""))
	for _, kind := range answerKinds {
		row := reflect.ValueOf(kind)
		for i := range row.NumField() {
			if field := row.Field(i); field.Kind() != reflect.Bool && field.IsZero() || field.Kind() == reflect.Slice && field.Len() == 0 {
				t.Errorf("%s: no %s", kind.name, row.Type().Field(i).Name)
			}
		}
		if message, place := notFound["message"].(string), "/"+kind.paths[0]+" for "+kind.name; !strings.Contains(message, place) {
			t.Errorf("who asks elsewhere is not told of %s: %s", place, message)
		}
		_, preflight, _ := w.ask(t, httpEvent("OPTIONS", "/"+kind.paths[0], "", ""))
		for _, method := range kind.methods {
			if may := preflight["Access-Control-Allow-Methods"]; !strings.Contains(may, method) {
				t.Errorf("%s: pages may send %s, and %s is answered", kind.name, may, method)
			}
		}
		for _, path := range kind.paths {
			if before, there := seen[path]; there {
				t.Errorf("/%s is for %s and for %s", path, before, kind.name)
			}
			seen[path] = kind.name
			for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "get"} {
				status, headers, body := w.ask(t, httpEvent(method, "/"+path, "", ""))
				want := 405
				if slices.Contains(kind.methods, method) {
					want = 401
				}
				if status != want || (headers["Allow"] == strings.Join(kind.methods, ", ")+", OPTIONS") != (want == 405) {
					t.Errorf("%s /%s: %d %v %v", method, path, status, headers, body)
				}
			}
		}

		now := time.Now()
		key := credential.Credential{SecretID: "id", SecretKey: "the-secret", Token: "t", Issued: now, Expires: now.Add(time.Hour)}
		narrowed := request.Narrowed{Entitlement: &policy.Entitlement{Bucket: "b-1", Prefixes: []string{"a/*"}}, Key: "a/b"}
		narrowed.Downloads = request.Downloads{Keys: []string{"a/b"}, Life: 24 * time.Hour}
		text, err := json.Marshal(kind.write(answerParts{"the-request", narrowed, key, time.Time{}}))
		if strings.Contains(string(text), key.SecretKey) == kind.keyless {
			t.Errorf("%s: keyless is %v, and the answer is %s", kind.name, kind.keyless, text)
		}
		var written map[string]any
		if err != nil || json.Unmarshal(text, &written) != nil || written["requestId"] != "the-request" ||
			written["startTime"] != float64(now.Unix()-60) || written["expiredTime"] != float64(now.Unix()+3600) {
			t.Errorf("%s: %s, %v", kind.name, text, err)
		}
	}
}
