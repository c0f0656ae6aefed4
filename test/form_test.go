package test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cos-credentials/test/replay"
)

// A form takes the file that was asked for and no other: not under another key, of another type or larger than the grant
// has it.
func TestFormTakesWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	takes := map[string]struct { // by grant of events/access/app.yaml
		folder   string
		maxBytes int // 0 for no limit
		types    []string
	}{
		"own-files": {"users/alice/", 0, nil},
		"pictures":  {"pictures/alice/", 10485760, []string{"image/*"}},
		"stories":   {"stories/alice/", 0, []string{"image/png", "video/*"}},
	}
	var signed, refused int
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom([]string{"own-files", "pictures", "stories"}).Draw(rt, "grant")
		grant := takes[name]
		asked := map[string]any{"grant": name}
		key := ""
		if rapid.Bool().Draw(rt, "by key") {
			key = grant.folder + rapid.StringMatching(`[a-c/é "&<]{1,6}`).Draw(rt, "key")
			asked["key"] = key
		} else {
			asked["filename"] = strings.ReplaceAll(rapid.StringN(1, 20, 60).Draw(rt, "filename"), "\uFFFD", "x") // which strict JSON refuses
		}
		kind := rapid.SampledFrom([]string{"", "image/png", "image/svg+xml", "video/mp4", "text/html", "text/plain; charset=utf-8", "IMAGE/PNG", "image/*"}).Draw(rt, "type")
		if kind != "" {
			asked["contentType"] = kind
		}
		matches := func(pattern string) bool {
			begin, open := strings.CutSuffix(pattern, "*")
			return kind == pattern || open && strings.HasPrefix(kind, begin)
		}
		mayHave := !strings.Contains(key, "//") && kind != "image/*" // the one is no key, the other no type
		if kind == "" {
			mayHave = mayHave && len(grant.types) < 2
		} else {
			mayHave = mayHave && (grant.types == nil || slices.ContainsFunc(grant.types, matches))
		}
		status, form := askForm(rt, t, r, asked)
		if (status == 200) != mayHave {
			rt.Fatalf("%d for %v", status, asked)
		}
		if status != 200 {
			refused++
			return
		}
		signed++
		if key == "" {
			key = form["key"].(string)
		}
		policy := formPolicy(rt, form)
		good := map[string]string{
			"bucket": "examplebucket-1250000000", "key": key, "Content-Type": kind,
			"q-sign-algorithm": "sha1", "q-ak": form["qAk"].(string), "q-sign-time": form["qKeyTime"].(string),
		}
		if kind == "" {
			good["Content-Type"] = "image/png" // which every grant that doesn't want one named takes
		}
		if !accepts(policy, good, 1) || !accepts(policy, good, grant.maxBytes) {
			rt.Fatalf("%v doesn't take what was asked for: %+v", policy, good)
		}
		// One thing is changed: the form must not take it any more, unless nobody said what it had to be.
		fields, size := map[string]string{}, 1
		for k, v := range good {
			fields[k] = v
		}
		may := false
		change := rapid.SampledFrom([]string{"key", "size", "Content-Type", "bucket", "q-ak", "q-sign-time"}).Draw(rt, "change")
		switch change {
		case "size":
			size = rapid.SampledFrom([]int{10485761, 1 << 40}).Draw(rt, "size")
			may = grant.maxBytes == 0
		case "Content-Type":
			fields[change] = rapid.SampledFrom([]string{"text/html", "image", "image/gif", "", good[change] + ";x", "application/image/"}).Draw(rt, "another type")
			may = kind == "" && (grant.types == nil || strings.HasPrefix(fields[change], "image/"))
		case "key":
			fields[change] = rapid.SampledFrom([]string{key + "x", key[:len(key)-1], "/" + key, grant.folder + "${filename}", "users/bob/a", strings.ToUpper(key), ""}).Draw(rt, "another key")
		default:
			fields[change] += "0"
		}
		if change != "size" && fields[change] == good[change] {
			return // nothing was changed
		}
		if accepts(policy, fields, size) != may {
			rt.Fatalf("%v takes %+v of %d bytes: %v, and should: %v", policy, fields, size, !may, may)
		}
	})
	t.Logf("%d forms, %d refused", signed, refused)
	if signed+refused >= 100 && (signed < 20 || refused < 10) {
		t.Error("the generators draw too little of something: the property was hardly tested")
	}
}

func askForm(rt *rapid.T, t *testing.T, r *replay.Runner, asked map[string]any) (status int, form map[string]any) {
	c, err := replay.Load("../events/ok-form.json") // for its access file
	if err != nil {
		rt.Fatal(err)
	}
	event := map[string]any{
		"httpMethod": "POST", "path": "/post-policy", "headers": map[string]string{"authorization": "Bearer ${TOKEN}"}, "queryString": map[string]string{},
		"body": base64.StdEncoding.EncodeToString([]byte(asJSON(asked))), "isBase64Encoded": true,
	}
	c.Event, c.Answer = []byte(asJSON(event)), nil
	o, err := r.Run(t.Context(), c)
	if err != nil {
		rt.Fatal(err)
	}
	for _, d := range o.Differences {
		rt.Fatalf("%s: want %s, got %s", d.What, d.Want, d.Got)
	}
	var answer struct{ Body string }
	if err := json.Unmarshal(o.Response, &answer); err != nil {
		rt.Fatal(err)
	}
	if err := json.Unmarshal([]byte(answer.Body), &form); err != nil {
		rt.Fatal(err)
	}
	return o.Status, form
}

func formPolicy(rt *rapid.T, form map[string]any) (conditions []any) {
	text, err := base64.StdEncoding.DecodeString(form["policy"].(string))
	if err != nil {
		rt.Fatal(err)
	}
	var policy struct{ Conditions []any }
	if err := json.Unmarshal(text, &policy); err != nil {
		rt.Fatal(err)
	}
	return policy.Conditions
}

// accepts reads a form policy as COS does: every condition must hold.
// https://cloud.tencent.com/document/product/436/14690
func accepts(conditions []any, fields map[string]string, size int) bool {
	for _, c := range conditions {
		switch c := c.(type) {
		case map[string]any:
			for name, want := range c {
				if got, ok := fields[name]; !ok || got != want {
					return false
				}
			}
		case []any:
			switch {
			case c[0] == "content-length-range":
				if float64(size) < c[1].(float64) || float64(size) > c[2].(float64) {
					return false
				}
			case c[0] == "starts-with":
				if got, ok := fields[strings.TrimPrefix(c[1].(string), "$")]; !ok || !strings.HasPrefix(got, c[2].(string)) {
					return false
				}
			default:
				panic(fmt.Sprint("a condition that COS doesn't know: ", c))
			}
		}
	}
	return true
}
