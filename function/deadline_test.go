package main

import (
	"context"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"cos-credentials/test/sts"
)

// The numbers are those that users may rely on: 200 ms before an invocation ends it is answered, and within 10 s where
// the platform doesn't say when it ends.
func TestInTime(t *testing.T) {
	const before, most = 200 * time.Millisecond, 10 * time.Second
	soon := time.Now().Add(3 * time.Second)
	given, cancel := context.WithDeadline(t.Context(), soon)
	defer cancel()
	none, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0)) // as the runtime library makes it of none
	defer cancel()
	for name, invocation := range map[string]context.Context{"the platform's": given, "none": t.Context(), "1970": none} {
		earliest := time.Now().Add(most - before)
		ctx, cancel := inTime(invocation)
		latest := time.Now().Add(most - before)
		if invocation == given {
			earliest, latest = soon.Add(-before), soon.Add(-before)
		}
		if at, ok := ctx.Deadline(); !ok || at.Before(earliest) || at.After(latest) || ctx.Err() != nil {
			t.Errorf("%s: %v, want %v to %v; %v", name, at, earliest, latest, ctx.Err())
		}
		cancel()
	}
}

// Whatever hangs, the answer comes while there is time to send it.
func TestAnswersComeInTime(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts, by its backlog, and never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() }) // after the parallel tests
	keys := strings.Replace(accessFile, "secret: ${JWT_SECRET}", "jwksUri: http://"+silent.Addr().String()+"/jwks.json", 1)
	rs256 := strings.NewReplacer("HS256", "RS256").Replace(`{"alg":"HS256","kid":"1"}`)
	token := encoded(rs256) + "." + strings.Split(newToken(t, nil), ".")[1] + "." + encoded("signature")
	for name, c := range map[string]struct {
		env   map[string]string
		token string
		want  float64
	}{
		"a hung STS":            {nil, newToken(t, nil), 50400},
		"a hung STS, no cache":  {map[string]string{"STS_CACHE": "off"}, newToken(t, nil), 50400},
		"a hung key set":        {map[string]string{"ACCESS_YAML": keys}, token, 50300},
		"an STS without answer": {map[string]string{"STS_HOST": silent.Addr().String()}, newToken(t, nil), 50400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.env)
			w.sts.Play(func(sts.Record) *sts.Fault { return &sts.Fault{Hang: true} })
			payload, _ := json.Marshal(httpEvent("GET", "/credentials", c.token, ""))
			ctx, cancel := context.WithTimeout(context.Background(), 1500*time.Millisecond)
			defer cancel()
			answer := w.serve(ctx, "req-1", payload)
			late := ctx.Err()
			text, _ := json.Marshal(answer.Body)
			var body struct{ Code float64 }
			json.Unmarshal(text, &body)
			if late != nil || body.Code != c.want {
				t.Errorf("%v, %s\n%s", late, text, w.log)
			}
		})
	}
}

// An invocation of which the platform doesn't say when it ends is answered like any other.
func TestNoDeadline(t *testing.T) {
	w := newWorld(t, nil)
	payload, _ := json.Marshal(httpEvent("GET", "/credentials", newToken(t, nil), ""))
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	if answer := w.serve(ctx, "req-1", payload); answer.Status != 200 {
		t.Errorf("%+v\n%s", answer, w.log)
	}
}
