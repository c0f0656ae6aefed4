package smoke

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// opened is a user's key, as a client would use it.
type opened struct {
	*answer
	bucket *bucket
}

// keys gets one for each user, and asks for more than the login may have.
func (r *run) keys(ctx context.Context) error {
	for i, user := range r.Users {
		if user == nil {
			continue
		}
		wish := asked{method: "GET", path: "/credentials" + r.query(), token: user.Token}
		got, err := r.ask(ctx, wish)
		if err != nil {
			return err
		}
		if r.sealedOnly = got.Code == 40303; r.sealedOnly {
			if got, err = r.askSealed(ctx, wish); err != nil {
				return fmt.Errorf("the sealed answer can't be used: %w", err)
			}
		}
		want := r.own[i]
		what := fmt.Sprintf("User %d gets a key for %s and nothing else.", i+1, strings.Join(want.Prefixes, ", "))
		ok := got.status == 200 && got.Bucket == want.Bucket && got.Region == want.Region
		r.holds(ok && got.Credentials.TmpSecretKey != "" && slices.Equal(got.Prefixes, want.Prefixes), what,
			"%s for %s of %s (%s)", got.said(), strings.Join(got.Prefixes, ", "), got.Bucket, got.Region)
		if got.Credentials.TmpSecretKey == "" {
			return errors.New("without a key there is nothing to go on with: the function's log says why it refused")
		}
		r.holds(got.header.Get("Cache-Control") == "no-store", "Nothing on the way may keep it.", "Cache-Control is %q",
			got.header.Get("Cache-Control"))
		life := time.Until(time.Unix(got.ExpiredTime, 0))
		r.holds(life > 0 && life <= want.Duration+time.Minute, "It ends when access.yaml says.",
			"it lives %s, and %s are granted", life.Round(time.Second), want.Duration)
		r.opened[i] = &opened{got, r.newBucket(got)}
	}
	if r.opened[1] != nil {
		a, b := r.opened[0].Credentials, r.opened[1].Credentials
		r.holds(a.SessionToken != b.SessionToken && a.TmpSecretKey != b.TmpSecretKey, "Two users get two keys.",
			"both got the same")
	}
	if err := r.sealing(ctx); err != nil {
		return err
	}
	return r.greed(ctx)
}

func (r *run) query() string {
	if r.Grant == "" {
		return ""
	}
	return "?grant=" + r.Grant
}

// greed asks for what is the neighbour's, by each way there is to ask.
func (r *run) greed(ctx context.Context) error {
	key := r.neighbour() + "smoke.txt"
	item := map[string]string{
		"action": "name/cos:PutObject", "bucket": r.own[0].Bucket, "region": r.own[0].Region, "prefix": key,
	}
	scope, _ := json.Marshal([]any{item})
	item["prefix"] = "*"
	everything, _ := json.Marshal([]any{item})
	form, _ := json.Marshal(map[string]string{"key": key})
	for _, ask := range []struct{ what, path, body string }{
		{"a key for the neighbour's file", "/credentials", string(scope)},
		{"a key for the whole bucket", "/credentials", string(everything)},
		{"a form for the neighbour's file", "/post-policy", string(form)},
	} {
		got, err := r.post(ctx, ask.path+r.query(), ask.body)
		if err != nil {
			return err
		}
		r.holds(got.status == 403 && got.Credentials.TmpSecretKey == "" && got.Code != 0,
			"Who asks for "+ask.what+" gets nothing.", "%s", got.said())
	}
	return nil
}

// neighbour is the folder next door: the second user's, or one whose name begins like the first user's.
func (r *run) neighbour() string {
	if r.own[1] != nil {
		return folder(r.own[1].Prefixes[0])
	}
	return strings.TrimSuffix(folder(r.own[0].Prefixes[0]), "/") + "0/"
}

// folder is a prefix without its *.
func folder(prefix string) string { return strings.TrimSuffix(prefix, "*") }
